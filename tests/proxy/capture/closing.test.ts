import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { untilClosed } from '../../../proxy/capture/closing.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

let log: CaptureLog;
beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  log = new CaptureLog();
  log.begin({ routes: [] });
});

function close(connection: number): void {
  log.append({
    type: 'connection-closed',
    ...{ vantage: 'wire', hop: 'cafe', connection, by: 'client', how: 'end' },
  });
}

/** Whether it has resolved, as far as that can be by now. */
async function isOver(waiting: Promise<void>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([waiting, Promise.resolve(pending)])) !== pending;
}

test('waits until the log has seen all of them close', async () => {
  close(1);
  const waiting = untilClosed(log, [1, 2]);
  expect(await isOver(waiting)).toBe(false);
  close(2);
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
});

test('does not wait for what an end keeps open for longer than half a second', async () => {
  const waiting = untilClosed(log, [1]);
  await vi.advanceTimersByTimeAsync(499);
  expect(await isOver(waiting)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
});

test('does not wait for a capture that is over', async () => {
  const waiting = untilClosed(log, [1]);
  log.begin({ routes: [] });
  await waiting;
});
