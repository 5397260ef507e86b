import { expect, test } from 'vitest';
import type { Direction, LogEvent } from '#contract';
import { Lens } from '../../../dashboard/src/lib/state/lens.svelte.ts';
import { OneWorker } from '../../../dashboard/src/lib/state/one-worker.ts';
import { Desk } from '../../../dashboard/src/worker/desk.ts';
import type { FromWorker, ToWorker } from '../../../dashboard/src/worker/messages.ts';
import vector from '../../vectors/rfc8448-records.hex?raw';

const RANDOM = 'cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7';
const LINES = [
  `CLIENT_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21`,
  `SERVER_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38`,
  `CLIENT_TRAFFIC_SECRET_0 ${RANDOM} 9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5`,
  `SERVER_TRAFFIC_SECRET_0 ${RANDOM} a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643`,
];
const FLIGHT = '1:server-to-client:95';
const NEVER = (): boolean => false;

/** The vector's chunks: lines of hex behind `>` and `<`; what one side said in a row is one chunk. */
function chunks(): readonly { direction: Direction; bytes: Uint8Array }[] {
  const found: { mark: string; pairs: string[] }[] = [];
  for (const line of vector.split('\n')) {
    const [, mark, hex] = /^([<>]) ([0-9a-f ]+?) *(?:#.*)?$/.exec(line) ?? [];
    if (mark === undefined || hex === undefined) continue;
    if (found.at(-1)?.mark !== mark) found.push({ mark, pairs: [] });
    found.at(-1)?.pairs.push(...hex.split(' '));
  }
  return found.map(({ mark, pairs }) => ({
    direction: mark === '>' ? 'client-to-server' : 'server-to-client',
    bytes: Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)),
  }));
}

/** The trace of RFC 8448, 3, told by the site or by nobody. */
function log(epoch = 1000, lines: readonly string[] = LINES): readonly LogEvent[] {
  const events: LogEvent[] = [];
  const next = () => ({ epoch, seq: events.length + 1, time: events.length });
  const wire = () => ({ ...next(), vantage: 'wire' as const });
  events.push({ ...wire(), type: 'epoch-started', wallClock: '', routes: [], source: 'live' });
  events.push({
    ...{ ...wire(), type: 'connection-opened', hop: 'cafe', connection: 1, transport: 'tcp' },
    ...{ client: { address: '127.0.0.1', port: 1 }, opener: 'other' },
    server: { name: 'own.test', address: '127.0.0.1', port: 443 },
  });
  const offsets = { 'client-to-server': 0, 'server-to-client': 0 };
  for (const { direction, bytes } of chunks()) {
    const place = { hop: 'cafe', connection: 1, direction, offset: offsets[direction], bytes } as const;
    events.push({ ...wire(), type: 'bytes-captured', ...place });
    offsets[direction] += bytes.length;
  }
  for (const line of lines)
    events.push({ ...next(), type: 'secrets-logged', vantage: 'site', connection: 1, line });
  return events;
}

/** The lens and its worker's desk in one thread; what they say crosses as it would between two. */
class Table {
  readonly lens: Lens;
  readonly posted: FromWorker[] = [];
  readonly asked: ToWorker[] = [];
  /** Of the capture on the page. */
  epoch: number | undefined;
  started = 0;
  readonly #desk: Desk;
  #now = 0;

  constructor() {
    let listen: (message: FromWorker) => void = () => undefined;
    this.#desk = new Desk({
      post: (message, transfer) => {
        const crossed = structuredClone(message, { transfer });
        this.posted.push(crossed);
        listen(crossed);
      },
      now: () => this.#now,
    });
    const worker = new OneWorker((listener) => {
      this.started += 1;
      listen = listener;
      return { post: (message) => this.asked.push(structuredClone(message)), stop: () => undefined };
    });
    this.lens = new Lens(worker.join, () => this.epoch);
  }

  apply(events: readonly LogEvent[]): this {
    for (const event of events) this.#desk.apply(event);
    return this.settle();
  }

  settle(isOver = NEVER): this {
    for (const message of this.asked.splice(0)) this.#desk.receive(message);
    this.#now += 100;
    this.#desk.work(isOver, true);
    return this;
  }
}

function lent(): Table {
  const table = new Table();
  table.lens.lend('site');
  return table.settle().apply(log());
}

test('nothing is asked, told or opened before a key is lent', () => {
  const table = new Table().apply(log());
  expect(table.started).toBe(0);
  expect(table.posted).toEqual([]);
  expect(table.lens).toMatchObject({ lens: 'stranger', isBusy: false });
  expect(table.lens.record(FLIGHT)).toBeUndefined();
});

