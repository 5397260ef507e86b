import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allVectors, streamOf, type VectorChunk } from '../../vectors/vector.ts';
import { coverageFault, dissect, explain, inPieces } from './feeding.ts';

/** A small generator with a seed, so that a failure can be repeated (Park and Miller). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** What is wrong with the messages of these chunks; an assertion for each would cost more than the work. */
function fault(chunks: readonly VectorChunk[]): string | undefined {
  const messages = dissect(chunks);
  for (const direction of ['client-to-server', 'server-to-client'] as const) {
    const stream = streamOf({ name: '', source: '', chunks }, direction);
    let at = 0;
    for (const message of messages.filter((one) => one.direction === direction)) {
      if (message.start !== at) return `${message.title} begins at ${message.start}, expected ${at}`;
      at = message.end;
      const explained = explain(message, stream);
      const uncovered = explained && coverageFault(explained.field, explained.bytes.length);
      if (uncovered !== undefined) return uncovered;
    }
    if (at !== stream.length) return `messages end at ${at}, the stream at ${stream.length}`;
  }
  return undefined;
}

test('10,000 mutations of the vectors are taken apart without a throw, and every byte is accounted for', () => {
  const vectors = allVectors();
  const random = randomNumbers(20_260_722);
  for (let round = 0; round < 10_000; round++) {
    const vector = vectors[round % vectors.length];
    const chunks = (vector?.chunks ?? []).map(({ direction, bytes }) => ({
      direction,
      bytes: bytes.slice(),
    }));
    for (let count = random(4); count >= 0; count--) {
      const chunk = chunks[random(chunks.length)];
      if (!chunk) continue;
      const at = random(Math.min(chunk.bytes.length, random(2) === 0 ? 80 : chunk.bytes.length));
      const kind = random(4);
      if (kind < 2) chunk.bytes[at] = kind === 0 ? random(256) : (chunk.bytes[at] ?? 0) ^ (1 << random(8));
      else chunk.bytes = kind === 2 ? chunk.bytes.slice(0, at + 1) : chunk.bytes.subarray(at);
    }
    expect(fault(chunks), `round ${round}`).toBeUndefined();
  }
});

test('random bytes are taken apart without a throw', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          direction: fc.constantFrom('client-to-server' as const, 'server-to-client' as const),
          bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
        }),
        { maxLength: 12 },
      ),
      fc.constantFrom(
        '',
        'GET / HTTP/1.1\r\n',
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
        '\x16\x03\x01\x00\x40\x01',
      ),
      (chunks, prefix) => {
        const first = {
          direction: 'client-to-server' as const,
          bytes: Uint8Array.from(prefix, (c) => c.charCodeAt(0)),
        };
        expect(fault(prefix === '' ? chunks : [first, ...chunks])).toBeUndefined();
      },
    ),
    { numRuns: 2000 },
  );
});

test.each([
  ['a head of 64 KB', `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(10_900)}`],
  ['a head of 64 KB without a colon', `GET / HTTP/1.1\r\n${'\n'.padStart(300, 'x').repeat(210)}`],
  ['64 KB of empty lines', '\r\n'.repeat(32_768)],
  [
    'chunk sizes by the thousand',
    `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(10_000)}`,
  ],
])(
  '%s, byte by byte, takes no longer than its length asks for',
  (_case, text) => {
    const chunks: VectorChunk[] = [
      { direction: 'client-to-server', bytes: Uint8Array.from(text, (c) => c.charCodeAt(0)) },
    ];
    expect(dissect(inPieces(chunks, 1)).at(-1)?.end).toBe(text.length);
  },
  5000,
);
