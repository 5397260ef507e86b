import type { AttackInfo, BrowserStatus } from '#contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import type { LabProcess } from '../support/lab-process.ts';

let lab: LabProcess;

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser();
  const { body } = await lab.call('POST', '/api/browser/open');
  expect((body as BrowserStatus).running).toBe(true);
});
afterAll(() => lab.stop());

async function downgrade(): Promise<AttackInfo | undefined> {
  const { attacks } = (await lab.call('GET', '/api/attacks')).body as { attacks: readonly AttackInfo[] };
  return attacks.find(({ id }) => id === 'downgrade');
}

test('a browser whose ClientHello is edited notices, tries again, and gives up with its own error', async () => {
  await lab.call('POST', '/api/attacks/downgrade/arm', {});
  const browser = await driveDemoBrowser(lab);
  try {
    const page = await browser.contexts()[0]?.newPage();
    await expect(page?.goto('https://piggypay.test/help')).rejects.toThrow('ERR_TLS13_DOWNGRADE_DETECTED');
  } finally {
    await browser.close();
  }
  await expect.poll(async () => (await downgrade())?.whileArmed.https?.outcome).toBe('refused');
  // One navigation, and more than one connection for it.
  const connections = async () => (await downgrade())?.whileArmed.https?.connections.length ?? 0;
  await expect.poll(connections).toBeGreaterThan(1);
  expect((await downgrade())?.whileArmed.https?.siteHandled).toBe(0);
});
