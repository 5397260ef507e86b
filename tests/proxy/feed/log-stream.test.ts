import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { writePieces } from '../../../proxy/feed/log-stream.ts';

/** Takes every piece at once, as a socket does whose other end reads as fast as it can. */
function quickReader(taken: (string | Uint8Array)[]): Writable {
  return new Writable({
    decodeStrings: false,
    highWaterMark: 1,
    write(piece: string | Uint8Array, _encoding, done) {
      taken.push(piece);
      done();
    },
  });
}

function* slowPieces(count: number): Generator<string> {
  for (let made = 0; made < count; made += 1) {
    for (const end = performance.now() + 6; performance.now() < end;);
    yield 'piece';
  }
}

test('others have their turn while pieces are made for a reader that takes them at once', async () => {
  const taken: (string | Uint8Array)[] = [];
  let turns = 0;
  let isOver = false;
  const take = (): void => {
    turns += 1;
    if (!isOver) setImmediate(take);
  };
  setImmediate(take);
  await writePieces(slowPieces(20), quickReader(taken));
  isOver = true;
  expect(taken).toHaveLength(20);
  expect(turns).toBeGreaterThanOrEqual(5);
});

test('an empty piece is no write', async () => {
  const taken: (string | Uint8Array)[] = [];
  await writePieces(['a', '', new Uint8Array(0), 'b'], quickReader(taken));
  expect(taken).toEqual(['a', 'b']);
});
