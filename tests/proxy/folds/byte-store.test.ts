import { ByteStore } from '#folds/byte-store.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

function stored(...pieces: readonly string[]): ByteStore {
  const store = new ByteStore();
  for (const piece of pieces) store.add(store.end, new TextEncoder().encode(piece));
  return store;
}

function text(store: ByteStore, start: number, end: number): string {
  return new TextDecoder().decode(store.slice(start, end).bytes);
}

describe('slices', () => {
  test('of one chunk are a view of it, of several a copy', () => {
    const chunk = new TextEncoder().encode('abcdef');
    const store = new ByteStore();
    store.add(0, chunk);
    store.add(6, new TextEncoder().encode('gh'));
    const inside = store.slice(1, 4);
    expect(inside.inOneChunk).toBe(true);
    expect(inside.bytes.buffer).toBe(chunk.buffer);
    expect(store.slice(4, 8)).toMatchObject({ start: 4, inOneChunk: false });
    expect(text(store, 4, 8)).toBe('efgh');
  });

  test('end where the stream ends, and are empty beyond it', () => {
    const store = stored('abc');
    expect(text(store, 1, 99)).toBe('bc');
    expect(store.slice(5, 9).bytes).toHaveLength(0);
  });

  test('stop at a gap', () => {
    const store = stored('abc');
    store.add(5, new TextEncoder().encode('fg'));
    expect(text(store, 0, 7)).toBe('abc');
    expect(store.slice(3, 7)).toMatchObject({ start: 5 });
  });
});

describe('eviction', () => {
  test('counts what was dropped, and slices say where they begin now', () => {
    const store = stored('abc', 'def', 'ghi');
    store.evict(0, 4);
    expect([store.held, store.evicted, store.end]).toEqual([5, 4, 9]);
    expect(store.slice(0, 9)).toMatchObject({ start: 4, inOneChunk: false });
    expect(text(store, 0, 9)).toBe('efghi');
  });

  test('of what was never here counts nothing', () => {
    const store = stored('abc');
    store.evict(10, 20);
    expect([store.held, store.evicted]).toEqual([3, 0]);
  });
});

test('bytes that are known already are passed over', () => {
  const store = stored('abc');
  expect(store.add(1, new TextEncoder().encode('bcd'))).toHaveLength(1);
  expect(store.add(0, new TextEncoder().encode('ab'))).toHaveLength(0);
  expect(text(store, 0, 4)).toBe('abcd');
});

test('holds exactly what was added and not evicted, whatever the order', () => {
  const step = fc.oneof(
    fc.record({ add: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
    fc.record({ from: fc.nat(100), size: fc.nat(60) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const store = new ByteStore();
      const model: (number | undefined)[] = [];
      for (const one of steps) {
        if ('add' in one) {
          store.add(store.end, one.add);
          model.push(...one.add);
        } else {
          store.evict(one.from, one.from + one.size);
          for (let at = one.from; at < Math.min(model.length, one.from + one.size); at++)
            model[at] = undefined;
        }
      }
      expect(store.held).toBe(model.filter((byte) => byte !== undefined).length);
      expect(store.held + store.evicted).toBe(model.length);
      for (let at = 0; at < model.length; at++) {
        const { start, bytes } = store.slice(at, at + 1);
        expect(start === at ? bytes[0] : undefined).toBe(model[at]);
      }
    }),
  );
});
