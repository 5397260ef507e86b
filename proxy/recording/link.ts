const ethernet = 1;
const linuxCooked = 113;
const linuxCooked2 = 276;
/** BSD loopback, in the byte order of the machine and in network order. */
const loopback: ReadonlySet<number> = new Set([0, 108]);
/** Raw IP under the numbers of several systems, and IPv4 and IPv6 alone. */
const rawIp: ReadonlySet<number> = new Set([12, 14, 101, 228, 229]);

const ipv4 = 0x0800;
const ipv6 = 0x86dd;
const vlanTags: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const pppoeSession = 0x8864;
const mostTags = 8;

/** Where the IP packet begins in a frame, or in a few words why there is none. */
export function ipStart(linkType: number, frame: Uint8Array): number | string {
  if (linkType === ethernet) return behindEtherType(frame, 12);
  if (rawIp.has(linkType)) return 0;
  // The four bytes before it are an address family, whose numbers differ from system to system; IP tells its version.
  if (loopback.has(linkType)) return 4;
  if (linkType === linuxCooked) return behindEtherType(frame, 14);
  if (linkType === linuxCooked2)
    return uint16(frame, 0) === ipv4 || uint16(frame, 0) === ipv6 ? 20 : 'no IP in it';
  return `link type ${linkType} is not read here`;
}

function behindEtherType(frame: Uint8Array, position: number): number | string {
  let at = position;
  for (let tags = 0; vlanTags.has(uint16(frame, at)) && tags < mostTags; tags += 1) at += 4;
  const type = uint16(frame, at);
  if (type === ipv4 || type === ipv6) return at + 2;
  // PPP over Ethernet: six bytes of its own, then the number that PPP has for the protocol (RFC 2516, 4).
  const inside = type === pppoeSession ? uint16(frame, at + 8) : 0;
  return inside === 0x0021 || inside === 0x0057 ? at + 10 : 'no IP in it';
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