test('lent before the log has come, keys open what comes then', () => {
  const { lens } = lent();
  expect(lens).toMatchObject({ lens: 'site', isBusy: false, told: { victim: 0, site: 1 } });
  expect(lens.progress).toMatchObject({ opened: 7, sealed: 0 });
  expect(lens.record(FLIGHT)).toMatchObject({ state: 'opened', detail: 'Finished verified' });
});

test('one record is taken apart while it is looked at', () => {
  const table = lent();
  table.lens.lookAt(FLIGHT);
  expect(table.lens.look).toBeUndefined();
  table.settle();
  expect(table.lens.look?.dissections.map(({ source }) => source)).toEqual(['decrypted']);
  const posted = table.posted.length;
  table.settle();
  expect(table.posted).toHaveLength(posted);
});

test('taken back, nothing is left on the page, nor anything told late of what was open', () => {
  const table = lent();
  table.lens.lookAt(FLIGHT);
  table.settle();
  const late = table.posted.slice();
  table.lens.toggle();
  expect(table.lens).toMatchObject({ lens: 'stranger', look: undefined, progress: undefined });
  expect(table.lens.record(FLIGHT)).toBeUndefined();
  const told = table.posted.length;
  table.settle();
  const after = table.posted.slice(told);
  expect(late.some(({ type }) => type === 'look')).toBe(true);
  expect(after.filter((message) => message.type === 'lent').flatMap(({ records }) => records)).toEqual([]);
  expect(after.some(({ type }) => type === 'look')).toBe(false);
  expect(table.lens.look).toBeUndefined();
});

test('the key that lends them again lends those that were lent last', () => {
  const { lens } = lent();
  lens.lend('victim');
  lens.toggle();
  lens.toggle();
  expect(lens.lens).toBe('victim');
});

test('an end that told no keys opens nothing, and each record says why', () => {
  const table = new Table();
  table.lens.lend('victim');
  table.settle().apply(log());
  expect(table.lens.record(FLIGHT)).toMatchObject({ state: 'sealed', why: 'no-key' });
  expect(table.lens.told).toEqual({ victim: 0, site: 1 });
});

test('another end’s keys replace those that were lent', () => {
  const table = lent();
  table.lens.lend('victim');
  expect(table.lens.record(FLIGHT)).toBeUndefined();
  table.settle();
  expect(table.lens.record(FLIGHT)).toMatchObject({ state: 'sealed' });
});

test('a new capture takes the keys back, whichever side hears of it first', () => {
  const table = lent().apply(log(2000));
  expect(table.lens.lens).toBe('stranger');
  expect(table.lens.record(FLIGHT)).toBeUndefined();
  const other = lent();
  other.lens.takeBack();
  other.settle().apply(log(2000));
  expect(other.lens).toMatchObject({ lens: 'stranger', told: undefined });
});

test('lent in a new capture of which the worker has not heard yet, keys open that one and nothing of the old one', () => {
  const table = lent();
  table.lens.takeBack();
  table.epoch = 2000;
  table.lens.lend('site');
  table.settle();
  expect(table.lens).toMatchObject({ lens: 'site', progress: undefined });
  expect(table.lens.record(FLIGHT)).toBeUndefined();
  table.apply(log(2000));
  expect(table.lens).toMatchObject({ lens: 'site', isBusy: false, progress: { opened: 7 } });
  expect(table.lens.record(FLIGHT)).toMatchObject({ state: 'opened' });
  table.apply(log(3000));
  expect(table.lens.lens).toBe('stranger');
});

test('lent two captures ahead of the worker, keys wait for theirs', () => {
  const table = lent();
  table.lens.takeBack();
  table.epoch = 3000;
  table.lens.lend('site');
  table.settle().apply(log(2000));
  expect(table.lens).toMatchObject({ lens: 'site', progress: undefined });
  expect(table.lens.record(FLIGHT)).toBeUndefined();
  table.apply(log(3000));
  expect(table.lens).toMatchObject({ lens: 'site', progress: { opened: 7 } });
});

test('opens in steps, and says that it is at work until the last is done', () => {
  const table = new Table().apply(log());
  table.lens.lend('site');
  table.settle(() => true);
  expect(table.lens.isBusy).toBe(true);
  expect(table.lens.progress?.opened).toBeLessThan(7);
  for (let step = 0; step < 20; step++) table.settle(() => true);
  expect(table.lens).toMatchObject({ isBusy: false, progress: { opened: 7 } });
});
