import type { ByteReader } from '../byte-reader.ts';

/** Tags that certificates use (X.690, 8.1.2); the context-specific ones are made by `context`. */
export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OBJECT_IDENTIFIER = 0x06;
export const UTF8_STRING = 0x0c;
export const SEQUENCE = 0x30;
export const SET = 0x31;

const UNIVERSAL: Readonly<Record<number, string>> = {
  1: 'BOOLEAN',
  2: 'INTEGER',
  3: 'BIT STRING',
  4: 'OCTET STRING',
  5: 'NULL',
  6: 'OBJECT IDENTIFIER',
  10: 'ENUMERATED',
  12: 'UTF8String',
  16: 'SEQUENCE',
  17: 'SET',
  18: 'NumericString',
  19: 'PrintableString',
  20: 'TeletexString',
  22: 'IA5String',
  23: 'UTCTime',
  24: 'GeneralizedTime',
  26: 'VisibleString',
  28: 'UniversalString',
  30: 'BMPString',
};
const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;

// A certificate of the web has some 150; one made to exhaust a reader has millions.
const MOST_ELEMENTS = 20_000;
const DEEPEST = 12;

interface Header {
  readonly tag: number;
  /** Of tag and length together. */
  readonly size: number;
  /** Of the value. */
  readonly length: number;
  readonly overlong: boolean;
}

/** The tag `[number]` of an implicitly tagged value, or of a structure where `constructed`. */
export function context(number: number, constructed = false): number {
  return CONTEXT | (constructed ? CONSTRUCTED : 0) | number;
}

export function tagName(tag: number): string {
  if ((tag & 0xc0) === 0) return UNIVERSAL[tag & 0x1f] ?? `universal type ${tag & 0x1f}`;
  return (tag & 0xc0) === CONTEXT ? `[${tag & 0x1f}]` : `tag ${tag}`;
}

/**
 * Reads DER (X.690, 10) off a byte reader: each element is a tag, a length and a value, and tag and length make one
 * small leaf of their own. At most 20,000 elements, since each becomes a field.
 */
export class DerReader {
  readonly reader: ByteReader;
  #left = MOST_ELEMENTS;

  constructor(reader: ByteReader) {
    this.reader = reader;
  }

  get remaining(): number {
    return this.reader.remaining;
  }

  /** Whether the element ahead has this tag. */
  isNext(tag: number): boolean {
    return this.reader.peek() === tag;
  }

  /** Tag and length of an element of that tag; the value is next. Answers its length. */
  header(tag: number): number {
    const header = this.#ahead(tag);
    this.#label(header);
    return header.length;
  }

  /** An element whose value is made of fields: a block from its tag to its end. */
  structure(tag: number, name: string, label: string, body: () => void): void {
    const header = this.#ahead(tag);
    this.reader.block(header.size + header.length, name, label, () => {
      this.#label(header);
      body();
    });
  }

  /** Elements of a kind, as many as the block holds. */
  each(body: () => void): void {
    while (this.remaining > 0) body();
  }

  /** An element of any kind, taken apart by what its tags say. */
  anything(name: string, label: string, depth = DEEPEST): void {
    const tag = this.reader.peek() ?? this.reader.fail('An element is missing here.');
    if ((tag & CONSTRUCTED) === 0) {
      const length = this.header(tag);
      if (length > 0) this.reader.opaque(length, name, label);
      return;
    }
    if (depth === 0) this.reader.fail('Nested deeper than any certificate needs.');
    this.structure(tag, name, label, () => {
      this.each(() => {
        this.anything(name, label, depth - 1);
      });
    });
  }

  #ahead(expected: number): Header {
    if (--this.#left < 0)
      this.reader.fail(`More than ${MOST_ELEMENTS} elements; the rest is not taken apart.`);
    const header = parseHeader(this.reader);
    if (typeof header === 'string') this.reader.fail(header);
    if (header.tag !== expected)
      this.reader.fail(`Expected ${tagName(expected)} here, found ${tagName(header.tag)}.`);
    return header;
  }

  #label({ tag, size, length, overlong }: Header): void {
    const name = 'plainsight.der.header';
    const label = 'Tag and length';
    if (overlong) {
      this.reader.malformed(size, 'The length takes more bytes than it needs (X.690, 10.1).', name, label);
    } else {
      const follow = length === 1 ? '1 byte follows' : `${length} bytes follow`;
      this.reader.decoded(size, name, label, tagName(tag), follow);
    }
  }
}

function parseHeader(reader: ByteReader): Header | string {
  const tag = reader.peek();
  const first = reader.peek(1);
  if (tag === undefined) return 'An element is missing here.';
  // A number of 31 goes on in further bytes (X.690, 8.1.2.4); no type of a certificate needs that.
  if ((tag & 0x1f) === 0x1f) return 'A tag number of more than 30, which no certificate uses.';
  if (first === undefined) return 'The length is missing.';
  if (first < 0x80) return { tag, size: 2, length: first, overlong: false };
  if (first === 0x80) return 'An indefinite length, which DER does not allow (X.690, 10.1).';
  const digits = first & 0x7f;
  if (digits > 4) return 'A length of more than four bytes.';
  if (reader.remaining < 2 + digits) return 'The length is cut off.';
  let length = 0;
  for (let at = 2; at < 2 + digits; at++) length = length * 256 + (reader.peek(at) ?? 0);
  const overlong = length < 0x80 || reader.peek(2) === 0;
  return { tag, size: 2 + digits, length, overlong };
}
