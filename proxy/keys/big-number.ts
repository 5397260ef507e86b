/** The number that big-endian bytes stand for (OS2IP, RFC 8017, 4.2). */
export function numberOf(bytes: Uint8Array): bigint {
  let digits = '';
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
  return digits === '' ? 0n : BigInt(`0x${digits}`);
}

/** A number as so many big-endian bytes, which it must fit into (I2OSP, RFC 8017, 4.1). */
export function bytesOfNumber(value: bigint, size: number): Uint8Array {
  const digits = value.toString(16).padStart(size * 2, '0');
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

/** How many bytes it takes to write a number. */
export function byteLength(value: bigint): number {
  return Math.ceil(value.toString(16).length / 2);
}

/** `base` to the power of `exponent`, modulo `modulus`; none of them negative. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  const bits = exponent.toString(2);
  for (let at = bits.length - 1; at >= 0; at--) {
    if (bits[at] === '1') result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result % modulus;
}
