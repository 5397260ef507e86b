import { afterEach, expect, test, vi } from 'vitest';
import type { Stepping } from '#contract';
import { Notices } from '../../../dashboard/src/lib/state/notices.svelte.ts';
import { SteppingState } from '../../../dashboard/src/lib/state/stepping.svelte.ts';

const nothingHeld: Stepping = { mode: 'step', lanes: { http: 'step', https: 'step' }, held: [] };
const serverHello: Stepping = {
  ...nothingHeld,
  held: [
    {
      ...{ connection: 1, direction: 'server-to-client', lane: 'https', offset: 0, bytes: 127 },
      ...{ complete: true, unit: 'ServerHello, 127 B, site → victim' },
    },
  ],
};

afterEach(() => {
  vi.unstubAllGlobals();
});

test('an answer that is read late does not undo what the lab has told since', async () => {
  let answer: (response: Response) => void = () => undefined;
  const fetched = vi.fn(() => new Promise<Response>((resolve) => (answer = resolve)));
  vi.stubGlobal('fetch', fetched);
  const stepping = new SteppingState(new Notices());
  stepping.told = nothingHeld;
  const asked = stepping.next('https');
  expect(fetched).toHaveBeenCalledExactlyOnceWith(
    '/api/stepping/next',
    expect.objectContaining({ method: 'POST', body: '{"lane":"https"}' }),
  );
  // The site's answer to the unit came before the lab's to the call.
  stepping.told = serverHello;
  answer(Response.json(nothingHeld));
  await asked;
  expect(stepping.told).toEqual(serverHello);
});

test('turns a refusal into a notice in the words of the lab, and forgets it at the next try', async () => {
  const error = { code: 'not-stepping', message: 'Nothing is held: all is live.', hint: 'Step first.' };
  const answers = [Response.json({ error }, { status: 409 }), Response.json(nothingHeld)];
  vi.stubGlobal('fetch', () => Promise.resolve(answers.shift()));
  const notices = new Notices();
  const stepping = new SteppingState(notices);
  await stepping.next();
  expect(notices.shown).toMatchObject([{ why: error.message, todo: error.hint }]);
  await stepping.next();
  expect(notices.shown).toEqual([]);
});
