import type { Direction } from '#contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allVectors, streamOf, type Vector, type VectorChunk } from '../../vectors/vector.ts';
import { dissect, expectCovered, explain, inPieces, malformations, timeless } from './feeding.ts';

const DIRECTIONS: readonly Direction[] = ['client-to-server', 'server-to-client'];

describe.each(allVectors().map((vector) => [vector.name, vector] as const))('vector %s', (_name, vector) => {
  const whole = timeless(dissect(vector.chunks));

  test('gives the same messages byte by byte', () => {
    expect(timeless(dissect(inPieces(vector.chunks, 1)))).toEqual(whole);
  });

  test('gives the same messages at every split', () => {
    const total = vector.chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    for (let at = 1; at < total; at++) expect(timeless(dissect(splitAt(vector.chunks, at)))).toEqual(whole);
  });

  test('gives the same messages in any chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 }), (sizes) => {
        expect(timeless(dissect(inSizes(vector.chunks, sizes)))).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  test('is covered by messages without gap or overlap', () => {
    for (const direction of DIRECTIONS) {
      let at = 0;
      for (const message of whole[direction]) {
        expect(message.start).toBe(at);
        at = message.end;
      }
      expect(at).toBe(streamOf(vector, direction).length);
    }
  });

  test('is explained down to every byte, with nothing malformed', () => {
    for (const message of dissect(vector.chunks)) {
      const explained = explain(message, streamOf(vector, message.direction));
      expect(explained).toBeDefined();
      if (!explained) continue;
      expectCovered(explained.field, explained.bytes.length);
      expect(malformations(explained.field)).toEqual([]);
    }
  });

  test('is explained down to every byte however much of a message has arrived', () => {
    for (const message of dissect(vector.chunks)) {
      for (let end = message.start + 1; end < message.end; end++) {
        const explained = explain({ ...message, end, complete: false }, streamOf(vector, message.direction));
        if (explained) expectCovered(explained.field, explained.bytes.length);
      }
    }
  });
});

test('every vector says where its bytes come from', () => {
  const vectors: readonly Vector[] = allVectors();
  expect(vectors.length).toBeGreaterThan(5);
  for (const { source, chunks } of vectors) {
    expect(source).toMatch(/RFC|loopback/);
    expect(chunks.length).toBeGreaterThan(0);
  }
});

function splitAt(chunks: readonly VectorChunk[], at: number): readonly VectorChunk[] {
  let before = 0;
  return chunks.flatMap((chunk) => {
    const cut = at - before;
    before += chunk.bytes.length;
    if (cut <= 0 || cut >= chunk.bytes.length) return [chunk];
    return [
      { ...chunk, bytes: chunk.bytes.subarray(0, cut) },
      { ...chunk, bytes: chunk.bytes.subarray(cut) },
    ];
  });
}

function inSizes(chunks: readonly VectorChunk[], sizes: readonly number[]): readonly VectorChunk[] {
  let turn = 0;
  return chunks.flatMap(({ direction, bytes }) => {
    const pieces: VectorChunk[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + (sizes[turn++ % sizes.length] ?? 1);
      pieces.push({ direction, bytes: bytes.subarray(at, end) });
      at = end;
    }
    return pieces;
  });
}
