import { type EventEmitter, once } from 'node:events';
import type { AttackInfo, ExperimentProgress, LogEvent } from '#contract';
import { CaptureFold } from '#folds/capture.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { startFeed, type Feed } from '../../../proxy/feed/server.ts';
import type { LabCommands } from '../../../proxy/feed/api.ts';
import { Intake } from '../../../dashboard/src/lib/state/intake.ts';
import { TestViewer } from '../../support/viewer.ts';

let log: CaptureLog;
let attacks: readonly AttackInfo[] = [];
// These tests make no HTTP calls, and nothing is held in them.
const stepping = () => ({ mode: 'live', lanes: { http: 'live', https: 'live' }, held: [] });
const commands = { stepping, attacks: () => attacks } as unknown as LabCommands;
let feed: Feed;
let address: { dashboard: string; token: string };

beforeAll(async () => {
  log = new CaptureLog({ limitBytes: 96 << 20 });
  log.begin({ routes: [] });
  feed = await startFeed({ log, commands, dashboard: import.meta.dirname, port: 0, strictPort: true });
  address = { dashboard: `http://127.0.0.1:${feed.port}`, token: feed.token };
});
afterAll(() => feed.close());

function capture(bytes: Uint8Array, offset = 0, connection = 1): void {
  log.append({
    type: 'bytes-captured',
    vantage: 'wire',
    hop: 'cafe',
    connection,
    direction: 'client-to-server',
    offset,
    bytes,
  });
}

const numbers = (viewer: TestViewer) => viewer.events.map(({ seq }) => seq);
const countingTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

test('a late viewer gets the history first, then what happens', async () => {
  log.begin({ routes: [] });
  capture(Buffer.from('early'));
  const viewer = new TestViewer(address);
  await viewer.until(({ events }) => events.length === 2);
  capture(Buffer.from('late'), 5);
  await viewer.until(({ events }) => events.length === 3);
  expect(numbers(viewer)).toEqual([1, 2, 3]);
  const texts = viewer.events.flatMap((event) =>
    event.type === 'bytes-captured' ? [Buffer.from(event.bytes).toString()] : [],
  );
  expect(texts).toEqual(['early', 'late']);
  viewer.close();
});

test('a reset starts every viewer over', async () => {
  capture(Buffer.from('before'));
  const viewer = new TestViewer(address);
  await viewer.until(({ events }) => events.length > 0);
  const epoch = log.begin({ routes: [] });
  await viewer.until((seen) => seen.epoch === epoch);
  expect(numbers(viewer)).toEqual([1]);
  viewer.close();
});

test('fifty reconnections leave no hole and no double', async () => {
  log.begin({ routes: [] });
  const viewer = new TestViewer(address);
  let appended = 1;
  for (let round = 0; round < 50; round += 1) {
    for (let n = 0; n < 20; n += 1) capture(Buffer.alloc(100));
    appended += 20;
    await viewer.until(({ batches }) => batches > round);
    viewer.socket.disconnect();
    for (let n = 0; n < 5; n += 1) capture(Buffer.alloc(100));
    appended += 5;
    viewer.socket.connect();
  }
  await viewer.until(({ events }) => events.at(-1)?.seq === appended);
  expect(numbers(viewer)).toEqual(countingTo(appended));
  viewer.close();
});

test('a viewer that stops taking in costs little, and finds its gap refilled afterwards', async () => {
  log.begin({ routes: [] });
  const viewer = new TestViewer(address, { report: false });
  await viewer.until(({ events }) => events.length === 1);
  const megabyte = Buffer.alloc(1 << 20, 'x');
  for (let n = 0; n < 24; n += 1) capture(megabyte, n << 20);

  // It reports nothing as taken in, so the server goes only so far …
  await viewer.until(({ events }) => events.length >= 5);
  const witness = new TestViewer(address);
  await witness.until(({ events }) => events.length === 25);
  expect(feed.viewers.underWay).toBeLessThan(10 << 20);
  const stoppedAt = viewer.events.length;
  expect(stoppedAt).toBeLessThan(16);

  // … and once it takes in again, everything follows.
  const all = new TestViewer(address);
  await all.until(({ events }) => events.length === 25);
  viewer.socket.emit('progress', Number.MAX_SAFE_INTEGER);
  viewer.socket.on('batch', () => void viewer.socket.emit('progress', Number.MAX_SAFE_INTEGER));
  await viewer.until(({ events }) => events.length === 25);
  expect(numbers(viewer)).toEqual(countingTo(25));
  for (const each of [viewer, witness, all]) each.close();
});

