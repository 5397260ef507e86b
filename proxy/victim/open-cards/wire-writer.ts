import { joined, uint } from '#keys/bytes.ts';

/** These pieces with their length before them, in so many bytes (RFC 8446, 3.4). */
export function vector(lengthSize: number, ...pieces: readonly Uint8Array[]): Uint8Array {
  const content = joined(...pieces);
  return joined(uint(content.length, lengthSize), content);
}

/** Numbers of two bytes each. */
export function codes(numbers: readonly number[]): Uint8Array {
  return joined(...numbers.map((number) => uint(number, 2)));
}

/** A handshake message with its header (RFC 8446, 4). */
export function handshakeMessage(type: number, ...pieces: readonly Uint8Array[]): Uint8Array {
  return joined(Uint8Array.of(type), vector(3, ...pieces));
}
