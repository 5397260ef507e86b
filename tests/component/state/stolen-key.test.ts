import { afterEach, expect, test, vi } from 'vitest';
import { Notices } from '../../../dashboard/src/lib/state/notices.svelte.ts';
import { StolenKeyState } from '../../../dashboard/src/lib/state/stolen-key.svelte.ts';

const persona = { name: 'Asha', mobile: '98', password: 'monsoon-42' };

/** Each call is answered when the test says so. */
function holding() {
  const answers: ((body: unknown, status?: number) => void)[] = [];
  const asked: string[] = [];
  vi.stubGlobal('fetch', (_path: string, { body }: { body: string }) => {
    asked.push((JSON.parse(body) as { host: string }).host);
    return new Promise<Response>((resolve) =>
      answers.push((answer, status = 200) => {
        resolve(Response.json(answer, { status }));
      }),
    );
  });
  const hosts = () => asked;
  return { answers, hosts };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

const loggedIn = { https: { ok: true, status: 200, requests: 3 } };

test('logs in at the one host, then at the other', async () => {
  const { answers, hosts } = holding();
  const state = new StolenKeyState(new Notices());
  const recorded = state.record(persona);
  await expect.poll(hosts).toHaveLength(1);
  answers[0]?.(loggedIn);
  await expect.poll(hosts).toEqual(['static-rsa.test', 'piggypay.test']);
  expect(state.isRecording).toBe(true);
  answers[1]?.(loggedIn);
  await recorded;
  expect(state.isRecording).toBe(false);
});

test('says why nothing was recorded, and goes no further', async () => {
  const { answers, hosts } = holding();
  const notices = new Notices();
  const state = new StolenKeyState(notices);
  const recorded = state.record(persona);
  answers[0]?.({ https: { ok: false, error: { code: 'ECONNRESET', message: 'It hung up.' }, requests: 1 } });
  await recorded;
  expect(hosts()).toHaveLength(1);
  expect(notices.shown.map(({ why }) => why)).toEqual(['It hung up.']);
});

test('a reset that cuts it short is no news to whoever reset', async () => {
  const { answers, hosts } = holding();
  const notices = new Notices();
  const state = new StolenKeyState(notices);
  const recorded = state.record(persona);
  state.clear();
  answers[0]?.({ error: { code: 'reset', message: 'The lab was reset.', hint: 'Again.' } }, 409);
  await recorded;
  expect(notices.shown).toEqual([]);
  expect(hosts()).toHaveLength(1);
  expect(state.isRecording).toBe(false);
});
