import { BoundedOutput } from '../content/undone.ts';
import { ChunkedCounter } from './chunked.ts';

export interface JoinedChunks {
  readonly bytes: Uint8Array;
  /** Chunks with data in them. */
  readonly count: number;
  /** The last chunk was there, and none before it was broken. */
  readonly whole: boolean;
  readonly truncated: boolean;
}

/** Puts the data of a chunked body together (RFC 9112, 7.1), as far as it came and up to `limit` bytes. */
export function joinChunks(body: Uint8Array, limit: number): JoinedChunks {
  const output = new BoundedOutput(limit);
  const counter = new ChunkedCounter();
  let count = 0;
  let at = 0;
  while (at < body.length && !counter.done && !counter.broken && !output.isFull) {
    // Up to the end of the size line; behind the last data a push runs on through the trailers.
    const feed = body.indexOf(10, at);
    at = counter.push(body.subarray(0, feed === -1 ? body.length : feed + 1), at);
    if (counter.dataLeft === 0) continue;
    const length = Math.min(counter.dataLeft, body.length - at);
    output.add(body.subarray(at, at + length));
    counter.skip(length);
    at += length;
    count++;
  }
  return { bytes: output.joined(), count, whole: counter.done, truncated: output.isFull };
}
