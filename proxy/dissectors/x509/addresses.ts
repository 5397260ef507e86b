/** An IPv4 address of 4 bytes or an IPv6 address of 16 as text (RFC 5952); undefined for any other length. */
export function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  return bytes.length === 16 ? ipv6(bytes) : undefined;
}

/** An address and a mask of the same size, as name constraints write networks (RFC 5280, 4.2.1.10): `10.0.0.0/8`. */
export function networkText(bytes: Uint8Array): string | undefined {
  const half = bytes.length / 2;
  const address = addressText(bytes.subarray(0, half));
  const mask = bytes.subarray(half);
  const text = addressText(mask);
  if (address === undefined || text === undefined) return undefined;
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return `${address}/${/^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : text}`;
}

/** Lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
function ipv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  let best = { from: 0, length: 1 };
  let from = 0;
  for (let at = 0; at <= 8; at++) {
    if (groups[at] === '0') continue;
    if (at - from > best.length) best = { from, length: at - from };
    from = at + 1;
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.length).join(':')}`;
}
