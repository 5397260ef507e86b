/** A reader of pcapng files that shares no line with the writer: only what these tests need. */

export interface Block {
  readonly type: number;
  readonly body: Buffer;
  readonly options: readonly { readonly code: number; readonly value: Buffer }[];
}

export interface ReadPacket {
  readonly interfaceId: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly comments: readonly string[];
  readonly frame: Buffer;
}

export interface Segment {
  readonly from: string;
  readonly to: string;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** Of `FSRPA`, those that are set. */
  readonly flags: string;
  readonly payload: Buffer;
  readonly packet: ReadPacket;
}

// Where the options begin, counted from the block's body; of a packet block that depends on the packet.
const optionsAt: Readonly<Record<number, number>> = { 0x0a0d0d0a: 16, 1: 8, 4: 0, 5: 12 };

const flagNames = ['F', 'S', 'R', 'P', 'A'];

/** Throws when a block does not end as it began or is not aligned. */
export function readBlocks(file: Uint8Array): readonly Block[] {
  const bytes = Buffer.from(file);
  const blocks: Block[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = bytes.readUInt32LE(at);
    const length = bytes.readUInt32LE(at + 4);
    if (length % 4 !== 0 || length < 12) throw new Error(`a block of ${length} bytes at ${at}`);
    if (bytes.readUInt32LE(at + length - 4) !== length) throw new Error(`the block at ${at} ends otherwise`);
    const body = bytes.subarray(at + 8, at + length - 4);
    const start = type === 6 ? 20 + Math.ceil(body.readUInt32LE(12) / 4) * 4 : (optionsAt[type] ?? 0);
    blocks.push({ type, body, options: readOptions(body.subarray(start)) });
    at += length;
  }
  return blocks;
}

export function readPackets(file: Uint8Array): readonly ReadPacket[] {
  return readBlocks(file)
    .filter(({ type }) => type === 6)
    .map(({ body, options }) => ({
      interfaceId: body.readUInt32LE(0),
      time: (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8)),
      comments: comments(options),
      frame: body.subarray(20, 20 + body.readUInt32LE(12)),
    }));
}

export function comments(options: Block['options']): readonly string[] {
  return options.filter(({ code }) => code === 1).map(({ value }) => value.toString());
}

/** The TCP segments of a file. */
export function readSegments(file: Uint8Array): readonly Segment[] {
  return readPackets(file)
    .filter(({ frame }) => frame[23] === 6)
    .map((packet) => {
      const { frame } = packet;
      const address = (at: number) => [...frame.subarray(at, at + 4)].join('.');
      const bits = frame[47] ?? 0;
      return {
        from: `${address(26)}:${frame.readUInt16BE(34)}`,
        to: `${address(30)}:${frame.readUInt16BE(36)}`,
        sequence: frame.readUInt32BE(38),
        acknowledgement: frame.readUInt32BE(42),
        flags: flagNames.filter((_, index) => bits & (1 << index)).join(''),
        payload: frame.subarray(34 + ((frame[46] ?? 0) >> 4) * 4),
        packet,
      };
    });
}

/** What a receiver makes of one side's segments: by sequence number, from its SYN on. Throws on a hole. */
export function reassemble(segments: readonly Segment[], from: string): Buffer {
  const sent = segments.filter((segment) => segment.from === from);
  const first = sent.find(({ flags }) => flags.includes('S'));
  if (first === undefined) throw new Error(`${from} sends no SYN`);
  const pieces: Buffer[] = [];
  let next = (first.sequence + 1) % 2 ** 32;
  for (const { sequence, payload, flags } of sent) {
    if (flags.includes('S')) continue;
    if (sequence !== next) throw new Error(`a segment at ${sequence} where ${next} was next`);
    pieces.push(payload);
    next = (next + payload.length + (flags.includes('F') ? 1 : 0)) % 2 ** 32;
  }
  return Buffer.concat(pieces);
}

function readOptions(bytes: Buffer): { code: number; value: Buffer }[] {
  const options: { code: number; value: Buffer }[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const code = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    if (code === 0) {
      if (at + 4 !== bytes.length) throw new Error('bytes behind the end of the options');
      break;
    }
    options.push({ code, value: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return options;
}