test('a viewer that was away when an experiment ended is told so when it comes back', async () => {
  const told = async () => {
    const viewer = new TestViewer(address);
    const [progress] = (await once(viewer.socket as unknown as EventEmitter, 'experiment')) as [
      ExperimentProgress,
    ];
    viewer.close();
    return progress;
  };
  feed.viewers.tellExperiment({ id: 'race', done: 0.5, doing: 'It runs.' });
  expect(await told()).toMatchObject({ id: 'race', done: 0.5 });
  feed.viewers.tellExperiment({ id: 'race', done: 1, doing: 'It is over.' });
  expect(await told()).toMatchObject({ id: 'race', done: 1 });
});

test('a socket that sends nonsense changes nothing for the others', async () => {
  log.begin({ routes: [] });
  const rude = new TestViewer(address);
  await rude.until(({ events }) => events.length === 1);
  rude.socket.emit('follow', null as never);
  rude.socket.emit('follow', { epoch: 'x', after: -5 } as never);
  rude.socket.emit('progress', 'much' as never);
  const viewer = new TestViewer(address);
  await viewer.until(({ events }) => events.length === 1);
  expect(numbers(viewer)).toEqual([1]);
  rude.close();
  viewer.close();
});

test('a viewer that a sweep overtook is sent everything anew, and ends as a fresh one does', async () => {
  log.begin({ routes: [] });
  const megabyte = Buffer.alloc(1 << 20, 'x');
  const viewer = new TestViewer(address, { report: false });
  await viewer.until(({ events }) => events.length === 1);
  // A connection that this viewer hears open, and whose end is swept before it is sent to it.
  openConnection();
  for (let n = 0; n < 12; n += 1) capture(megabyte, n << 20);
  await viewer.until(({ events }) => events.length >= 5);
  log.append({
    type: 'connection-closed',
    vantage: 'wire',
    hop: 'cafe',
    connection: 1,
    by: 'client',
    how: 'end',
  });
  for (let n = 0; n < 100; n += 1) capture(megabyte, n << 20, 2);
  expect(log.completeFrom).toBeGreaterThan(15);

  viewer.socket.on('batch', () => void viewer.socket.emit('progress', Number.MAX_SAFE_INTEGER));
  viewer.socket.emit('progress', Number.MAX_SAFE_INTEGER);
  const fresh = new TestViewer(address);
  for (const each of [viewer, fresh]) await each.until(({ events }) => events.at(-1)?.seq === log.lastSeq);
  expect(seen(viewer.events)).toEqual(seen(fresh.events));
  expect(seen(viewer.events).other.map(({ connection }) => connection)).toEqual([2]);
  viewer.close();
  fresh.close();
});

function openConnection(): void {
  log.append({
    ...{ type: 'connection-opened', vantage: 'wire', hop: 'cafe', connection: 1, transport: 'tcp' },
    client: { address: '127.0.0.1', port: 50_001 },
    server: { name: 'piggypay.test', address: '127.0.0.1', port: 80 },
    opener: 'other',
  });
}

/** What a dashboard shows after these events, each taken as a batch of its own. */
function seen(events: readonly LogEvent[]) {
  const intake = new Intake();
  const fold = new CaptureFold();
  for (const event of events)
    intake.push({ epoch: event.epoch, completeFrom: log.completeFrom, events: [event] }, 0);
  intake.drain(
    (event) => fold.apply(event),
    () => false,
  );
  return fold.view();
}

test('how the attacks stand is told to whoever comes, and to all when it has changed', async () => {
  const change: AttackInfo = {
    ...{ id: 'change', title: 'Change', plan: {}, seconds: 2 },
    ...{ canBeArmed: true, isArmed: false, whileArmed: {} },
  };
  attacks = [change];
  const early = new TestViewer(address);
  expect(await once(early.socket as unknown as EventEmitter, 'attacks')).toEqual([[change]]);
  const told = once(early.socket as unknown as EventEmitter, 'attacks');
  attacks = [{ ...change, isArmed: true }];
  feed.viewers.noteAttacks();
  expect(await told).toEqual([[{ ...change, isArmed: true }]]);
  const late = new TestViewer(address);
  expect(await once(late.socket as unknown as EventEmitter, 'attacks')).toEqual([
    [{ ...change, isArmed: true }],
  ]);
  for (const viewer of [early, late]) viewer.close();
});

test('whoever comes gets the history at once; what happens then, with the next tick', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const own = new CaptureLog();
  own.begin({ routes: [] });
  const plan = { commands, dashboard: import.meta.dirname, port: 0, strictPort: true };
  const slow = await startFeed({ log: own, ...plan });
  try {
    const viewer = new TestViewer({ dashboard: `http://127.0.0.1:${slow.port}`, token: slow.token });
    await viewer.until(({ events }) => events.length === 1);
    own.append({ type: 'secret-entered', vantage: 'victim', kind: 'password', value: 'monsoon-42' });
    vi.advanceTimersByTime(50);
    await viewer.until(({ events }) => events.length === 2);
    viewer.close();
  } finally {
    await slow.close();
    vi.useRealTimers();
  }
});
