import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FailedLogins } from '../../../demo-sites/piggypay/failed-logins.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('failed logins', () => {
  it('are borne 60 times a minute, and again when the minute is over', () => {
    const failed = new FailedLogins();
    for (let count = 0; count < 60; count += 1) {
      expect(failed.secondsToWait).toBe(0);
      failed.add();
    }
    expect(failed.secondsToWait).toBe(60);
    vi.advanceTimersByTime(59_500);
    expect(failed.secondsToWait).toBe(1);
    vi.advanceTimersByTime(500);
    expect(failed.secondsToWait).toBe(0);
    failed.add();
    expect(failed.secondsToWait).toBe(0);
  });

  it('do not add up over several minutes', () => {
    const failed = new FailedLogins();
    for (let count = 0; count < 300; count += 1) {
      failed.add();
      vi.advanceTimersByTime(2_000);
    }
    expect(failed.secondsToWait).toBe(0);
  });
});
