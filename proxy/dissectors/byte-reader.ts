import { AsciiWindow } from './ascii-window.ts';
import { type About, closed, leaf, nothingSaid } from './field-shapes.ts';
import type { Field } from './field.ts';
import { hex, latin1, utf8 } from './text.ts';

type Meaning = string | ((value: number) => string | undefined);

/** How far `find` looks by itself. */
const NEAR = 48;

/** Raised and caught inside this file only: the bytes ended, or are not what they should be. */
class Broken extends Error {}

/**
 * Reads bytes and labels them in the same step: every method that moves forward adds a field, so no byte can
 * be read without being explained. Groups nest. What runs out of bytes, or is broken, ends as a field with
 * `malformed` that covers what is there, and reading goes on behind the innermost block of known size.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #ascii: AsciiWindow;
  #position = 0;
  #end: number;
  /** Of the open group; these two are all that is kept of it while it is read. */
  #children: Field[] = [];
  #about: About | undefined;
  /** @internal Use `dissectBytes`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#ascii = new AsciiWindow(bytes);
    this.#end = bytes.length;
  }

  /** @internal Use `dissectBytes`. */
  whole(name: string, label: string, body: (reader: ByteReader) => void): Field {
    this.#readToEnd(name, label, () => body(this));
    return closed(name, label, 0, this.#end, this.#children, this.#about);
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  /** A byte further on, without reading it; undefined beyond the end of the block. */
  peek(ahead = 0): number | undefined {
    return ahead < this.remaining ? this.#bytes[this.#position + ahead] : undefined;
  }

  /** How far ahead the next such byte is, or -1 when this block has none within `limit` bytes. */
  find(byte: number, limit = this.remaining): number {
    const bytes = this.#bytes;
    const start = this.#position;
    const last = Math.min(this.#end, start + limit);
    // What is looked for is near as a rule, and the call costs more than these steps.
    const near = Math.min(last, start + NEAR);
    for (let at = start; at < near; at++) if (bytes[at] === byte) return at - start;
    if (near === last) return -1;
    const found = bytes.subarray(near, last).indexOf(byte);
    return found === -1 ? -1 : near - start + found;
  }

  /** The bytes ahead, to look at before they are read. */
  ahead(length = this.remaining): Uint8Array {
    return this.#bytes.subarray(this.#position, Math.min(this.#end, this.#position + length));
  }

  /** The text ahead, one character a byte, without reading it. */
  textAhead(length = this.remaining): string {
    const start = this.#position;
    const end = Math.min(this.#end, start + length);
    return this.#ascii.text(start, end) ?? latin1(this.#bytes, start, end);
  }

  /** The text so far ahead as UTF-8, without reading it; bytes that are no UTF-8 show as U+FFFD. */
  utf8Ahead(ahead: number, length: number): string {
    const start = Math.min(this.#end, this.#position + ahead);
    const end = Math.min(this.#end, start + length);
    return this.#ascii.text(start, end) ?? utf8(this.#bytes, start, end);
  }

  /** A big-endian unsigned number of 1 to 6 bytes. */
  uint(size: number, name: string, label: string, meaning?: Meaning): number {
    const start = this.#take(size);
    let value = 0;
    for (let index = start; index < start + size; index++) value = value * 256 + (this.#bytes[index] ?? 0);
    this.#add(start, name, label, value, typeof meaning === 'function' ? meaning(value) : meaning);
    return value;
  }

  /** Text as UTF-8; bytes that are no UTF-8 show as U+FFFD. */
  text(size: number, name: string, label: string, meaning?: string): string {
    const start = this.#take(size);
    const value = this.#ascii.text(start, start + size) ?? utf8(this.#bytes, start, start + size);
    this.#add(start, name, label, value, meaning);
    return value;
  }

  /** Bytes whose value the caller has decoded. */
  decoded(size: number, name: string, label: string, value: string | number, meaning?: string): void {
    const start = this.#take(size);
    this.#add(start, name, label, value, meaning);
  }

  /** Bytes that are shown as they are; a short stretch carries its hex as value. */
  opaque(size: number, name: string, label: string, meaning?: string): void {
    const start = this.#take(size);
    if (size === 0) return;
    this.#add(start, name, label, size <= 64 ? hex(this.#bytes, start, start + size) : undefined, meaning);
  }

  /** Fields that belong together and end where the last of them ends. */
  group(name: string, label: string, body: () => void): void {
    const start = this.#position;
    const children = this.#children;
    const about = this.#about;
    this.#children = [];
    this.#about = undefined;
    try {
      body();
    } finally {
      const field =
        this.#position > start
          ? closed(name, label, start, this.#position, this.#children, this.#about)
          : undefined;
      this.#children = children;
      this.#about = about;
      if (field) children.push(field);
    }
  }

  /** Fields inside a stretch of known size, which is passed over as a whole even when they are broken. */
  block(size: number, name: string, label: string, body: () => void): void {
    const start = this.#position;
    const available = Math.min(size, this.#end - start);
    if (available === 0 && size === 0) return;
    const end = this.#end;
    const children = this.#children;
    const about = this.#about;
    this.#end = start + available;
    this.#children = [];
    this.#about = undefined;
    this.#readToEnd(name, label, body);
    if (available < size) this.#break(`Says ${size} bytes, ${available} are here.`);
    children.push(closed(name, label, start, this.#position, this.#children, this.#about));
    this.#end = end;
    this.#children = children;
    this.#about = about;
  }

  /** Adds what the open group is about. */
  describe(about: { value?: string | number; meaning?: string; label?: string }): void {
    const kept = (this.#about ??= nothingSaid());
    if (about.label !== undefined) kept.label = about.label;
    if (about.value !== undefined) kept.value = about.value;
    if (about.meaning !== undefined) kept.meaning = about.meaning;
  }

  /** Covers the next bytes with a field that says what is wrong with them, and goes on behind it. */
  malformed(size: number, why: string, name = 'plainsight.malformed', label = 'Malformed'): void {
    const start = this.#take(Math.min(size, this.remaining));
    if (this.#position > start) {
      this.#children.push({ name, label, range: { start, end: this.#position }, malformed: why });
    } else if (this.#about?.malformed === undefined) this.#break(why);
  }

  /** Gives up on the innermost block of known size. */
  fail(why: string): never {
    throw new Broken(why);
  }

  #take(size: number): number {
    const start = this.#position;
    if (size > this.#end - start) throw new Broken(`Needs ${size} bytes, ${this.#end - start} are left.`);
    this.#position = start + size;
    return start;
  }

  #break(why: string): void {
    this.#about ??= nothingSaid();
    this.#about.malformed = why;
  }

  #add(start: number, name: string, label: string, value?: string | number, meaning?: string): void {
    this.#children.push(leaf(name, label, start, this.#position, value, meaning));
  }

  #readToEnd(name: string, label: string, body: () => void): void {
    try {
      body();
      if (this.remaining > 0 && this.#children.length > 0) {
        this.malformed(this.remaining, `${this.remaining} more bytes than expected here.`);
      }
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      if (this.remaining > 0 && this.#children.length > 0) this.malformed(this.remaining, error.message);
      else if (this.#about?.malformed === undefined) this.#break(error.message);
    }
    if (this.remaining > 0) this.opaque(this.remaining, `${name}.data`, this.#about?.label ?? label);
  }
}

/**
 * Explains bytes as one field tree: `body` reads them, what it leaves over or breaks off becomes malformed.
 * Children lie inside their parent, in order, and leaves cover every byte. Never throws because of the bytes.
 */
export function dissectBytes(
  bytes: Uint8Array,
  name: string,
  label: string,
  body: (reader: ByteReader) => void,
): Field {
  return new ByteReader(bytes).whole(name, label, body);
}

/** The first field of that name in the tree, depth first. */
export function findField(field: Field, name: string): Field | undefined {
  if (field.name === name) return field;
  for (const child of field.children ?? []) {
    const found = findField(child, name);
    if (found) return found;
  }
  return undefined;
}

/** Every field of that name in the tree, in the order of the bytes. */
export function findFields(field: Field, name: string): readonly Field[] {
  const found: Field[] = [];
  collect(field, name, found);
  return found;
}

function collect(field: Field, name: string, found: Field[]): void {
  if (field.name === name) found.push(field);
  if (field.children) for (const child of field.children) collect(child, name, found);
}
