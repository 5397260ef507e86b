import { afterEach, expect, test, vi } from 'vitest';
import { LabState } from '../../../dashboard/src/lib/state/lab.svelte.ts';
import { Notices } from '../../../dashboard/src/lib/state/notices.svelte.ts';

function answering(status: number, body: unknown) {
  const fetched = vi.fn(() => Promise.resolve(Response.json(body, { status })));
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test('logs the victim in on both sites with one request, and keeps what the victim tells', async () => {
  const answer = {
    http: { ok: true, status: 200, requests: 3 },
    https: { ok: true, status: 200, requests: 3 },
  };
  const fetched = answering(200, answer);
  const lab = new LabState(new Notices());
  await lab.logIn('9800000012', 'monsoon-42', 'doh');
  expect(fetched).toHaveBeenCalledExactlyOnceWith(
    '/api/victim/login',
    expect.objectContaining({
      method: 'POST',
      body: JSON.stringify({ mobile: '9800000012', password: 'monsoon-42', site: 'both', resolve: 'doh' }),
    }),
  );
  expect(lab.answer).toEqual(answer);
  expect(lab.isLoggingIn).toBe(false);
});

test('does not log in a second time while the first is under way', async () => {
  const fetched = answering(200, {});
  const lab = new LabState(new Notices());
  await Promise.all([lab.logIn('1', '2', 'dns'), lab.logIn('1', '2', 'dns')]);
  expect(fetched).toHaveBeenCalledOnce();
});

test('says a line in the support chat of both sites, and keeps the answers until a reset', async () => {
  const answer = { http: { ok: true, reply: 'Hello!' }, https: { ok: true, reply: 'Hello!' } };
  const fetched = answering(200, answer);
  const lab = new LabState(new Notices());
  await Promise.all([lab.say('Hi'), lab.say('Hi')]);
  expect(fetched).toHaveBeenCalledExactlyOnceWith(
    '/api/victim/chat',
    expect.objectContaining({ method: 'POST', body: JSON.stringify({ text: 'Hi', site: 'both' }) }),
  );
  expect(lab.chatAnswer).toEqual(answer);
  expect(lab.isChatting).toBe(false);
  await lab.reset();
  expect(lab.chatAnswer).toBeUndefined();
});

test('turns a refusal into a notice in the words of the server', async () => {
  answering(409, {
    error: { code: 'no-browser', message: 'None was found.', hint: 'Name one with --browser.' },
  });
  const notices = new Notices();
  await new LabState(notices).openBrowser();
  expect(notices.shown).toMatchObject([
    { what: 'The demo browser did not open', why: 'None was found.', todo: 'Name one with --browser.' },
  ]);
});

test('says what to do when no answer comes, or none that can be read', async () => {
  const notices = new Notices();
  const lab = new LabState(notices);
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  await lab.reset();
  answering(502, 'Bad gateway');
  await lab.closeBrowser();
  expect(notices.shown).toMatchObject([
    { what: 'The lab was not reset', todo: 'Is plainsight still running in its terminal?' },
    { what: 'The demo browser did not close', why: 'It answered 502.' },
  ]);
  expect(lab.isResetting).toBe(false);
});

test('forgets what the victim told after a reset', async () => {
  answering(200, { http: { ok: true, status: 200, requests: 3 } });
  const lab = new LabState(new Notices());
  await lab.logIn('1', '2', 'dns');
  answering(200, { epoch: 2 });
  await lab.reset();
  expect(lab.answer).toBeUndefined();
});

test('an answer that is read late does not undo what the lab has told of its browser since', async () => {
  let answer: (response: Response) => void = () => undefined;
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (answer = resolve)));
  const lab = new LabState(new Notices());
  const running = { running: true };
  const opening = lab.openBrowser();
  answer(Response.json(running));
  await opening;
  expect(lab.browser).toEqual(running);
  const asked = lab.openBrowser();
  // Opened, and closed by hand at once.
  lab.browser = { running: false };
  answer(Response.json(running));
  await asked;
  expect(lab.browser).toEqual({ running: false });
});
