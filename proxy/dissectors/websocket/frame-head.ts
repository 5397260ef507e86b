/** What the header of a frame says (RFC 6455, 5.2). */
export interface FrameHead {
  /** The last frame of its message, or the only one. */
  readonly final: boolean;
  /** RSV1 to RSV3 as one number, RSV1 the highest. */
  readonly reserved: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** The seven bits of the second byte: a length, or 126 and 127 for a longer one behind it. */
  readonly shortLength: number;
  readonly payloadLength: number;
  /** Bytes before the payload, the masking key included. */
  readonly headLength: number;
}

export const LONGEST_FRAME_HEAD = 14;

/** How long the header is, told by its second byte. */
export function frameHeadLength(second: number): number {
  const shortLength = second & 0x7f;
  return 2 + (shortLength === 127 ? 8 : shortLength === 126 ? 2 : 0) + ((second & 0x80) === 0 ? 0 : 4);
}

/** Reads a header that is there whole; a length that no number holds exactly becomes infinite. */
export function readFrameHead(bytes: Uint8Array): FrameHead {
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  const shortLength = second & 0x7f;
  const extended = shortLength === 127 ? 8 : shortLength === 126 ? 2 : 0;
  let payloadLength = extended === 0 ? shortLength : 0;
  for (let at = 2; at < 2 + extended; at++) payloadLength = payloadLength * 256 + (bytes[at] ?? 0);
  return {
    final: (first & 0x80) !== 0,
    reserved: (first >> 4) & 7,
    opcode: first & 15,
    masked: (second & 0x80) !== 0,
    shortLength,
    payloadLength: Number.isSafeInteger(payloadLength) ? payloadLength : Infinity,
    headLength: frameHeadLength(second),
  };
}

/** Undoes the masking of bytes that lie `offset` behind the start of the payload (RFC 6455, 5.3). */
export function unmasked(payload: Uint8Array, key: Uint8Array, offset = 0): Uint8Array {
  const plain = new Uint8Array(payload.length);
  for (let at = 0; at < payload.length; at++) plain[at] = (payload[at] ?? 0) ^ (key[(offset + at) & 3] ?? 0);
  return plain;
}
