import { afterEach, expect, test, vi } from 'vitest';
import { AttacksState } from '../../../dashboard/src/lib/state/attacks.svelte.ts';
import { Notices } from '../../../dashboard/src/lib/state/notices.svelte.ts';
import { CHANGE, CHANGED, deed, READ, READ_RUN } from '../attacks/board.ts';

const READ_PATH = '/api/attacks/read/run';
const CHANGE_PATH = '/api/attacks/change/run';

/** A lab that answers each path with what stands there when it is asked. */
function lab(answers: Record<string, unknown>) {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string, { method }: { method: string }) => {
    asked.push(`${method} ${path}`);
    return Promise.resolve(
      Response.json(answers[path] ?? { error: { code: 'no', message: 'No.', hint: 'Hm.' } }),
    );
  });
  return asked;
}

async function loaded(notices = new Notices()) {
  const state = new AttacksState(notices);
  await state.load();
  return state;
}

const LIST = { '/api/attacks': { attacks: [READ, CHANGE] } };

afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

test('runs all of them, one after the other, and keeps what came of each', async () => {
  const asked = lab({ ...LIST, [READ_PATH]: READ_RUN, [CHANGE_PATH]: CHANGED });
  const state = await loaded();
  const running = state.runAll();
  expect([state.running, state.isRunningAll]).toEqual(['read', true]);
  await state.run('change');
  await running;
  expect(asked).toEqual(['GET /api/attacks', `POST ${READ_PATH}`, `POST ${CHANGE_PATH}`]);
  expect(state.results).toEqual({ read: READ_RUN, change: CHANGED });
  expect([state.running, state.isRunningAll, state.newest]).toEqual([undefined, false, 'change']);
});

test('stops after the one that runs when told to, and after one that gave no verdict', async () => {
  const asked = lab({ ...LIST, [READ_PATH]: READ_RUN });
  const notices = new Notices();
  const state = await loaded(notices);
  const running = state.runAll();
  state.stopAfterThis();
  await running;
  expect(asked).toEqual(['GET /api/attacks', `POST ${READ_PATH}`]);
  lab(LIST);
  await state.runAll();
  expect(state.results).toEqual({ read: READ_RUN });
  expect(state.isRunningAll).toBe(false);
  expect(notices.shown).toMatchObject([{ why: 'No.', todo: 'Hm.' }]);
});

test('arms and disarms, and asks anew when the log says that somebody did', async () => {
  const asked = lab({ ...LIST, '/api/attacks/change/arm': {}, '/api/attacks/change/disarm': {} });
  const state = await loaded();
  await state.arm('change', true);
  expect(state.armed).toMatchObject([{ id: 'change' }]);
  await state.disarmAll();
  expect(state.armed).toEqual([]);
  lab({ '/api/attacks': { attacks: [READ, { ...CHANGE, isArmed: true }] } });
  const { epoch, time, vantage } = deed();
  state.told({ epoch, time, vantage, seq: 4, type: 'attack-armed', attack: 'change' });
  await expect.poll(() => state.armed).toMatchObject([{ id: 'change' }]);
  expect(asked.at(-1)).toBe('POST /api/attacks/change/disarm');
  state.told(deed({ seq: 5 }));
  state.told({ epoch, time, vantage, seq: 6, type: 'attack-disarmed', attack: 'change' });
  state.told(deed({ seq: 7 }));
  expect(state.deeds.map(({ seq }) => seq)).toEqual([5, 7]);
  expect(state.armedDeeds.map(({ seq }) => seq)).toEqual([5]);
});

test('what the lab tells counts, and an answer that was asked for before does not undo it', async () => {
  const asked: (string | undefined)[] = [];
  let answer: ((response: Response) => void) | undefined;
  vi.stubGlobal('fetch', (_path: string, { body }: { body?: string }) => {
    asked.push(body);
    return new Promise<Response>((resolve) => (answer = resolve));
  });
  const state = new AttacksState(new Notices());
  const loading = state.load();
  const judged = { ...CHANGE, isArmed: true, whileArmed: { http: READ_RUN.http } };
  state.hear([READ, judged as typeof CHANGE]);
  answer?.(Response.json({ attacks: [READ, CHANGE] }));
  await loading;
  expect(state.list[1]).toEqual(judged);
  const arming = state.arm('change', true, 'trust');
  expect(asked.at(-1)).toBe('{"trust":true}');
  answer?.(Response.json({}));
  await arming;
  expect(state.armed).toEqual([judged]);
});

test('asks once more, and no oftener, when it was told anything while it asked', async () => {
  const asked = lab(LIST);
  const state = new AttacksState(new Notices());
  const loading = state.load();
  for (let times = 0; times < 5; times += 1) void state.load();
  await loading;
  expect(asked).toHaveLength(2);
});

