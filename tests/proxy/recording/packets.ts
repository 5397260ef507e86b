/** Packets made by hand, and files around them, in every form that capture programs write them. */

export interface Segment {
  readonly from: 'client' | 'server';
  readonly sequence: number;
  readonly acknowledgement?: number;
  /** Of `SFR`. */
  readonly flags?: string;
  readonly data?: string | Uint8Array;
}

export interface Stamped {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly frame: Buffer;
  /** Bytes of the frame that the file keeps. */
  readonly kept?: number;
}

export const START = 1_795_317_004_909_000_000n;
const ports = { client: 50_000, server: 80 };
const addresses4 = { client: [10, 0, 0, 7], server: [93, 184, 215, 14] };
const addresses6 = { client: '20010db8000000000000000000000007', server: '20010db800000000000000000000ff00' };

export function bytesOf(data: string | Uint8Array = ''): Buffer {
  return Buffer.from(data as string);
}

export function tcp(
  { from, sequence, acknowledgement, flags = '', data }: Segment,
  { client = ports.client, server = ports.server } = {},
): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from === 'client' ? client : server, 0);
  header.writeUInt16BE(from === 'client' ? server : client, 2);
  header.writeUInt32BE(sequence % 2 ** 32, 4);
  header.writeUInt32BE((acknowledgement ?? 0) % 2 ** 32, 8);
  const bits = { S: 2, F: 1, R: 4 };
  let set = acknowledgement === undefined ? 0 : 16;
  for (const flag of flags) set |= bits[flag as keyof typeof bits];
  header.writeUInt16BE(0x5000 | set, 12);
  return Buffer.concat([header, bytesOf(data)]);
}

export function udp(source: number, destination: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(destination, 2);
  header.writeUInt16BE(8 + data.length, 4);
  return Buffer.concat([header, data]);
}

interface Ipv4Options {
  readonly protocol?: number;
  readonly options?: number;
  readonly id?: number;
  readonly offset?: number;
  readonly more?: boolean;
}

