import type { Direction, WireEvent } from '#contract';
import { HeldFold, overlaps } from '#folds/held.ts';
import { expect, test } from 'vitest';

const epoch = 7;
let seq = 0;

function place(offset: number, length: number, direction: Direction, connection: number) {
  seq += 1;
  const wire = { epoch, seq, time: seq, vantage: 'wire', hop: 'cafe' } as const;
  return { ...wire, connection, direction, offset, length };
}

function held(
  offset: number,
  length: number,
  direction: Direction = 'client-to-server',
  connection = 1,
): WireEvent {
  return { type: 'bytes-held', ...place(offset, length, direction, connection) };
}

function released(offset: number, length: number, connection = 1): WireEvent {
  return { type: 'bytes-released', ...place(offset, length, 'client-to-server', connection) };
}

function closed(connection: number): WireEvent {
  const { epoch: of, seq: number, time, vantage, hop } = place(0, 0, 'client-to-server', connection);
  return {
    ...{ type: 'connection-closed', epoch: of, seq: number, time, vantage, hop, connection },
    ...{ by: 'client', how: 'reset' },
  };
}

function folded(...events: readonly WireEvent[]): HeldFold {
  const fold = new HeldFold();
  for (const event of events) fold.apply(event);
  return fold;
}

const stretch = { connection: 1, direction: 'client-to-server' } as const;

test('what was held and not let go is one stretch of each direction', () => {
  const fold = folded(held(0, 10), held(10, 5), held(3, 4, 'server-to-client'), released(0, 8));
  expect(fold.view().held).toEqual([
    { ...stretch, start: 8, end: 15 },
    { connection: 1, direction: 'server-to-client', start: 3, end: 7 },
  ]);
});

test('nothing is held once all of it was let go, and the same view stays until something changes', () => {
  const fold = folded(held(0, 10), released(0, 4), released(4, 6));
  const view = fold.view();
  expect(view).toEqual({ held: [], undelivered: [] });
  expect(fold.view()).toBe(view);
  fold.apply(held(10, 1));
  expect(fold.view()).not.toBe(view);
  expect(view.held).toEqual([]);
});

test('what is held when its connection closes never arrived, and who ended it is told', () => {
  const fold = folded(held(0, 10), held(0, 2, 'client-to-server', 2), released(0, 4), closed(1));
  expect(fold.view()).toEqual({
    held: [{ ...stretch, connection: 2, start: 0, end: 2 }],
    undelivered: [{ ...stretch, start: 4, end: 10, by: 'client', how: 'reset' }],
  });
});

test('a new epoch starts over', () => {
  const fold = folded(held(0, 10), closed(1), held(0, 3, 'client-to-server', 2));
  fold.apply({
    ...{ type: 'epoch-started', vantage: 'wire', epoch: epoch + 1, seq: 1, time: 0 },
    ...{ wallClock: '', routes: [], source: 'live' },
  });
  expect(fold.view()).toEqual({ held: [], undelivered: [] });
});

test('a message is held as soon as one byte of it is, of its own connection and direction only', () => {
  const stretches = [{ ...stretch, start: 8, end: 15 }];
  expect(overlaps(stretches, { ...stretch, start: 0, end: 9 })).toBe(true);
  expect(overlaps(stretches, { ...stretch, start: 0, end: 8 })).toBe(false);
  expect(overlaps(stretches, { ...stretch, start: 15, end: 20 })).toBe(false);
  expect(overlaps(stretches, { ...stretch, connection: 2, start: 8, end: 9 })).toBe(false);
  expect(overlaps(stretches, { ...stretch, direction: 'server-to-client', start: 8, end: 9 })).toBe(false);
});
