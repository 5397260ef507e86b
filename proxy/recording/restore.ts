import type { AttackActed, BytesCaptured, LogEvent } from '#contract';
import { fromHex } from '../pcapng/hex-text.ts';
import { readSecretLines, stated } from '../pcapng/statement.ts';
import type { CaptureItem, RecordedPacket } from './capture-item.ts';
import { asStatedEvent, type StatedEvent } from './event-shape.ts';
import { Fragments } from './fragments.ts';
import { readIp } from './ip.ts';
import { keysLeftOut } from './key-lines.ts';
import { limits } from './limits.ts';
import { ipStart } from './link.ts';
import { Notes } from './notes.ts';
import { readTcp, readUdp } from './segment.ts';

/** A chunk whose packets are still coming. */
interface Chunk {
  readonly event: Omit<BytesCaptured, 'bytes'>;
  readonly length: number;
  readonly pieces: Uint8Array[];
  got: number;
}

/** The file is not, or not any more, as it was written; caught in this file. */
class Changed extends Error {}

/** What a file of ours holds. */
export interface Restored {
  readonly events: readonly LogEvent[];
  /** Keys that somebody has put into the file since. */
  readonly addedKeys: readonly string[];
}

const aSlice = 512;

/**
 * The events that a file of ours states, as they were when it was written; pauses now and then. Undefined when the
 * file is none of ours; `changed` when its statements and its packets no longer agree.
 */
export function* restore(
  items: Iterable<CaptureItem>,
  notes: Notes,
): Generator<undefined, Restored | 'changed' | undefined> {
  const restoring = new Restoring(notes);
  let count = 0;
  try {
    for (const item of items) {
      if (count === 0 && !restoring.begin(item)) return undefined;
      if (count > 0) yield* restoring.take(item);
      count += 1;
      if (count % aSlice === 0) yield;
    }
    return count === 0 ? undefined : restoring.end();
  } catch (error) {
    // Statements that are no JSON any more.
    if (error instanceof Changed || error instanceof SyntaxError) return 'changed';
    throw error;
  }
}

class Restoring {
  readonly #events: LogEvent[] = [];
  readonly #addedKeys: string[] = [];
  #addedBytes = 0;
  readonly #notes: Notes;
  readonly #fragments = new Fragments(new Notes());
  #epoch = 0;
  #chunk: Chunk | undefined;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** Whether the file begins like one of ours. */
  begin(item: CaptureItem): boolean {
    if (item.kind !== 'section') return false;
    const [first] = stated(item.comments);
    const started = asStatedEvent(first, epochOf(first));
    if (started?.type !== 'epoch-started') return false;
    this.#epoch = started.epoch;
    this.#add({ ...started, source: 'recorded' });
    return true;
  }

  *take(item: CaptureItem): Generator<undefined> {
    switch (item.kind) {
      case 'packet':
        this.#state(item.comments);
        this.#collect(item);
        return;
      case 'comments':
        this.#state(item.comments);
        return;
      case 'secrets':
        yield* this.#secrets(item.text);
        return;
      case 'section':
        // Two files in one.
        throw new Changed();
      case 'names':
    }
  }