export function ipv4(from: 'client' | 'server', payload: Uint8Array, about: Ipv4Options = {}): Buffer {
  const { protocol = 6, options = 0, id = 1, offset = 0, more = false } = about;
  const header = Buffer.alloc(20 + options);
  header[0] = 0x40 | (header.length / 4);
  header.writeUInt16BE(header.length + payload.length, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE((more ? 0x2000 : 0) | (offset / 8), 6);
  header[8] = 64;
  header[9] = protocol;
  header.set(addresses4[from], 12);
  header.set(addresses4[from === 'client' ? 'server' : 'client'], 16);
  return Buffer.concat([header, payload]);
}

/** `extensions` are whole headers; each is of type 0 (hop-by-hop) unless its type is given. */
export function ipv6(
  from: 'client' | 'server',
  payload: Uint8Array,
  { protocol = 6, extensions = [] as readonly { type: number; header: Buffer }[] } = {},
): Buffer {
  const chain = extensions.map(({ header }, index) => {
    const copy = Buffer.from(header);
    copy[0] = extensions[index + 1]?.type ?? protocol;
    return copy;
  });
  const content = Buffer.concat([...chain, payload]);
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(content.length, 4);
  header[6] = extensions[0]?.type ?? protocol;
  header[7] = 64;
  header.write(addresses6[from], 8, 'hex');
  header.write(addresses6[from === 'client' ? 'server' : 'client'], 24, 'hex');
  return Buffer.concat([header, content]);
}

export function ethernet(packet: Uint8Array, tags: readonly number[] = []): Buffer {
  const header = Buffer.alloc(14 + 4 * tags.length);
  for (const [index, tag] of tags.entries()) header.writeUInt16BE(tag, 12 + 4 * index);
  header.writeUInt16BE((packet[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800, header.length - 2);
  return Buffer.concat([header, packet]);
}

/** Frames a millisecond apart. */
export function stamped(frames: readonly Buffer[]): readonly Stamped[] {
  return frames.map((frame, index) => ({ time: START + BigInt(index) * 1_000_000n, frame }));
}

export function pcap(
  packets: readonly Stamped[],
  { linkType = 1, bigEndian = false, nanoseconds = false } = {},
): Buffer {
  const write = writer(bigEndian);
  const header = Buffer.concat([
    write.uint32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    ...[write.uint16(2), write.uint16(4), write.uint32(0), write.uint32(0)],
    ...[write.uint32(262_144), write.uint32(linkType)],
  ]);
  const records = packets.map(({ time, frame, kept = frame.length }) =>
    Buffer.concat([
      write.uint32(Number(time / 1_000_000_000n)),
      write.uint32(Number((time % 1_000_000_000n) / (nanoseconds ? 1n : 1000n))),
      ...[write.uint32(kept), write.uint32(frame.length), frame.subarray(0, kept)],
    ]),
  );
  return Buffer.concat([header, ...records]);
}

export interface SectionOptions {
  readonly linkType?: number;
  readonly bigEndian?: boolean;
  /** `if_tsresol` and how many ticks a time in nanoseconds is. */
  readonly resolution?: number;
  readonly ticks?: (time: bigint) => bigint;
  /** `if_tsoffset`, in seconds. */
  readonly offset?: bigint;
  readonly form?: 'enhanced' | 'simple' | 'obsolete';
  /** Blocks that come before the packets, each a type and a body. */
  readonly before?: readonly { readonly type: number; readonly body: Buffer }[];
}

/** One section of a pcapng file. */
export function pcapng(packets: readonly Stamped[], options: SectionOptions = {}): Buffer {
  const { linkType = 1, bigEndian = false, resolution, ticks = (time: bigint) => time / 1000n } = options;
  const { offset, form = 'enhanced', before = [] } = options;
  const write = writer(bigEndian);
  const option = (code: number, value: Buffer) =>
    Buffer.concat([write.uint16(code), write.uint16(value.length), pad(value)]);
  const interfaceOptions = [
    ...(resolution === undefined ? [] : [option(9, Buffer.of(resolution))]),
    ...(offset === undefined ? [] : [option(14, write.int64(offset))]),
    option(0, Buffer.of()),
  ];
  const packet = ({ time, frame, kept = frame.length }: Stamped) => {
    const ticked = ticks(time);
    const data = pad(frame.subarray(0, kept));
    const times = [write.uint32(Number(ticked >> 32n)), write.uint32(Number(ticked & 0xffff_ffffn))];
    const lengths = [write.uint32(kept), write.uint32(frame.length)];
    if (form === 'simple') return write.block(3, Buffer.concat([write.uint32(frame.length), data]));
    if (form === 'obsolete')
      return write.block(
        2,
        Buffer.concat([write.uint16(0), write.uint16(0xffff), ...times, ...lengths, data]),
      );
    return write.block(6, Buffer.concat([write.uint32(0), ...times, ...lengths, data]));
  };
  return Buffer.concat([
    write.block(
      0x0a0d0d0a,
      Buffer.concat([write.uint32(0x1a2b3c4d), write.uint16(1), write.uint16(0), write.int64(-1n)]),
    ),
    write.block(
      1,
      Buffer.concat([write.uint16(linkType), write.uint16(0), write.uint32(0), ...interfaceOptions]),
    ),
    ...before.map(({ type, body }) => write.block(type, body)),
    ...packets.map(packet),
  ]);
}

export function writer(bigEndian: boolean) {
  const number = (size: number, put: (buffer: Buffer) => void) => {
    const buffer = Buffer.alloc(size);
    put(buffer);
    return buffer;
  };
  const uint16 = (value: number) =>
    number(2, (buffer) => (bigEndian ? buffer.writeUInt16BE(value) : buffer.writeUInt16LE(value)));
  const uint32 = (value: number) =>
    number(4, (buffer) => (bigEndian ? buffer.writeUInt32BE(value) : buffer.writeUInt32LE(value)));
  const int64 = (value: bigint) =>
    number(8, (buffer) => (bigEndian ? buffer.writeBigInt64BE(value) : buffer.writeBigInt64LE(value)));
  const block = (type: number, body: Buffer) => {
    const length = uint32(12 + pad(body).length);
    return Buffer.concat([uint32(type), length, pad(body), length]);
  };
  return { uint16, uint32, int64, block };
}

export function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
