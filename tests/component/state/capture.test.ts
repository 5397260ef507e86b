import { encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Batch, LogEvent } from '#contract';
import { Capture } from '../../../dashboard/src/lib/state/capture.svelte.ts';

type Listener = (...values: readonly unknown[]) => void;

/** The far end of the socket: what the page sent, and whom to tell what arrives. */
interface FarEnd {
  options: unknown;
  readonly sent: (readonly unknown[])[];
  readonly listeners: Map<string, Listener>;
}

const wire = vi.hoisted((): FarEnd => ({ options: undefined, sent: [], listeners: new Map() }));

vi.mock('socket.io-client', () => ({
  io: (options: unknown) => {
    wire.options = options;
    return {
      connected: true,
      on: (name: string, listener: Listener) => wire.listeners.set(name, listener),
      emit: (...values: readonly unknown[]) => wire.sent.push(values),
      close: () => wire.listeners.clear(),
    };
  },
}));

function receive(name: string, ...values: readonly unknown[]): void {
  wire.listeners.get(name)?.(...values);
}

function typed(epoch: number, seq: number, value: string): LogEvent {
  return { epoch, seq, time: seq, vantage: 'victim', type: 'secret-entered', kind: 'password', value };
}

/** A batch as socket.io hands it to browsers: an ArrayBuffer. */
function packed(epoch: number, events: readonly LogEvent[], completeFrom = 1): ArrayBuffer {
  const batch: Batch = { epoch, completeFrom, events };
  return encode(batch).slice().buffer;
}

function sent(name: string): readonly unknown[] {
  return wire.sent.filter(([emitted]) => emitted === name).map(([, value]) => value);
}

beforeEach(() => {
  wire.sent.length = 0;
});

afterEach(() => {
  vi.restoreAllMocks();
});

test('speaks websocket only and follows from the beginning', () => {
  const capture = new Capture({ onepoch: vi.fn(), onbrowser: vi.fn() });
  receive('connect');
  expect(wire.options).toEqual({ transports: ['websocket'] });
  expect(sent('follow')).toEqual([{ epoch: 0, after: 0 }]);
  expect(capture.link).toBe('live');
  capture.close();
});

test('shows a batch within a frame, reports its bytes, and goes on from its last event when cut off', async () => {
  const capture = new Capture({ onepoch: vi.fn(), onbrowser: vi.fn() });
  receive('connect');
  const batch = packed(50, [typed(50, 1, 'monsoon-42'), typed(50, 2, 'hunter2')]);
  receive('batch', batch);
  await expect.poll(() => capture.view.epoch).toBe(50);
  expect(capture.entered).toEqual(['monsoon-42', 'hunter2']);
  expect(capture.view.lanes.http.password.needle).toBe('hunter2');
  await expect.poll(() => sent('progress')).toEqual([batch.byteLength]);
  receive('disconnect');
  expect(capture.link).toBe('lost');
  receive('connect');
  expect(sent('follow').at(-1)).toEqual({ epoch: 50, after: 2 });
  capture.close();
});

test('asks again when a batch skips events, and shows none of it', async () => {
  const capture = new Capture({ onepoch: vi.fn(), onbrowser: vi.fn() });
  receive('connect');
  receive('batch', packed(50, [typed(50, 1, 'one')]));
  receive('batch', packed(50, [typed(50, 3, 'three')]));
  expect(sent('follow').at(-1)).toEqual({ epoch: 50, after: 1 });
  receive('batch', packed(50, [typed(50, 2, 'two'), typed(50, 3, 'three')]));
  await expect.poll(() => capture.entered).toEqual(['one', 'two', 'three']);
  capture.close();
});

test('starts over with a new epoch and says so, but not with the first', async () => {
  const onepoch = vi.fn();
  const capture = new Capture({ onepoch, onbrowser: vi.fn() });
  receive('connect');
  receive('batch', packed(50, [typed(50, 1, 'one')]));
  await expect.poll(() => capture.view.epoch).toBe(50);
  expect(onepoch).not.toHaveBeenCalled();
  receive('batch', packed(51, [typed(51, 1, 'another')]));
  await expect.poll(() => capture.view.epoch).toBe(51);
  expect(onepoch).toHaveBeenCalledOnce();
  expect(capture.entered).toEqual(['another']);
  capture.close();
});

test('forgets what the log dropped when the same epoch is sent again, but not what was typed', async () => {
  const onepoch = vi.fn();
  const capture = new Capture({ onepoch, onbrowser: vi.fn() });
  const wire = { epoch: 50, vantage: 'wire' } as const;
  const began = { ...wire, seq: 1, time: 1, type: 'epoch-started', wallClock: '', routes: [] } as const;
  const sentAs = { ...wire, type: 'bytes-captured', hop: 'cafe', direction: 'client-to-server' } as const;
  const bytes = (seq: number, connection: number): LogEvent => ({
    ...{ ...sentAs, seq, time: seq, connection, offset: 0 },
    bytes: new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'),
  });
  const beginning: LogEvent = { ...began, source: 'live' };
  const connections = () => capture.view.lanes.http.connections.map(({ connection }) => connection);
  receive('connect');
  receive('batch', packed(50, [beginning, typed(50, 2, 'one'), bytes(3, 1)]));
  await expect.poll(connections).toEqual([1]);
  receive('batch', packed(50, [beginning, bytes(90, 2)], 90));
  await expect.poll(connections).toEqual([2]);
  expect(capture.entered).toEqual(['one']);
  expect(onepoch).not.toHaveBeenCalled();
  capture.close();
});

test('makes no view that nobody sees, and the newest as soon as somebody does', async () => {
  // However long it takes: what is covered is shown anew once a second.
  const now = vi.spyOn(performance, 'now').mockReturnValue(5000);
  let isCovered = false;
  const capture = new Capture({ onepoch: vi.fn(), onbrowser: vi.fn(), isCovered: () => isCovered });
  receive('connect');
  receive('batch', packed(50, [typed(50, 1, 'one')]));
  await expect.poll(() => capture.view.lanes.http.password.needle).toBe('one');
  isCovered = true;
  receive('batch', packed(50, [typed(50, 2, 'two')]));
  await expect.poll(() => capture.entered).toEqual(['one', 'two']);
  expect(capture.view.lanes.http.password.needle).toBe('one');
  isCovered = false;
  await expect.poll(() => capture.view.lanes.http.password.needle).toBe('two');
  isCovered = true;
  receive('batch', packed(50, [typed(50, 3, 'three')]));
  await expect.poll(() => capture.entered).toEqual(['one', 'two', 'three']);
  now.mockReturnValue(6000);
  await expect.poll(() => capture.view.lanes.http.password.needle).toBe('three');
  capture.close();
});

test('says when it is not let in, and passes on what it hears of the demo browser', () => {
  const onbrowser = vi.fn();
  const capture = new Capture({ onepoch: vi.fn(), onbrowser });
  receive('browser', { running: true });
  expect(onbrowser).toHaveBeenCalledExactlyOnceWith({ running: true });
  receive('connect_error');
  expect(capture.link).toBe('refused');
  capture.close();
});
