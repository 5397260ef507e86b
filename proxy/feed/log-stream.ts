import type { LogEvent } from '#contract';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { CaptureLog } from '../capture/log.ts';
import { Turns } from './turns.ts';

const pieceBytes = 1 << 20;

/**
 * The events after number `seq` that the log holds now, in pieces of about a megabyte that are taken from it when
 * they are asked for. Ends early when the log begins a new epoch meanwhile.
 */
export function* logPieces(log: CaptureLog, seq: number): Generator<readonly LogEvent[], void> {
  const { epoch, lastSeq } = log;
  let after = seq;
  while (after < lastSeq && log.epoch === epoch) {
    const events = log.after(after, pieceBytes).filter((event) => event.seq <= lastSeq);
    const last = events.at(-1);
    if (!last) return;
    after = last.seq;
    yield events;
  }
}

/**
 * Writes the pieces as fast as the reader takes them, and stops when the reader has gone; does not end `to`. An empty
 * piece is a step of the making, and no more.
 */
export async function writePieces(pieces: Iterable<string | Uint8Array>, to: Writable): Promise<void> {
  const turns = new Turns();
  for (const piece of pieces) {
    if (to.destroyed) return;
    if (piece.length > 0 && !to.write(piece)) await untilDrained(to);
    // A quick reader takes each piece at once, and nothing else would have its turn before the end.
    if (turns.isDue) await turns.pass();
  }
}

async function untilDrained(to: Writable): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(to, 'drain', { signal }), once(to, 'close', { signal })]);
  } finally {
    // The one that lost would else go on listening, once for every piece.
    over.abort();
  }
}
