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

test('lets go of the memory of what is given up, of each chunk once', () => {
  const { bytes, written } = held('abcdef', 'g');
  bytes.take(3);
  bytes.clear();
  bytes.clear();
  for (const callback of written) expect(callback).toHaveBeenCalledOnce();
  expect(bytes.length).toBe(0);
});