test('keeps the newest of what the stranger did, and no more than can be looked at', () => {
  const state = new AttacksState(new Notices());
  for (let seq = 1; seq <= 1000; seq += 1) state.told(deed({ seq }));
  expect(state.deeds.at(-1)?.seq).toBe(1000);
  expect(state.deeds.length).toBeLessThan(500);
});

test('a page that comes later shows what ran before, and which came last', async () => {
  lab({
    '/api/attacks': {
      attacks: [
        { ...READ, lastRun: READ_RUN },
        { ...CHANGE, lastRun: CHANGED },
      ],
    },
  });
  const state = await loaded();
  expect(state.results).toEqual({ read: READ_RUN, change: CHANGED });
  expect(state.newest).toBe('change');
  const again = { ...READ_RUN, lastSeq: 40 };
  state.hear([
    { ...READ, lastRun: again },
    { ...CHANGE, lastRun: CHANGED },
  ]);
  expect(state.results).toEqual({ read: again, change: CHANGED });
  expect(state.newest).toBe('read');
});

test('what the lab told before a run was over takes nothing of its result back', async () => {
  const again = { ...CHANGED, lastSeq: 60 };
  lab({ ...LIST, [CHANGE_PATH]: again });
  const state = await loaded();
  state.hear([READ, { ...CHANGE, lastRun: CHANGED }]);
  await state.run('change');
  expect(state.results).toEqual({ change: again });
  // Sent before, and on its way for longer than the answer.
  state.hear([READ, { ...CHANGE, lastRun: CHANGED }]);
  expect([state.results, state.newest]).toEqual([{ change: again }, 'change']);
  lab(LIST);
  await state.run('change');
  expect(state.results).toEqual({ change: again });
});

test('a list that was asked for in the capture before brings none of its results into the next', async () => {
  const answers: ((response: Response) => void)[] = [];
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => answers.push(resolve)));
  const state = new AttacksState(new Notices());
  const loading = state.load();
  state.clear();
  answers[0]?.(Response.json({ attacks: [READ, { ...CHANGE, lastRun: CHANGED }] }));
  await expect.poll(() => answers.length).toBe(2);
  expect(state.results).toEqual({});
  answers[1]?.(Response.json({ attacks: [{ ...READ, lastRun: READ_RUN }, CHANGE] }));
  await loading;
  expect(state.results).toEqual({ read: READ_RUN });
});

test('what was said of a capture counts still when the page is loaded again, and of no other', () => {
  const started = {
    time: 0,
    vantage: 'wire',
    seq: 1,
    type: 'epoch-started',
    routes: [],
    source: 'live',
  } as const;
  const capture = { ...started, epoch: 2, wallClock: '2026-01-02T03:04:05.000Z' };
  const state = new AttacksState(new Notices());
  state.began(capture);
  state.predict('read', 'https', 'No');
  for (let round = 0; round < 40; round += 1) state.guess(`riddle ${String(round)}`, { page: 'Help' });
  const again = new AttacksState(new Notices());
  again.predict('read', 'http', 'Yes');
  again.began(capture);
  expect(again.predictions).toEqual({ 'read:http': 'Yes', 'read:https': 'No' });
  expect(again.guesses['riddle 39']).toEqual({ page: 'Help' });
  expect(Object.keys(again.guesses).length).toBeLessThan(40);
  // Another lab’s second capture.
  const other = new AttacksState(new Notices());
  other.began({ ...capture, wallClock: '2026-01-02T04:00:00.000Z' });
  expect([other.predictions, other.guesses]).toEqual([{}, {}]);
});

test('where a browser keeps nothing, what was said counts until the page is loaded again', () => {
  const refuse = () => {
    throw new DOMException('not here', 'SecurityError');
  };
  vi.stubGlobal('sessionStorage', { getItem: refuse, setItem: refuse });
  const state = new AttacksState(new Notices());
  state.predict('read', 'http', 'Yes');
  const started = {
    time: 0,
    vantage: 'wire',
    seq: 1,
    type: 'epoch-started',
    routes: [],
    source: 'live',
  } as const;
  state.began({ ...started, epoch: 1, wallClock: '2026-01-02T03:04:05.000Z' });
  state.predict('read', 'https', 'No');
  expect(state.predictions).toEqual({ 'read:http': 'Yes', 'read:https': 'No' });
});

test('a new capture forgets verdicts, expectations and deeds, and takes nothing begun before', async () => {
  lab({ ...LIST, [READ_PATH]: READ_RUN });
  const state = await loaded();
  state.predict('read', 'http', 'Yes');
  state.told(deed());
  expect(state.predictions).toEqual({ 'read:http': 'Yes' });
  const running = state.runAll();
  state.clear();
  await running;
  expect([state.results, state.predictions, state.deeds]).toEqual([{}, {}, []]);
  expect([state.running, state.isRunningAll, state.newest]).toEqual([undefined, false, undefined]);
});
