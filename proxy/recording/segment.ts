import type { Datagram } from './ip.ts';

interface Ports {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
  /** Bytes of payload on the network; more than are here where the capture kept only the beginning. */
  readonly length: number;
}

export interface TcpSegment extends Ports {
  readonly sequence: number;
  /** Absent without the ACK flag. */
  readonly acknowledgement: number | undefined;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
}

/** A TCP segment (RFC 9293, 3.1); undefined when its header is broken or cut off. */
export function readTcp({ payload: bytes, length }: Datagram): TcpSegment | undefined {
  const headerLength = ((bytes[12] ?? 0) >> 4) * 4;
  if (headerLength < 20 || headerLength > bytes.length) return undefined;
  const flags = bytes[13] ?? 0;
  return {
    sourcePort: uint16(bytes, 0),
    destinationPort: uint16(bytes, 2),
    sequence: uint32(bytes, 4),
    acknowledgement: (flags & 0x10) === 0 ? undefined : uint32(bytes, 8),
    fin: (flags & 0x01) !== 0,
    syn: (flags & 0x02) !== 0,
    rst: (flags & 0x04) !== 0,
    payload: bytes.subarray(headerLength),
    length: length - headerLength,
  };
}

/** A UDP datagram (RFC 768); undefined when its header is broken or cut off. */
export function readUdp({ payload: bytes }: Datagram): Ports | undefined {
  // 0 stands for all there is, where that is more than the field can say (RFC 2675, 4).
  const total = uint16(bytes, 4) || bytes.length;
  if (bytes.length < 8 || total < 8) return undefined;
  const payload = bytes.subarray(8, total);
  return { sourcePort: uint16(bytes, 0), destinationPort: uint16(bytes, 2), payload, length: total - 8 };
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 65_536 + uint16(bytes, at + 2);
}
