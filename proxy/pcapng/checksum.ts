/**
 * The Internet checksum (RFC 1071) of `bytes` from `start` to `end`, in network order; `sum` is what was added up
 * before, such as a pseudo-header. An odd last byte counts as if a zero followed it.
 */
export function internetChecksum(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  let total = sum;
  let at = start;
  for (; at + 1 < end; at += 2) total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  if (at < end) total += (bytes[at] ?? 0) << 8;
  // A frame of 64 KiB adds up to less than 2^32, so that the carries can wait until the end.
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
}
