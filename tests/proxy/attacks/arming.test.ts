import type { AttackVerdict } from '#contract';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asTold } from '../../../proxy/attacks/as-told.ts';
import type { Arming, Attack, AttackLab } from '../../../proxy/attacks/attack.ts';
import { Attacks } from '../../../proxy/attacks/attacks.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

let log: CaptureLog;
let changed: ReturnType<typeof vi.fn<() => void>>;
/** What was opened and closed by the attacks, in order. */
let told: string[];
let armings: Arming[];
let warnings: string[];
/** Of attacks alone: the process may have been warned of something else by then. */
const warn = ({ message }: Error) => {
  if (message.startsWith('“')) warnings.push(message);
};

beforeEach(() => {
  log = new CaptureLog();
  log.begin({ routes: [] });
  changed = vi.fn<() => void>();
  [told, armings, warnings] = [[], [], []];
  process.on('warning', warn);
});
afterEach(() => process.off('warning', warn));

const verdict: Omit<AttackVerdict, 'defence'> = {
  ...{ outcome: 'refused', happened: 'It was refused.', siteHandled: 0, victimSaw: 'An error.' },
  ...{ evidence: [], connections: [] },
};

/** An attack that waits at once, or does what it is told to. */
function attack(more: Partial<Attack> = {}): Attack {
  const id = more.id ?? 'change';
  return {
    ...{ id, title: `The ${id}`, plan: { http: 'It.' }, defence: { http: 'HTTPS.' }, seconds: 1 },
    attempt: () => Promise.resolve(verdict),
    arm(arming) {
      armings.push(arming);
      told.push(`${id} opened`);
      return Promise.resolve(() => Promise.resolve(void told.push(`${id} closed`)));
    },
    ...more,
  };
}

function attacks(...all: readonly Attack[]): Attacks {
  const gate = { arm: () => undefined, disarm: (of: string) => told.push(`gate left by ${of}`) };
  // These attacks use nothing else of it.
  return new Attacks({ log, gate } as unknown as AttackLab, all, changed);
}

const logged = () => log.after(0).flatMap(({ type }) => (type === 'epoch-started' ? [] : [type]));
const first = () => {
  const [arming] = armings;
  if (!arming) throw new Error('nothing was armed');
  return arming;
};

/** Its own patience is a second, which a busy machine may take for itself. */
const eventually = (holds: () => boolean) => vi.waitUntil(holds, { timeout: 20_000 });

