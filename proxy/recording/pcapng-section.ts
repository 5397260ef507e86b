/** One capture interface of a section. */
export interface CaptureInterface {
  readonly linkType: number;
  /** Longest packet kept; 0 for any. */
  readonly snapLength: number;
  /** Nanoseconds since 1970 of a timestamp of this interface. */
  readonly nanoseconds: (high: number, low: number) => bigint;
}

export interface BlockOption {
  readonly code: number;
  readonly value: Uint8Array;
}

const decoder = new TextDecoder();

/** A block of a section: its body without type and lengths, read in the byte order of the section. */
export class Block {
  readonly type: number;
  readonly body: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(type: number, body: Uint8Array, littleEndian: boolean) {
    this.type = type;
    this.body = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#littleEndian = littleEndian;
  }

  /** 0 behind the end, as are all numbers that a block is too short for. */
  uint16(at: number): number {
    return at + 2 <= this.body.length ? this.#view.getUint16(at, this.#littleEndian) : 0;
  }

  uint32(at: number): number {
    return at + 4 <= this.body.length ? this.#view.getUint32(at, this.#littleEndian) : 0;
  }

  /** The options from a position on; they end with the code 0, or with the block. */
  *options(start: number): Generator<BlockOption> {
    for (let at = start; at + 4 <= this.body.length;) {
      const code = this.uint16(at);
      const length = this.uint16(at + 2);
      if (code === 0 || at + 4 + length > this.body.length) return;
      yield { code, value: this.body.subarray(at + 4, at + 4 + length) };
      at += 4 + padded(length);
    }
  }

  comments(start: number): readonly string[] {
    const comments: string[] = [];
    if (start >= this.body.length) return comments;
    for (const { code, value } of this.options(start)) if (code === 1) comments.push(decoder.decode(value));
    return comments;
  }

  /** What an interface description says of timestamps and packets (draft-ietf-opsawg-pcapng, 4.2). */
  interface(): CaptureInterface {
    let resolution = 6;
    let offset = 0n;
    for (const { code, value } of this.options(8)) {
      const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
      if (code === 9 && value.length >= 1) resolution = view.getUint8(0);
      if (code === 14 && value.length >= 8) offset = view.getBigInt64(0, this.#littleEndian) * 1_000_000_000n;
    }
    const scale = scaleOf(resolution);
    return {
      linkType: this.uint16(0),
      snapLength: this.uint32(4),
      nanoseconds: (high, low) => scale((BigInt(high) << 32n) | BigInt(low)) + offset,
    };
  }
}

export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** The option `if_tsresol`: a negative power of 10, or of 2 when the highest bit is set. */
function scaleOf(resolution: number): (ticks: bigint) => bigint {
  const exponent = BigInt(resolution & 0x7f);
  if ((resolution & 0x80) !== 0) return (ticks) => (ticks * 1_000_000_000n) >> exponent;
  if (exponent <= 9n) {
    const factor = 10n ** (9n - exponent);
    return (ticks) => ticks * factor;
  }
  const divisor = 10n ** (exponent - 9n);
  return (ticks) => ticks / divisor;
}
