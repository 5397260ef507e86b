import { internetChecksum } from './checksum.ts';

/** One end of a packet, at the three layers below the payload. */
export interface Party {
  /** Six bytes. */
  readonly mac: Uint8Array;
  /** Four bytes. */
  readonly address: Uint8Array;
  readonly port: number;
}

export interface TcpHeader {
  readonly from: Party;
  readonly to: Party;
  /** 32 bits without sign. */
  readonly sequence: number;
  /** 32 bits without sign; absent in the first SYN, and only there. */
  readonly acknowledgement?: number;
  readonly flags: readonly TcpFlag[];
}

export type TcpFlag = keyof typeof flagBits;

const flagBits = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08 };
const ackBit = 0x10;

const ethernetLength = 14;
const ipLength = 20;
const transportStart = ethernetLength + ipLength;
const tcpProtocol = 6;
const udpProtocol = 17;
const etherTypeIpv4 = 0x0800;
const dontFragment = 0x4000;
const timeToLive = 64;

/** Payload of one segment: what fits into an Ethernet frame of 1500 bytes behind two headers of 20. */
export const largestSegment = 1460;

// Window scale 14, the largest (RFC 7323, 2.3), lets one direction run on for a gigabyte before it would have
// to wait for an acknowledgement: these packets carry the acknowledgements of the opposite traffic only.
const window = 0xffff;
const synOptions = Uint8Array.of(2, 4, largestSegment >> 8, largestSegment & 0xff, 1, 3, 3, 14);

/** Ethernet, IPv4 and TCP around `payload`, checksums included (RFC 9293, 3.1). */
export function tcpFrame(header: TcpHeader, payload: Uint8Array = new Uint8Array()): Uint8Array {
  const options = header.flags.includes('syn') ? synOptions : new Uint8Array();
  const headerLength = 20 + options.length;
  const { bytes, view } = ipFrame(header, tcpProtocol, headerLength + payload.length);
  let flags = header.acknowledgement === undefined ? 0 : ackBit;
  for (const flag of header.flags) flags |= flagBits[flag];
  view.setUint16(transportStart, header.from.port);
  view.setUint16(transportStart + 2, header.to.port);
  view.setUint32(transportStart + 4, header.sequence);
  view.setUint32(transportStart + 8, header.acknowledgement ?? 0);
  view.setUint16(transportStart + 12, (headerLength << 10) | flags);
  view.setUint16(transportStart + 14, window);
  bytes.set(options, transportStart + 20);
  bytes.set(payload, transportStart + headerLength);
  view.setUint16(transportStart + 16, transportChecksum(bytes, tcpProtocol));
  return bytes;
}

/** Ethernet, IPv4 and UDP around `payload`, unfragmented however long it is (RFC 768). */
export function udpFrame(from: Party, to: Party, payload: Uint8Array): Uint8Array {
  const { bytes, view } = ipFrame({ from, to }, udpProtocol, 8 + payload.length);
  view.setUint16(transportStart, from.port);
  view.setUint16(transportStart + 2, to.port);
  view.setUint16(transportStart + 4, 8 + payload.length);
  bytes.set(payload, transportStart + 8);
  // 0 would say that there is no checksum.
  view.setUint16(transportStart + 6, transportChecksum(bytes, udpProtocol) || 0xffff);
  return bytes;
}

function ipFrame(
  { from, to }: { readonly from: Party; readonly to: Party },
  protocol: number,
  contentLength: number,
): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(transportStart + contentLength);
  const view = new DataView(bytes.buffer);
  bytes.set(to.mac, 0);
  bytes.set(from.mac, 6);
  view.setUint16(12, etherTypeIpv4);
  view.setUint8(ethernetLength, 0x45);
  view.setUint16(ethernetLength + 2, ipLength + contentLength);
  // The identification stays 0, as it may where fragmentation is forbidden (RFC 6864, 4.1).
  view.setUint16(ethernetLength + 6, dontFragment);
  view.setUint8(ethernetLength + 8, timeToLive);
  view.setUint8(ethernetLength + 9, protocol);
  bytes.set(from.address, ethernetLength + 12);
  bytes.set(to.address, ethernetLength + 16);
  view.setUint16(ethernetLength + 10, internetChecksum(bytes, ethernetLength, transportStart));
  return { bytes, view };
}

/** Over the addresses, the protocol, the length and all that follows; the checksum's own place must still be 0. */
function transportChecksum(bytes: Uint8Array, protocol: number): number {
  const length = bytes.length - transportStart;
  return internetChecksum(bytes, ethernetLength + 12, bytes.length, protocol + length);
}
