import { addressText } from './address-text.ts';
import type { AddressName, CaptureItem } from './capture-item.ts';
import { limits } from './limits.ts';
import type { Notes } from './notes.ts';
import { Block, padded, type CaptureInterface } from './pcapng-section.ts';
import { RecordingError } from './recording-error.ts';

const sectionHeader = 0x0a0d_0d0a;
const byteOrderMagic = 0x1a2b_3c4d;
const tlsKeyLog = 0x544c_534b;
const blockOverhead = 12;
const broken = 'the block around it is broken';
/** A block that says nothing is a step of the reading all the same: there may be millions of them. */
const nothing: CaptureItem = { kind: 'comments', comments: [] };

const decoder = new TextDecoder();

/** Whether these are the first bytes of a pcapng file: its type reads the same in both byte orders. */
export function isPcapng(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) === sectionHeader;
}

/**
 * The contents of a pcapng file (draft-ietf-opsawg-pcapng), of any number of sections, each in its own byte order.
 * Blocks of types that are not known are passed over, as the format wants it.
 */
export function* readPcapng(bytes: Uint8Array, notes: Notes): Generator<CaptureItem, void> {
  let section: Section | undefined;
  for (const block of readBlocks(bytes, notes)) {
    if (block.type === sectionHeader) {
      section = new Section(notes);
      yield { kind: 'section', comments: block.comments(16) };
      continue;
    }
    yield section?.read(block) ?? nothing;
  }
}

function* readBlocks(bytes: Uint8Array, notes: Notes): Generator<Block> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let littleEndian = true;
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.length - at;
    if (rest < blockOverhead) {
      notes.say(cutShort(at));
      return;
    }
    if (view.getUint32(at) === sectionHeader) {
      littleEndian = view.getUint32(at + 8, true) === byteOrderMagic;
      if (!littleEndian && view.getUint32(at + 8) !== byteOrderMagic) {
        throw damaged(`The section at byte ${at} does not say in which byte order it is.`);
      }
    }
    const length = view.getUint32(at + 4, littleEndian);
    if (length > limits.blockBytes)
      throw damaged(`The block at byte ${at} says that it is ${length} bytes long.`);
    if (length < blockOverhead || length % 4 !== 0) {
      throw damaged(`The block at byte ${at} says that it is ${length} bytes long, which no block is.`);
    }
    if (length > rest) {
      notes.say(cutShort(at));
      return;
    }
    if (view.getUint32(at + length - 4, littleEndian) !== length) {
      throw damaged(`The block at byte ${at} ends with another length than it begins with.`);
    }
    const type = view.getUint32(at, littleEndian);
    yield new Block(type, bytes.subarray(at + 8, at + length - 4), littleEndian);
    at += length;
  }
}

/** What blocks mean depends on the interfaces that their section has described so far. */
class Section {
  readonly #notes: Notes;
  readonly #interfaces: CaptureInterface[] = [];

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  read(block: Block): CaptureItem | undefined {
    switch (block.type) {
      case 1:
        if (this.#interfaces.length < limits.interfaces) this.#interfaces.push(block.interface());
        return { kind: 'comments', comments: block.comments(8) };
      case 2:
        // The obsolete packet block: as the enhanced one, but for a shorter number and a count of drops.
        return this.#packet(block, block.uint16(0));
      case 3:
        return this.#simplePacket(block);
      case 4:
        return { kind: 'names', names: [...namesIn(block)] };
      case 5:
        return { kind: 'comments', comments: block.comments(12) };
      case 6:
        return this.#packet(block, block.uint32(0));
      case 10:
        return secretsIn(block);
      default:
        return undefined;
    }
  }

  #packet(block: Block, interfaceId: number): CaptureItem | undefined {
    const from = this.#interfaces[interfaceId];
    const length = block.uint32(12);
    if (from === undefined || 20 + length > block.body.length) {
      this.#notes.passOver(broken);
      return undefined;
    }
    return {
      kind: 'packet',
      linkType: from.linkType,
      time: from.nanoseconds(block.uint32(4), block.uint32(8)),
      frame: block.body.subarray(20, 20 + length),
      comments: block.comments(20 + padded(length)),
    };
  }

  #simplePacket(block: Block): CaptureItem | undefined {
    const [from] = this.#interfaces;
    if (from === undefined) {
      this.#notes.passOver(broken);
      return undefined;
    }
    const kept = from.snapLength === 0 ? Infinity : from.snapLength;
    const length = Math.min(block.uint32(0), kept, block.body.length - 4);
    const frame = block.body.subarray(4, 4 + Math.max(0, length));
    return { kind: 'packet', linkType: from.linkType, time: undefined, frame, comments: [] };
  }
}

function* namesIn(block: Block): Generator<AddressName> {
  for (const { code, value } of block.options(0)) {
    const length = code === 1 ? 4 : code === 2 ? 16 : undefined;
    if (length === undefined || value.length <= length) continue;
    // Several names may follow, each ended by a zero; the first is the one to show.
    const end = value.indexOf(0, length);
    const name = decoder.decode(value.subarray(length, end === -1 ? value.length : end));
    if (name !== '') yield { address: addressText(value.subarray(0, length)), name };
  }
}

function secretsIn(block: Block): CaptureItem | undefined {
  if (block.uint32(0) !== tlsKeyLog) return undefined;
  const text = decoder.decode(block.body.subarray(8, 8 + block.uint32(4)));
  return { kind: 'secrets', text };
}

function cutShort(at: number): string {
  return `The file ends in the middle of a block, at byte ${at}; what comes before it was read.`;
}

function damaged(sentence: string): RecordingError {
  return new RecordingError(
    'damaged',
    sentence,
    'The file is damaged, or no capture; Wireshark may be able to repair it by saving it again.',
  );
}
