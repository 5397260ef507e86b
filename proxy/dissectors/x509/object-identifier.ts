// The longest in use have some 20 bytes; the work grows with the square of the length.
const LONGEST = 128;

/** The dotted form of an object identifier's value (X.690, 8.19); undefined when it is none. */
export function dotted(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > LONGEST) return undefined;
  const arcs: (number | bigint)[] = [];
  let arc: number | bigint = 0;
  let fresh = true;
  for (const byte of bytes) {
    if (fresh && byte === 0x80) return undefined;
    arc = appended(arc, byte & 0x7f);
    fresh = byte < 0x80;
    if (!fresh) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first, ...rest] = arcs;
  if (!fresh || first === undefined) return undefined;
  // The first two arcs share a number: 40 times the first, which is 0, 1 or 2, plus the second.
  const top = first < 40 ? 0 : first < 80 ? 1 : 2;
  const second = typeof first === 'bigint' ? first - BigInt(top * 40) : first - top * 40;
  return [top, second, ...rest].join('.');
}

/** Seven bits more, as a plain number while that is exact. */
function appended(arc: number | bigint, bits: number): number | bigint {
  if (typeof arc === 'number' && arc < 2 ** 46) return arc * 128 + bits;
  return BigInt(arc) * 128n + BigInt(bits);
}
