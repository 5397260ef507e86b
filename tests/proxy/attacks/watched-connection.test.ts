import type { ConnectionOpened, Direction, LogEvent } from '#contract';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Pause, WatchedConnection } from '../../../proxy/attacks/watched-connection.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

// Records as they begin: what is in them does not matter here. TLS 1.2, since nothing says otherwise.
const hello = '16 0303 0004 01000000';
const sealed = '17 0303 0003 aabbcc';
const alert = '15 0303 0002 0100';

const silence = 1000;
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

function watched(armedAt = 0) {
  const log = new CaptureLog();
  log.begin({ routes: [] });
  const pauses: Pause[] = [];
  const opened = log.append({
    ...{ type: 'connection-opened', vantage: 'wire', hop: 'cafe', transport: 'tcp', connection: 1 },
    ...{ opener: 'demo-browser', client: { address: '127.0.0.1', port: 1 } },
    server: { name: 'piggypay.test', port: 443, address: '127.0.0.1:2' },
  }) as ConnectionOpened;
  const connection = new WatchedConnection(log, opened, armedAt, silence, (pause) => pauses.push(pause));
  const offsets = { 'client-to-server': 0, 'server-to-client': 0 };
  const take = (event: LogEvent) => void connection.take(event);
  return {
    ...{ pauses, connection, log },
    send(direction: Direction, hex: string) {
      const bytes = log.segments.store(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
      const offset = offsets[direction];
      offsets[direction] += bytes.length;
      const place = { vantage: 'wire', hop: 'cafe', connection: 1 } as const;
      take(log.append({ type: 'bytes-captured', ...place, direction, offset, bytes }));
    },
    handle: (path: string) =>
      take(
        log.append({
          ...{ type: 'request-handled', vantage: 'site', connection: 1, method: 'POST', path },
          ...{ status: 200, count: 1 },
        }),
      ),
    close: () =>
      take(
        log.append({
          ...{ type: 'connection-closed', vantage: 'wire', hop: 'cafe', connection: 1 },
          ...{ by: 'client', how: 'end' },
        }),
      ),
  };
}

test('falls silent once after the client has spoken, and again only when there is something new', () => {
  const { send, handle, pauses, connection } = watched();
  send('client-to-server', hello + sealed);
  vi.advanceTimersByTime(silence - 1);
  send('server-to-client', sealed);
  vi.advanceTimersByTime(silence - 1);
  expect(pauses).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(pauses).toMatchObject([{ isOver: false, hasSpoken: true, handled: [] }]);
  send('server-to-client', sealed);
  vi.advanceTimersByTime(2 * silence);
  expect(pauses.length).toBe(1);
  handle('/one');
  vi.advanceTimersByTime(2 * silence);
  expect(pauses.slice(1)).toMatchObject([{ isOver: false, hasSpoken: false, handled: [{ path: '/one' }] }]);
  connection.forget();
});

test('a handshake alone is no word of the client’s, and an alert is none', () => {
  const { send, close, pauses } = watched();
  send('client-to-server', hello);
  send('client-to-server', alert);
  close();
  expect(pauses).toMatchObject([{ isOver: true, hasSpoken: false, handled: [] }]);
});

test('closing ends the waiting, and tells what was not told yet', () => {
  const { send, handle, close, pauses } = watched();
  send('client-to-server', hello + sealed);
  handle('/one');
  close();
  vi.advanceTimersByTime(2 * silence);
  expect(pauses).toMatchObject([{ isOver: true, hasSpoken: true, handled: [{ path: '/one' }] }]);
});

test('what came before it was armed counts for nothing', () => {
  const { send, handle, close, pauses } = watched(4);
  send('client-to-server', hello + sealed);
  handle('/one');
  close();
  expect(pauses).toMatchObject([{ hasSpoken: false, handled: [] }]);
});

test('forgotten, it tells of no silence', () => {
  const { send, connection, pauses } = watched();
  send('client-to-server', hello + sealed);
  connection.forget();
  vi.advanceTimersByTime(2 * silence);
  expect(pauses).toEqual([]);
});
