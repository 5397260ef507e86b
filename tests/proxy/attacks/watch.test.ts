import type { ConnectionId, Opener } from '#contract';
import { beforeEach, expect, test, vi } from 'vitest';
import { Watch } from '../../../proxy/attacks/watch.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

let log: CaptureLog;
beforeEach(() => {
  log = new CaptureLog();
  log.begin({ routes: [] });
});

function open(opener: Opener): ConnectionId {
  const connection = log.nextConnection();
  log.append({
    ...{ type: 'connection-opened', vantage: 'wire', hop: 'cafe', connection, transport: 'tcp', tls: false },
    ...{ client: { address: '127.0.0.1', port: 1000 + connection }, opener },
    server: { name: 'piggypay.test', port: 80, address: '127.0.0.1:1' },
  });
  return connection;
}

function handle(connection: ConnectionId): void {
  log.append({
    ...{
      type: 'request-handled',
      vantage: 'site',
      connection,
      method: 'GET',
      path: '/',
      status: 200,
      count: 1,
    },
  });
}

test('waiting for something it looks after the log was told, not while, and once for many events', async () => {
  const watch = new Watch(log);
  let looks = 0;
  const waiting = watch.until(
    () => (looks += 1) > 0 && watch.handled(1).length === 50,
    () => 10_000,
    new AbortController().signal,
  );
  const connection = open('other');
  for (let request = 0; request < 50; request += 1) handle(connection);
  expect(looks).toBe(1);
  expect(await waiting).toBe(true);
  expect(looks).toBe(2);
});

test('broken off or out of patience, it looks no more', async () => {
  const watch = new Watch(log);
  const looked = vi.fn(() => false);
  const broken = new AbortController();
  const waiting = [
    watch.until(looked, () => 10_000, broken.signal).catch(() => 'broken off'),
    watch.until(looked, () => 1, new AbortController().signal),
  ];
  await waiting[1];
  open('other');
  broken.abort(new Error('enough'));
  expect(await Promise.all(waiting)).toEqual(['broken off', false]);
  await new Promise((resolve) => setImmediate(resolve));
  // At first, and the second of them at last.
  expect(looked).toHaveBeenCalledTimes(3);
});

test('a fault of what it waits for is told to whoever waits, not to the process', async () => {
  let looks = 0;
  const waiting = new Watch(log).until(
    () => {
      if ((looks += 1) > 1) throw new Error('no such thing');
      return false;
    },
    () => 10_000,
    new AbortController().signal,
  );
  open('other');
  await expect(waiting).rejects.toThrow('no such thing');
});

test('counts what the site has handled for visitors of one kind, in one pass through the log', () => {
  handle(open('demo-browser'));
  const watch = new Watch(log);
  for (let visit = 0; visit < 3; visit += 1)
    for (const opener of ['demo-browser', 'other'] as const) handle(open(opener));
  const after = vi.spyOn(log, 'after');
  expect(watch.handledFor('demo-browser')).toBe(3);
  expect(after).toHaveBeenCalledTimes(1);
});
