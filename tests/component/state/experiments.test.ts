import type { ExperimentRun } from '#contract';
import { afterEach, expect, test, vi } from 'vitest';
import { ExperimentsState } from '../../../dashboard/src/lib/state/experiments.svelte.ts';
import { Notices } from '../../../dashboard/src/lib/state/notices.svelte.ts';

function answering(status: number, body: unknown) {
  const fetched = vi.fn(() => Promise.resolve(Response.json(body, { status })));
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

/** Asked, and not answered until the test does. */
function holding() {
  let answer: (body: unknown) => void = () => undefined;
  const fetched = vi.fn(
    () => new Promise<Response>((resolve) => (answer = (body) => resolve(Response.json(body)))),
  );
  vi.stubGlobal('fetch', fetched);
  return { fetched, answer: (body: unknown) => answer(body) };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

const race: ExperimentRun = { id: 'race', outcome: 'A tie.', measures: { laps: 2 }, events: [] };

test('knows which experiments there are', async () => {
  const list = [{ id: 'race', title: 'A race', about: 'Who is faster.', seconds: 3 }];
  answering(200, { experiments: list });
  const state = new ExperimentsState(new Notices());
  await state.load();
  expect(state.list).toEqual(list);
});

test('runs one, hears how far it is, and keeps the newest result of each', async () => {
  const { fetched, answer } = holding();
  const state = new ExperimentsState(new Notices());
  const running = state.run('race');
  expect(state.running).toBe('race');
  await state.run('keep-alive');
  expect(fetched).toHaveBeenCalledExactlyOnceWith(
    '/api/experiments/race/run',
    expect.objectContaining({ method: 'POST' }),
  );
  const half = { id: 'race', done: 0.5, doing: 'Half.' } as const;
  state.told(half);
  expect(state.progress).toEqual(half);
  // The end is told before the answer comes; until then it runs.
  state.told({ id: 'race', done: 1, doing: 'It is over.' });
  expect(state.running).toBe('race');
  answer(race);
  await running;
  expect(state.running).toBeUndefined();
  expect(state.progress).toBeUndefined();
  expect(state.results).toEqual({ race });
});

test('hears of one that somebody else runs, until it is over', () => {
  const state = new ExperimentsState(new Notices());
  const half = { id: 'race', done: 0.5, doing: 'Half.' } as const;
  state.told(half);
  expect([state.running, state.progress]).toEqual(['race', half]);
  state.told({ id: 'race', done: 1, doing: 'It is over.' });
  expect([state.running, state.progress]).toEqual([undefined, undefined]);
});

test('what goes wrong becomes a notice, and the result of before stays', async () => {
  answering(200, race);
  const notices = new Notices();
  const state = new ExperimentsState(notices);
  await state.run('race');
  answering(502, { error: { code: 'experiment-failed', message: 'It fell over.', hint: 'Run it again.' } });
  await state.run('race');
  expect(state.running).toBeUndefined();
  expect(state.results).toEqual({ race });
  expect(notices.shown).toMatchObject([{ why: 'It fell over.', todo: 'Run it again.' }]);
});

test('a new capture forgets the results, and takes none of what was begun before', async () => {
  const { answer } = holding();
  const notices = new Notices();
  const state = new ExperimentsState(notices);
  const running = state.run('race');
  state.clear();
  expect(state.running).toBeUndefined();
  answer({ error: { code: 'reset', message: 'The lab was reset meanwhile.', hint: 'Run it again.' } });
  await running;
  expect(state.results).toEqual({});
  expect(notices.shown).toEqual([]);
});
