import { expect, test, vi } from 'vitest';
import { HeldBytes } from '../../../proxy/relay/held-bytes.ts';

function held(...texts: readonly string[]) {
  const bytes = new HeldBytes();
  const written = texts.map((text) => {
    const callback = vi.fn();
    bytes.push({ bytes: Buffer.from(text), written: callback });
    return callback;
  });
  const take = (count: number) => bytes.take(count).map((piece) => Buffer.from(piece.bytes).toString());
  return { bytes, written, take };
}

test('gives back what was pushed, in order, in whatever portions', () => {
  const { bytes, take } = held('abc', 'defg', 'h');
  expect(take(2)).toEqual(['ab']);
  expect(take(3)).toEqual(['c', 'de']);
  expect(bytes.length).toBe(3);
  expect(take(100)).toEqual(['fg', 'h']);
  expect([take(1), bytes.length]).toEqual([[], 0]);
});

test('says that a chunk is written with its last portion, not before', () => {
  const { bytes, written } = held('abcdef');
  const [first] = bytes.take(4);
  expect(first?.written).toBeUndefined();
  const [last] = bytes.take(2);
  expect(last?.written).toBe(written[0]);
});

test('other bytes wait in place of some, and go on whole or not at all', () => {
  const { bytes, written, take } = held('abc', 'defg', 'h');
  bytes.replace(2, 5, Buffer.from('!'));
  expect(bytes.length).toBe(8);
  expect(take(1)).toEqual(['a']);
  expect(take(3)).toEqual(['b']);
  expect([take(2), bytes.length]).toEqual([[], 6]);
  const [replaced] = bytes.take(3);
  expect(Buffer.from(replaced?.bytes ?? []).toString()).toBe('!');
  expect(written[0]).not.toHaveBeenCalled();
  replaced?.written?.();
  expect(written[0]).toHaveBeenCalledOnce();
  // The rest of this chunk is still to be written from the same memory.
  expect(written[1]).not.toHaveBeenCalled();
  expect(take(100)).toEqual(['fg', 'h']);
});

test('refuses to replace what is not held, nothing at all, or a part of what was replaced', () => {
  const { bytes, take } = held('abcdef');
  bytes.replace(1, 4, Buffer.alloc(0));
  for (const [start, end] of [
    [-1, 2],
    [2, 2],
    [5, 7],
    [0, 2],
    [3, 5],
    [NaN, 2],
  ] as const)
    expect(() => bytes.replace(start, end, Buffer.from('x'))).toThrow(RangeError);
  bytes.replace(1, 4, Buffer.from('once more'));
  expect(take(6)).toEqual(['a', 'once more', 'ef']);
});

test('lets go of the memory of what is given up, of each chunk once', () => {
  const { bytes, written } = held('abcdef', 'g');
  bytes.take(3);
  bytes.clear();
  bytes.clear();
  for (const callback of written) expect(callback).toHaveBeenCalledOnce();
  expect(bytes.length).toBe(0);
});
