import { Gunzip, Inflate } from 'fflate';
import { crc32 } from './crc32.ts';
import { BoundedOutput, STOPS_EARLY, type Undone } from './undone.ts';

// A byte of deflate can stand for 1032, so this is what a step can cost beyond the limit: 2 MiB.
const STEP = 2048;

// A header, an empty block and the trailer.
const SHORTEST_GZIP = 18;

// Each costs more than its bytes would, and one is what is sent.
const MOST_MEMBERS = 200;

// Milliseconds. Forty bytes can ask for new tables that cost as much as the text of a page, and yield nothing: a body
// of 1 MiB that does nothing else takes many seconds, an honest one some hundredths.
const PATIENCE = 500;

type Format = 'gzip' | 'deflate';

/**
 * Undoes gzip (RFC 1952) or deflate, which should be zlib's format (RFC 1950) and which some servers send without
 * its wrapping (RFC 9110, 8.4.1.2). Stops at `limit` bytes of output. Never throws because of the bytes.
 */
export function inflate(bytes: Uint8Array, format: Format, limit: number): Undone {
  const output = new BoundedOutput(limit);
  let members = 1;
  const receive = (piece: Uint8Array): void => output.add(piece);
  const stream = format === 'gzip' ? new Gunzip(receive) : new Inflate(receive);
  if (stream instanceof Gunzip)
    stream.onmember = () => {
      if (++members > MOST_MEMBERS) throw new Error('more members than anybody sends');
    };
  // The wrapping of zlib is two bytes before the data, and a checksum behind it that is not asked for here.
  const first = format === 'deflate' && isZlib(bytes) ? 2 : 0;
  const until = Date.now() + PATIENCE;
  try {
    for (let at = first; at < bytes.length && !output.isFull; at += STEP) {
      if (Date.now() > until) throw new Error('it takes longer than any that somebody means to be read');
      stream.push(bytes.subarray(at, at + STEP), false);
    }
    // On its own, since what stops early hands out nothing of a last step.
    if (!output.isFull) stream.push(new Uint8Array(0), true);
  } catch (error) {
    return { bytes: output.joined(), problem: reason(error), truncated: output.isFull };
  }
  const plain = output.joined();
  if (output.isFull) return { bytes: plain, truncated: true };
  if (format === 'gzip' && bytes.length < SHORTEST_GZIP)
    return { bytes: plain, problem: STOPS_EARLY, truncated: false };
  const damaged = format === 'gzip' && members === 1 && !hasChecksum(bytes, plain);
  const problem = damaged ? 'The checksum behind the compressed data does not fit what came out.' : undefined;
  return { bytes: plain, truncated: false, ...(problem === undefined ? {} : { problem }) };
}

/** RFC 1950, 2.2: the method is 8 and the two bytes are a multiple of 31. */
function isZlib(bytes: Uint8Array): boolean {
  const [method = 0, flags = 0] = bytes;
  return (method & 15) === 8 && (method * 256 + flags) % 31 === 0;
}

/** RFC 1952, 2.3.1: CRC-32, then the length, both little-endian. */
function hasChecksum(bytes: Uint8Array, plain: Uint8Array): boolean {
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  return trailer.getUint32(0, true) === crc32(plain) && trailer.getUint32(4, true) === plain.length;
}

function reason(error: unknown): string {
  const said = error instanceof Error ? error.message : '';
  return said === 'unexpected EOF'
    ? STOPS_EARLY
    : `The compressed data is broken: ${said || 'no reason given'}.`;
}
