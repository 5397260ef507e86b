/**
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian. Each function returns one whole block.
 */

const sectionHeaderBlock = 0x0a0d0d0a;
const interfaceDescriptionBlock = 1;
const nameResolutionBlock = 4;
const interfaceStatisticsBlock = 5;
const enhancedPacketBlock = 6;
const decryptionSecretsBlock = 10;

const byteOrderMagic = 0x1a2b3c4d;
const linkTypeEthernet = 1;
// `TLSK`: lines as SSLKEYLOGFILE has them.
const tlsKeyLog = 0x544c_534b;
const nanoseconds = 9;

const encoder = new TextEncoder();

// An option's length is a 16-bit number; what a comment has to say fits well below.
const longestText = 4096;

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

interface InterfaceDescription {
  readonly name: string;
  readonly description: string;
}

interface PacketHeader {
  /** Index of the interface description block, counted from 0. */
  readonly interfaceId: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly comments: readonly string[];
}

/** Begins the file; its length is left open, so that it can be written while it is made. */
export function sectionHeader(application: string, comments: readonly string[]): Uint8Array {
  const options = [...commentOptions({ comments }), textOption(4, application)];
  const { bytes, view } = block(sectionHeaderBlock, 16, options);
  view.setUint32(8, byteOrderMagic, true);
  view.setUint16(12, 1, true);
  view.setUint16(14, 0, true);
  view.setBigInt64(16, -1n, true);
  return bytes;
}

/** An Ethernet interface with timestamps in nanoseconds and packets of any length. */
export function interfaceDescription({ name, description }: InterfaceDescription): Uint8Array {
  const resolution = { code: 9, value: Uint8Array.of(nanoseconds) };
  const options = [textOption(2, name), textOption(3, description), resolution];
  const { bytes, view } = block(interfaceDescriptionBlock, 8, options);
  view.setUint16(8, linkTypeEthernet, true);
  return bytes;
}

/** Gives a name to each IPv4 address, four bytes long. */
export function nameResolution(
  names: readonly { readonly address: Uint8Array; readonly name: string }[],
): Uint8Array {
  const records = names.map(({ address, name }) => {
    const text = encoder.encode(name);
    const value = new Uint8Array(address.length + text.length + 1);
    value.set(address);
    value.set(text, address.length);
    return { code: 1, value };
  });
  // Records are laid out as options are, and end like them.
  return block(nameResolutionBlock, 0, records).bytes;
}

/** Keys for what the packets behind it carry, as lines of a key log. */
export function decryptionSecrets(keyLog: string): Uint8Array {
  const text = encoder.encode(keyLog);
  const { bytes, view } = block(decryptionSecretsBlock, 8 + padded(text.length), []);
  view.setUint32(8, tlsKeyLog, true);
  view.setUint32(12, text.length, true);
  bytes.set(text, 16);
  return bytes;
}

/** A packet as it is; `frame` is copied. */
export function enhancedPacket(header: PacketHeader, frame: Uint8Array): Uint8Array {
  const { bytes, view } = block(enhancedPacketBlock, 20 + padded(frame.length), commentOptions(header));
  view.setUint32(8, header.interfaceId, true);
  setTime(view, 12, header.time);
  view.setUint32(20, frame.length, true);
  view.setUint32(24, frame.length, true);
  bytes.set(frame, 28);
  return bytes;
}

/** States a moment on an interface: the place for comments that no packet can carry. */
export function interfaceStatistics(header: PacketHeader): Uint8Array {
  const { bytes, view } = block(interfaceStatisticsBlock, 12, commentOptions(header));
  view.setUint32(8, header.interfaceId, true);
  setTime(view, 12, header.time);
  return bytes;
}

function commentOptions({ comments }: Pick<PacketHeader, 'comments'>): readonly Option[] {
  return comments.map((comment) => textOption(1, comment));
}

function textOption(code: number, text: string): Option {
  return { code, value: encoder.encode(text.slice(0, longestText)) };
}

function setTime(view: DataView, at: number, time: bigint): void {
  view.setUint32(at, Number(time >> 32n), true);
  view.setUint32(at + 4, Number(time & 0xffff_ffffn), true);
}

/** A block with room for `bodyLength` bytes from position 8 on, its options behind them. */
function block(
  type: number,
  bodyLength: number,
  options: readonly Option[],
): { bytes: Uint8Array; view: DataView } {
  let optionsLength = options.length > 0 ? 4 : 0;
  for (const { value } of options) optionsLength += 4 + padded(value.length);
  const length = 12 + bodyLength + optionsLength;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  let at = 8 + bodyLength;
  for (const { code, value } of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  view.setUint32(length - 4, length, true);
  return { bytes, view };
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
