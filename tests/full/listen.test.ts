import type { AttackInfo, AttackVerdict, BrowserStatus, RequestHandled } from '#contract';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { driveDemoBrowser, startLabWithHeadlessBrowser } from '../support/demo-browser.ts';
import type { LabProcess } from '../support/lab-process.ts';

/** What a word may take to come, on a machine that has other things to do. */
const PATIENCE = { timeout: 30_000 };

let lab: LabProcess;
let victim: Browser;

beforeAll(async () => {
  lab = await startLabWithHeadlessBrowser(['--proxy-port', '0']);
  const { body } = await lab.call('POST', '/api/browser/open');
  expect((body as BrowserStatus).running).toBe(true);
  victim = await driveDemoBrowser(lab);
});
afterAll(async () => {
  await victim.close();
  await lab.stop();
});
afterEach(() => lab.call('POST', '/api/attacks/listen/disarm', {}));

async function newPage(): Promise<Page> {
  const page = await victim.contexts()[0]?.newPage();
  if (!page) throw new Error('the demo browser has no window');
  return page;
}

async function newest(): Promise<AttackVerdict | undefined> {
  const { body } = await lab.call('GET', '/api/attacks');
  return (body as { attacks: readonly AttackInfo[] }).attacks.find(({ id }) => id === 'listen')?.whileArmed
    .https;
}

/** The path of the request that the verdict rests on, by the site's own word. */
async function toldBySite(verdict: AttackVerdict | undefined): Promise<string | undefined> {
  const events = await lab.events();
  return events.find(
    (event): event is RequestHandled =>
      event.type === 'request-handled' && verdict?.evidence.includes(event.seq) === true,
  )?.path;
}

test('armed, it tells each page that a person opens in a real browser, and the site confirms it', async () => {
  expect(await lab.call('POST', '/api/attacks/listen/arm', {})).toMatchObject({ status: 200 });
  const page = await newPage();
  await page.goto('https://piggypay.test/');
  const opened: (readonly [title: string, path: string])[] = [['Start page', '/']];
  const isTold = async () => {
    const [title, path] = opened.at(-1) ?? ['', ''];
    await vi.waitFor(async () => {
      const verdict = await newest();
      expect(verdict?.riddle?.answer.page).toBe(title);
      expect(await toldBySite(verdict)).toBe(path);
      expect(verdict?.outcome).toBe('succeeded');
      expect(verdict?.riddle?.guessed.page).toBe(title);
    }, PATIENCE);
  };
  await isTold();
  for (const title of ['I cannot pay', 'Fees and limits', 'Report a lost phone']) {
    await page.getByRole('navigation').getByRole('link', { name: title }).click();
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    opened.push([title, new URL(page.url()).pathname]);
    await isTold();
    await page.getByRole('link', { name: 'Back to the start page' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    opened.push(['Start page', '/']);
    await isTold();
  }
  await page.close();
});

test('armed while the site pads, it can tell none of them', async () => {
  expect(await lab.call('POST', '/api/attacks/listen/arm', { padding: true })).toMatchObject({ status: 200 });
  const page = await newPage();
  await page.goto('https://piggypay.test/cannot-pay');
  await page.getByRole('heading', { level: 1, name: 'I cannot pay' }).waitFor();
  await vi.waitFor(async () => {
    const verdict = await newest();
    expect(verdict?.riddle?.answer.page).toBe('I cannot pay');
    expect(verdict?.outcome).toBe('no effect');
    expect(verdict?.riddle?.candidates.length).toBeGreaterThan(5);
  }, PATIENCE);
  expect(await lab.call('POST', '/api/attacks/listen/disarm', {})).toMatchObject({ status: 200 });
  const { headers } = await new Promise<Response>((resolve, reject) => {
    const listen = lab.lab.routes.find(({ name, port }) => name === 'piggypay.test' && port === 80)?.listen;
    fetch(`http://127.0.0.1:${listen ?? 0}/cannot-pay`).then(resolve, reject);
  });
  expect(Number(headers.get('content-length')) % 8192).not.toBe(0);
  await page.close();
});