function deferred<Value>() {
  let settle: { resolve: (value: Value) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<Value>((resolve, reject) => (settle = { resolve, reject }));
  if (!settle) throw new Error('a promise that did not begin');
  return { promise, ...settle };
}

test('it is armed, in the log and the list, once it waits and not before', async () => {
  const waits = deferred<() => Promise<void>>();
  const bench = attacks(attack({ arm: () => waits.promise }));
  const arming = bench.arm('change');
  await Promise.resolve();
  expect([logged(), bench.list()[0]?.isArmed, changed.mock.calls.length]).toEqual([[], false, 0]);
  await expect(bench.run('change')).rejects.toMatchObject({ code: 'attack-armed' });
  waits.resolve(() => Promise.resolve());
  expect(await arming).toMatchObject({ isArmed: true, canBeArmed: true });
  expect([logged(), bench.list()[0]?.isArmed]).toEqual([['attack-armed'], true]);
  expect(changed).toHaveBeenCalledOnce();
  await bench.disarm('change');
  expect([logged(), bench.list()[0]?.isArmed]).toEqual([['attack-armed', 'attack-disarmed'], false]);
  expect(changed).toHaveBeenCalledTimes(2);
});

test('what cannot be armed leaves nothing behind, and can be tried again', async () => {
  const arm = vi.fn<NonNullable<Attack['arm']>>().mockRejectedValueOnce(new Error('no port'));
  arm.mockResolvedValueOnce(() => Promise.resolve());
  const bench = attacks(attack({ arm }));
  await expect(bench.arm('change')).rejects.toThrow('no port');
  expect([logged(), bench.list()[0]?.isArmed, told]).toEqual([[], false, ['gate left by change']]);
  bench.assertIdle();
  expect(await bench.arm('change')).toMatchObject({ isArmed: true });
});

test('armed twice it is armed once; under another circumstance it is to be disarmed first', async () => {
  const bench = attacks(attack({ circumstance: { key: 'trust', label: 'Trusted' } }));
  const [one, other] = await Promise.all([bench.arm('change', 'trust'), bench.arm('change', 'trust')]);
  expect(one).toMatchObject({ isArmed: true, armedUnder: 'trust' });
  expect(other).toEqual(one);
  expect([armings.length, first().under, logged()]).toEqual([1, 'trust', ['attack-armed']]);
  await expect(bench.arm('change')).rejects.toMatchObject({ code: 'attack-armed' });
  expect(await bench.disarm('change')).not.toHaveProperty('armedUnder');
});

test('disarmed before it waits, it is told so, ends what it has opened, and was never armed', async () => {
  const waits = deferred<() => Promise<void>>();
  let signal: AbortSignal | undefined;
  const arm: Attack['arm'] = (arming) => {
    ({ signal } = arming);
    return waits.promise;
  };
  const bench = attacks(attack({ arm }));
  const arming = bench.arm('change');
  const refused = expect(arming).rejects.toMatchObject({ code: 'disarmed' });
  await eventually(() => signal !== undefined);
  const disarming = bench.disarm('change');
  expect(signal?.aborted).toBe(true);
  await expect(bench.arm('change')).rejects.toMatchObject({ code: 'attack-ending' });
  waits.resolve(() => Promise.resolve(void told.push('closed')));
  await Promise.all([refused, disarming]);
  expect([logged(), told]).toEqual([[], ['closed', 'gate left by change']]);
  // The same where it takes the word that it was disarmed for a failure.
  const bench2 = attacks(
    attack({
      arm: ({ signal: end }) =>
        new Promise((_, no) => end.addEventListener('abort', () => no(new Error('cut off')))),
    }),
  );
  const again = expect(bench2.arm('change')).rejects.toMatchObject({ code: 'disarmed' });
  await bench2.abandon();
  await again;
});

test('a verdict has its lane’s defence, is told of, and outlives the arming; a later one is dropped', async () => {
  const bench = attacks(attack());
  await bench.arm('change');
  changed.mockClear();
  first().judge('http', verdict);
  expect(bench.list()[0]?.whileArmed).toEqual({ http: { ...verdict, defence: 'HTTPS.' } });
  expect(changed).toHaveBeenCalledOnce();
  // A lane that it is not planned for.
  first().judge('https', verdict);
  await bench.disarm('change');
  first().judge('http', { ...verdict, siteHandled: 7 });
  expect(bench.list()[0]).toMatchObject({ isArmed: false, whileArmed: { http: { siteHandled: 0 } } });
  expect(bench.list()[0]?.whileArmed.https).toBeUndefined();
  await bench.arm('change');
  expect(bench.list()[0]?.whileArmed).toEqual({});
});

test('the newest run of each stands in the list, one that fails leaves it, and another capture forgets it', async () => {
  const attempt = vi.fn<Attack['attempt']>(() => Promise.resolve(verdict));
  const bench = attacks(attack({ attempt }), attack({ id: 'read' }));
  log.append({ type: 'attack-disarmed', vantage: 'wire', attack: 'change' });
  const run = await bench.run('change', 'trust');
  expect(run).toMatchObject({ id: 'change', under: 'trust', lastSeq: log.lastSeq });
  expect(bench.list().map(({ lastRun }) => lastRun)).toEqual([run, undefined]);
  expect(changed).toHaveBeenCalledOnce();
  attempt.mockRejectedValueOnce(new Error('the victim was not there'));
  await expect(bench.run('change')).rejects.toThrow('not there');
  expect(bench.list()[0]?.lastRun).toBe(run);
  log.append({ type: 'attack-disarmed', vantage: 'wire', attack: 'change' });
  const other = await bench.run('read');
  const again = await bench.run('change');
  expect(again.lastSeq).toBeGreaterThan(run.lastSeq);
  expect(bench.list().map(({ lastRun }) => lastRun)).toEqual([again, other]);
  log.beginRecorded([]);
  expect(bench.list().map(({ lastRun }) => lastRun)).toEqual([undefined, undefined]);
  log.begin({ routes: [] });
  const newest = await bench.run('read');
  expect(bench.list().map(({ lastRun }) => lastRun)).toEqual([undefined, newest]);
});

test('it is told under what a verdict came, also when it is disarmed and armed otherwise', async () => {
  const bench = attacks(attack({ circumstance: { key: 'trust', label: 'Trusted' } }));
  await bench.arm('change', 'trust');
  expect(bench.list()[0]).not.toHaveProperty('whileArmedUnder');
  first().judge('http', verdict);
  expect(await bench.disarm('change')).toMatchObject({ isArmed: false, whileArmedUnder: 'trust' });
  expect(await bench.arm('change')).not.toHaveProperty('whileArmedUnder');
});

test('another capture disarms all: at once for whoever asks, and to the last door soon after', async () => {
  const bench = attacks(attack(), attack({ id: 'downgrade' }));
  await bench.arm('change');
  await bench.arm('downgrade');
  first().judge('http', verdict);
  log.beginRecorded([]);
  expect(bench.list().map(({ isArmed, whileArmed }) => [isArmed, whileArmed])).toEqual([
    [false, {}],
    [false, {}],
  ]);
  first().judge('http', verdict);
  expect(bench.list()[0]?.whileArmed).toEqual({});
  await bench.abandon();
  expect(told.filter((word) => word.endsWith('closed'))).toEqual(['change closed', 'downgrade closed']);
  log.begin({ routes: [] });
  expect(logged()).toEqual([]);
  bench.assertIdle();
});

test('a reset waits until all that was opened is closed, whatever goes wrong there', async () => {
  const closes = deferred<undefined>();
  const bench = attacks(
    attack({ arm: () => Promise.resolve(() => closes.promise) }),
    attack({ id: 'downgrade', arm: () => Promise.resolve(() => Promise.reject(new Error('stuck'))) }),
  );
  await bench.arm('change');
  await bench.arm('downgrade');
  let isOver = false;
  const over = bench.abandon().then(() => (isOver = true));
  await eventually(() => warnings.length > 0);
  expect([isOver, warnings]).toEqual([false, ['“The downgrade” did not end as it should: Error: stuck']]);
  await expect(bench.run('change')).rejects.toMatchObject({ code: 'attack-armed' });
  closes.resolve(undefined);
  await over;
  expect(logged().toSorted()).toEqual([
    ...Array<string>(2).fill('attack-armed'),
    ...Array<string>(2).fill('attack-disarmed'),
  ]);
});

test('a fault of an armed attack disarms it with a warning, and the log goes on', async () => {
  const arm: Attack['arm'] = (arming) => {
    asTold(arming, () => {
      throw new Error('a fault');
    });
    return Promise.resolve(() => Promise.resolve(void told.push('closed')));
  };
  const bench = attacks(attack({ arm }));
  await bench.arm('change');
  log.append({ type: 'secret-entered', vantage: 'victim', kind: 'mobile', value: '1' });
  await eventually(() => logged().includes('attack-disarmed'));
  await eventually(() => warnings.length > 0);
  expect(warnings).toEqual(['“The change” has failed and is disarmed: Error: a fault']);
  expect(told).toEqual(['closed', 'gate left by change']);
  expect(logged()).toEqual(['attack-armed', 'secret-entered', 'attack-disarmed']);
  expect(bench.list()[0]?.isArmed).toBe(false);
});

test('what the log is told comes in order, each once, and no more once it is disarmed', async () => {
  const seen: number[] = [];
  const arm: Attack['arm'] = (arming) => {
    asTold(arming, (fresh) => seen.push(...fresh.map(({ seq }) => seq)));
    return Promise.resolve(() => Promise.resolve());
  };
  const bench = attacks(attack({ arm }));
  await bench.arm('change');
  const enter = () => log.append({ type: 'secret-entered', vantage: 'victim', kind: 'mobile', value: '1' });
  for (let times = 0; times < 3; times += 1) enter();
  await eventually(() => seen.length === 4);
  enter();
  await eventually(() => seen.length === 5);
  enter();
  await bench.disarm('change');
  enter();
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([2, 3, 4, 5, 6]);
});

test('two that stand on the same place exclude each other', async () => {
  const place = 'piggypay.test';
  const bench = attacks(
    attack({ place }),
    attack({ id: 'strip', place }),
    attack({ id: 'downgrade', place: 'b' }),
  );
  await bench.arm('change');
  await bench.arm('downgrade');
  await expect(bench.arm('strip')).rejects.toMatchObject({
    ...{ code: 'place-taken', hint: 'POST /api/attacks/change/disarm first.' },
    message: expect.stringContaining('piggypay.test') as string,
  });
  await bench.disarm('change');
  expect(await bench.arm('strip')).toMatchObject({ isArmed: true });
});
