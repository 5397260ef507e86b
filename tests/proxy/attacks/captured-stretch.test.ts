import type { Direction, LogEvent } from '#contract';
import { expect, test } from 'vitest';
import { stretch } from '../../../proxy/attacks/captured-stretch.ts';

const chunk = (offset: number, hex: string, direction: Direction = 'client-to-server'): LogEvent => ({
  ...{ epoch: 1, seq: offset + 1, time: 0, type: 'bytes-captured', vantage: 'wire', hop: 'cafe' },
  ...{ connection: 1, direction, offset, bytes: Buffer.from(hex, 'hex') },
});

test('a stretch is put together from its chunks, and there is none where one is missing', () => {
  const events = [chunk(0, '0001'), chunk(0, 'ffff', 'server-to-client'), chunk(2, '0203'), chunk(4, '0405')];
  const taken = (start: number, end: number, from = events) =>
    stretch(from, { connection: 1 }, 'client-to-server', start, end)?.toString('hex');
  expect(taken(1, 5)).toBe('01020304');
  expect(taken(0, 6)).toBe('000102030405');
  expect(taken(3, 3)).toBe('');
  expect(taken(0, 7)).toBeUndefined();
  expect(taken(1, 5, events.toSpliced(2, 1))).toBeUndefined();
  expect(stretch(events, { connection: 2 }, 'client-to-server', 0, 1)).toBeUndefined();
});
