import type { Field } from './field.ts';
import { hex, utf8 } from './text.ts';

type Growing<T> = { -readonly [Key in keyof T]: T[Key] };
type OpenField = Growing<Omit<Field, 'children' | 'range'>> & { start: number; children: Field[] };
type Meaning = string | ((value: number) => string | undefined);

/** Raised and caught inside this file only: the bytes ended, or are not what they should be. */
class Broken extends Error {}

/**
 * Reads bytes and labels them in the same step: every method that moves forward adds a field, so no byte can
 * be read without being explained. Groups nest. What runs out of bytes, or is broken, ends as a field with
 * `malformed` that covers what is there, and reading goes on behind the innermost block of known size.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #end: number;
  #open: OpenField;

  /** @internal Use `dissectBytes`. */
  constructor(bytes: Uint8Array, root: OpenField) {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#open = root;
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
    const last = Math.min(this.#end, this.#position + limit);
    const found = this.#bytes.indexOf(byte, this.#position);
    return found === -1 || found >= last ? -1 : found - this.#position;
  }

  /** The bytes ahead, to look at before they are read. */
  ahead(length = this.remaining): Uint8Array {
    return this.#bytes.subarray(this.#position, Math.min(this.#end, this.#position + length));
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
    const value = utf8(this.#bytes, start, start + size);
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
    const parent = this.#open;
    const field: OpenField = { name, label, start: this.#position, children: [] };
    this.#open = field;
    try {
      body();
    } finally {
      this.#open = parent;
      if (this.#position > field.start) parent.children.push(closed(field, this.#position));
    }
  }

  /** Fields inside a stretch of known size, which is passed over as a whole even when they are broken. */
  block(size: number, name: string, label: string, body: () => void): void {
    const available = Math.min(size, this.remaining);
    if (available === 0 && size === 0) return;
    const outerEnd = this.#end;
    this.#end = this.#position + available;
    const parent = this.#open;
    const field: OpenField = { name, label, start: this.#position, children: [] };
    this.#open = field;
    readToEnd(this, field, body);
    if (available < size) field.malformed = `Says ${size} bytes, ${available} are here.`;
    this.#open = parent;
    this.#end = outerEnd;
    parent.children.push(closed(field, this.#position));
  }

  /** Adds what the open group is about. */
  describe(about: { value?: string | number; meaning?: string; label?: string }): void {
    Object.assign(this.#open, about);
  }

  /** Covers the next bytes with a field that says what is wrong with them, and goes on behind it. */
  malformed(size: number, why: string, name = 'plainsight.malformed', label = 'Malformed'): void {
    const start = this.#take(Math.min(size, this.remaining));
    if (this.#position > start) {
      this.#open.children.push({ name, label, range: { start, end: this.#position }, malformed: why });
    } else this.#open.malformed ??= why;
  }

  /** Gives up on the innermost block of known size. */
  fail(why: string): never {
    throw new Broken(why);
  }

  #take(size: number): number {
    if (size > this.remaining) throw new Broken(`Needs ${size} bytes, ${this.remaining} are left.`);
    const start = this.#position;
    this.#position += size;
    return start;
  }

  #add(start: number, name: string, label: string, value?: string | number, meaning?: string): void {
    const field: Growing<Field> = { name, label, range: { start, end: this.#position } };
    if (value !== undefined) field.value = value;
    if (meaning !== undefined) field.meaning = meaning;
    this.#open.children.push(field);
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
  const root: OpenField = { name, label, start: 0, children: [] };
  const reader = new ByteReader(bytes, root);
  readToEnd(reader, root, () => body(reader));
  return closed(root, bytes.length);
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
  const own = field.name === name ? [field] : [];
  return [...own, ...(field.children ?? []).flatMap((child) => findFields(child, name))];
}

function readToEnd(reader: ByteReader, field: OpenField, body: () => void): void {
  try {
    body();
    if (reader.remaining > 0 && field.children.length > 0) {
      reader.malformed(reader.remaining, `${reader.remaining} more bytes than expected here.`);
    }
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    if (reader.remaining > 0 && field.children.length > 0) reader.malformed(reader.remaining, error.message);
    else field.malformed ??= error.message;
  }
  if (reader.remaining > 0) reader.opaque(reader.remaining, `${field.name}.data`, field.label);
}

function closed(open: OpenField, end: number): Field {
  const field: Growing<Field> = { name: open.name, label: open.label, range: { start: open.start, end } };
  if (open.value !== undefined) field.value = open.value;
  if (open.meaning !== undefined) field.meaning = open.meaning;
  if (open.malformed !== undefined) field.malformed = open.malformed;
  if (open.children.length > 0) field.children = open.children;
  return field;
}
