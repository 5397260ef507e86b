import { STOPS_EARLY, type Undone } from '../undone.ts';
import { BitSource, BrokenBrotli } from './bit-source.ts';
import type { LastDistances } from './distances.ts';
import { readMetaBlock } from './meta-block.ts';
import { BrotliOutput, OutputFull } from './output.ts';

/**
 * Undoes brotli (RFC 7932). Written here because a stream of 4 KB can unpack to gigabytes, and decoders that hand
 * out everything at once cannot be stopped: this one never holds more than `limit` bytes of output, and never throws
 * because of the bytes.
 */
export function unbrotli(bytes: Uint8Array, limit: number): Undone {
  const output = new BrotliOutput(limit, bytes.length * 4);
  try {
    readStream(new BitSource(bytes), output);
    return { bytes: output.taken(), truncated: false };
  } catch (error) {
    if (error instanceof OutputFull) return { bytes: output.taken(), truncated: true };
    if (!(error instanceof BrokenBrotli)) throw error;
    const problem =
      error.message === 'end' ? STOPS_EARLY : `The compressed data is broken: ${error.message}.`;
    return { bytes: output.taken(), problem, truncated: false };
  }
}

function readStream(source: BitSource, output: BrotliOutput): void {
  const window = 2 ** readWindowBits(source) - 16;
  const last: LastDistances = [4, 11, 15, 16];
  for (;;) {
    const isLast = source.read(1) === 1;
    if (isLast && source.read(1) === 1) return;
    const nibbles = source.read(2) + 4;
    if (nibbles === 7) skipMetadata(source);
    else {
      const length = readLength(source, nibbles, 4) + 1;
      if (!isLast && source.read(1) === 1) copyStored(source, output, length);
      else readMetaBlock(source, output, length, window, last);
    }
    if (isLast) return;
  }
}

/** RFC 7932, 9.1. */
function readWindowBits(source: BitSource): number {
  if (source.read(1) === 0) return 16;
  const high = source.read(3);
  if (high !== 0) return 17 + high;
  const low = source.read(3);
  if (low === 1) throw new BrokenBrotli('a window of a size that is not defined');
  return low === 0 ? 17 : 8 + low;
}

/** RFC 7932, 9.2: more digits than the number needs are an error. */
function readLength(source: BitSource, digits: number, bits: number): number {
  let length = 0;
  for (let index = 0; index < digits; index++) {
    const digit = source.read(bits);
    if (digit === 0 && index === digits - 1 && index * bits >= (bits === 4 ? 16 : 8))
      throw new BrokenBrotli('a length with a leading zero');
    length += digit * 2 ** (index * bits);
  }
  return length;
}

function skipMetadata(source: BitSource): void {
  if (source.read(1) !== 0) throw new BrokenBrotli('a reserved bit is set');
  const size = source.read(2);
  const length = size === 0 ? 0 : readLength(source, size, 8) + 1;
  source.align();
  if (source.bytes(length).length < length) throw new BrokenBrotli('end');
}

function copyStored(source: BitSource, output: BrotliOutput, length: number): void {
  source.align();
  const stored = source.bytes(length);
  output.add(stored);
  if (stored.length < length) throw new BrokenBrotli('end');
}
