import { beforeAll, beforeEach, expect, test } from 'vitest';
import { selfSignLeaf } from '../../../certs/signing.ts';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import type { Arming } from '../../../proxy/attacks/attack.ts';
import { armImpersonation } from '../../../proxy/attacks/impersonate-armed.ts';
import type { Impostor, Standing } from '../../../proxy/attacks/impostor.ts';
import { Watch } from '../../../proxy/attacks/watch.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

let certificate: string;
beforeAll(async () => {
  certificate = (await selfSignLeaf(['piggypay.test'])).certificatePem;
});

/** What was begun and ended, in order. */
let told: string[];
let ended: AbortController;
beforeEach(() => {
  told = [];
  ended = new AbortController();
});

/** Arms it with trust, where the stranger's places end like this. */
function arm(end: (lane: string) => Promise<void>): Promise<() => Promise<void>> {
  const log = new CaptureLog();
  log.begin({ routes: [] });
  const impostor = {
    siteCertificate: certificate,
    trust: () => Promise.resolve({ pem: 'the stranger’s CA' }),
    cut: () => undefined,
    begin({ lane }: { lane: string }): Promise<Standing> {
      told.push(`${lane} begins`);
      return Promise.resolve({
        certificate,
        end() {
          told.push(`${lane} ends`);
          return end(lane);
        },
      });
    },
  };
  const arming = {
    ...{ under: 'trust', watch: new Watch(log), signal: ended.signal },
    ...{ judge: () => undefined, failed: () => undefined },
    lab: {
      ...{ log, persona: PERSONA, books: { transfers: () => [], sessions: () => [] } },
      demoBrowser: {
        isRunning: () => true,
        trustToo(pem = 'nobody more') {
          told.push(`the browser trusts ${pem}`);
          return Promise.resolve();
        },
      },
    },
  };
  return armImpersonation(impostor as unknown as Impostor, arming as unknown as Arming);
}

const begun = ['http begins', 'https begins', 'the browser trusts the stranger’s CA'];

test('disarmed, nobody is led away any more though one place takes its time; then the trust goes', async () => {
  let go: () => void = () => undefined;
  const slowly = new Promise<void>((resolve) => (go = resolve));
  const end = await arm((lane) => (lane === 'http' ? slowly : Promise.resolve()));
  const over = end();
  expect(told).toEqual([...begun, 'http ends', 'https ends']);
  go();
  await over;
  expect(told.at(-1)).toBe('the browser trusts nobody more');
  await end();
  expect(told).toHaveLength(6);
});

test('what goes wrong at one end leaves neither the other nor the trust behind', async () => {
  const end = await arm((lane) => (lane === 'http' ? Promise.reject(new Error('stuck')) : Promise.resolve()));
  await expect(end()).rejects.toThrow('stuck');
  expect(told).toEqual([...begun, 'http ends', 'https ends', 'the browser trusts nobody more']);
});
