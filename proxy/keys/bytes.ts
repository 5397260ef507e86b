/** A big-endian unsigned number. */
export function uint(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = size - 1, rest = value; at >= 0 && rest > 0; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

export function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Nobody measures how long this takes: what it compares lies in a capture already. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** The initialisation vector of an epoch with the record's number worked in (RFC 8446, 5.3; RFC 7905, 2). */
export function numberedNonce(vector: Uint8Array, sequence: number): Uint8Array {
  const number = uint(sequence, vector.length);
  return vector.map((byte, at) => byte ^ (number[at] ?? 0));
}
