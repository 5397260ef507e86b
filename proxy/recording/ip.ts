import { addressText } from './address-text.ts';
import type { Fragments } from './fragments.ts';

/** What an IP packet carries from one address to another. */
export interface Datagram {
  readonly source: string;
  readonly destination: string;
  /** 6 is TCP, 17 UDP. */
  readonly protocol: number;
  readonly payload: Uint8Array;
  /** Bytes the packet had on the network; more than `payload` where the capture kept only its beginning. */
  readonly length: number;
}

/** Headers between that of IPv6 and what it carries (RFC 8200, 4.1): hop-by-hop, routing, destination, mobility. */
const extensionHeaders: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140]);
const fragmentHeader = 44;
const authenticationHeader = 51;

/** Reads an IP packet, or says in a few words why not; undefined is a fragment that waits for the others. */
export function readIp(packet: Uint8Array, fragments: Fragments): Datagram | string | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) return readIpv4(packet, fragments);
  if (version === 6) return readIpv6(packet, fragments);
  return 'no IP in it';
}

function readIpv4(packet: Uint8Array, fragments: Fragments): Datagram | string | undefined {
  const headerLength = ((packet[0] ?? 0) & 0xf) * 4;
  if (headerLength < 20 || packet.length < headerLength) return 'its IP header is broken or cut off';
  // 0 where the network card was left to cut a large packet up.
  const totalLength = uint16(packet, 2) || packet.length;
  if (totalLength < headerLength) return 'its IP header is broken or cut off';
  const protocol = packet[9] ?? 0;
  const source = addressText(packet.subarray(12, 16));
  const destination = addressText(packet.subarray(16, 20));
  const payload = packet.subarray(headerLength, totalLength);
  const length = totalLength - headerLength;
  const place = uint16(packet, 6);
  const offset = (place & 0x1fff) * 8;
  const more = (place & 0x2000) !== 0;
  if (offset === 0 && !more) return { source, destination, protocol, payload, length };
  if (payload.length < length) return 'a fragment that the capture has only in part';
  const key = `${source} ${destination} ${protocol} ${uint16(packet, 4)}`;
  const whole = fragments.add(key, { offset, more, payload });
  if (whole === undefined || typeof whole === 'string') return whole;
  return { source, destination, protocol, payload: whole, length: whole.length };
}

function readIpv6(packet: Uint8Array, fragments: Fragments): Datagram | string | undefined {
  if (packet.length < 40) return 'its IP header is broken or cut off';
  const source = addressText(packet.subarray(8, 24));
  const destination = addressText(packet.subarray(24, 40));
  // 0 for a jumbogram, or where the network card was left to cut a large packet up.
  const end = 40 + (uint16(packet, 4) || packet.length - 40);
  let protocol = packet[6] ?? 0;
  let at = 40;
  for (;;) {
    if (protocol === fragmentHeader) {
      const place = uint16(packet, at + 2);
      const [offset, more] = [place & 0xfff8, (place & 1) !== 0];
      const next = packet[at] ?? 0;
      const payload = packet.subarray(at + 8, end);
      if (at + 8 + payload.length < end) return 'a fragment that the capture has only in part';
      const key = `${source} ${destination} ${uint16(packet, at + 4)}:${uint16(packet, at + 6)}`;
      const whole = offset === 0 && !more ? payload : fragments.add(key, { offset, more, payload });
      if (whole === undefined || typeof whole === 'string') return whole;
      return { source, destination, protocol: next, payload: whole, length: whole.length };
    }
    const unit = extensionHeaders.has(protocol) ? 8 : protocol === authenticationHeader ? 4 : 0;
    if (unit === 0) break;
    protocol = packet[at] ?? 0;
    at += ((packet[at + 1] ?? 0) + (unit === 4 ? 2 : 1)) * unit;
    if (at > Math.min(end, packet.length)) return 'its IP header is broken or cut off';
  }
  return { source, destination, protocol, payload: packet.subarray(at, end), length: end - at };
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