  end(): Restored {
    if (this.#chunk) throw new Changed();
    this.#events.sort((one, other) => one.seq - other.seq);
    for (const [index, { seq }] of this.#events.entries()) {
      if (seq === this.#events[index - 1]?.seq) throw new Changed();
    }
    if (this.#events[0]?.type !== 'epoch-started') throw new Changed();
    if (this.#addedBytes > limits.keyLogBytes) this.#notes.say(keysLeftOut);
    return { events: this.#events, addedKeys: this.#addedKeys };
  }

  #state(comments: readonly string[]): void {
    for (const value of comments.length > 0 ? stated(comments) : [])
      this.#note(asStatedEvent(value, this.#epoch));
  }

  #note(event: StatedEvent | undefined): void {
    // Keys stand apart, and the beginning stands once.
    if (event === undefined || isOfKeys(event) || event.type === 'epoch-started') throw new Changed();
    if (event.type === 'certificate-received') {
      this.#add({ ...event, chain: event.chain.map(bytesOf), trusted: event.trusted.map(bytesOf) });
      return;
    }
    if (event.type === 'attack-acted') {
      this.#add(withBytes(event));
      return;
    }
    if (event.type !== 'bytes-captured') {
      this.#add(event);
      return;
    }
    if (this.#chunk) throw new Changed();
    const { length, ...rest } = event;
    this.#chunk = { event: rest, length, pieces: [], got: 0 };
    if (length === 0) this.#complete(this.#chunk);
  }

  *#secrets(text: string): Generator<undefined> {
    let count = 0;
    for (const { line, stated: about } of readSecretLines(text)) {
      if (about !== undefined) this.#secret(line, about);
      else if (line !== undefined) this.#addKey(line);
      count += 1;
      if (count % aSlice === 0) yield;
    }
  }

  #addKey(line: string): void {
    this.#addedBytes += line.length + 1;
    if (this.#addedBytes <= limits.keyLogBytes) this.#addedKeys.push(line);
  }

  #secret(line: string | undefined, about: unknown): void {
    const event = asStatedEvent(about, this.#epoch);
    if (event?.type === 'secret-entered') this.#add(event);
    else if (event?.type === 'private-key-leaked') this.#add({ ...event, key: bytesOf(event.key) });
    else if (event?.type === 'key-share-told') this.#add({ ...event, privateKey: bytesOf(event.privateKey) });
    else if (event?.type === 'secrets-logged') this.#key(event, line);
    else if (event?.type === 'attack-acted') this.#add(withBytes(event));
    else throw new Changed();
  }

  #key(event: Extract<StatedEvent, { type: 'secrets-logged' }>, line: string | undefined): void {
    const own = event.line ?? line;
    if (own === undefined) throw new Changed();
    this.#add({ ...event, line: own });
    // It needs none behind it: this one was put there since.
    if (event.line !== undefined && line !== undefined) this.#addKey(line);
  }

  #collect(packet: RecordedPacket): void {
    const chunk = this.#chunk;
    if (!chunk) return;
    const payload = this.#payload(packet);
    chunk.pieces.push(payload);
    chunk.got += payload.length;
    if (chunk.got > chunk.length || payload.length === 0) throw new Changed();
    if (chunk.got === chunk.length) this.#complete(chunk);
  }

  #complete({ event, pieces, length }: Chunk): void {
    this.#chunk = undefined;
    const [only] = pieces;
    this.#add({ ...event, bytes: pieces.length === 1 && only ? only : together(pieces, length) });
  }

  #payload({ linkType, frame }: RecordedPacket): Uint8Array {
    const start = ipStart(linkType, frame);
    const datagram = typeof start === 'number' ? readIp(frame.subarray(start), this.#fragments) : undefined;
    if (typeof datagram !== 'object') throw new Changed();
    const content = datagram.protocol === 6 ? readTcp(datagram) : readUdp(datagram);
    if (!content || content.payload.length !== content.length) throw new Changed();
    return content.payload;
  }

  #add(event: LogEvent): void {
    if (this.#events.length >= limits.events) throw new Changed();
    this.#events.push(event);
  }
}

type StatedKey = Extract<StatedEvent, { type: 'secrets-logged' | 'private-key-leaked' | 'key-share-told' }>;

function isOfKeys(event: StatedEvent): event is StatedKey {
  const { type } = event;
  return type === 'secrets-logged' || type === 'private-key-leaked' || type === 'key-share-told';
}

/** Of hex digits that have been checked. */
function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}

function epochOf(value: unknown): number {
  const epoch = (value as { epoch?: unknown } | undefined)?.epoch;
  return typeof epoch === 'number' && Number.isSafeInteger(epoch) ? epoch : 0;
}

function together(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function withBytes({ before, after, ...rest }: Extract<StatedEvent, { type: 'attack-acted' }>): AttackActed {
  return {
    ...rest,
    ...(before === undefined ? {} : { before: bytesOf(before) }),
    ...(after === undefined ? {} : { after: bytesOf(after) }),
  };
}
