import type { ByteReader } from '../byte-reader.ts';
import { utf8 } from '../text.ts';
import { afterSpace, decodeString, isSpace, literalAt, stringLength } from './json-text.ts';

// Deeper or longer than what a login page sends; a bound keeps hostile bodies cheap.
const DEEPEST = 32;
const MOST_VALUES = 5000;

const LONGEST_LOOK = 256 * 1024;

const QUOTE = 0x22;
// The closing bracket and brace stand two places behind the opening ones.
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * A JSON body down to each value with its place (RFC 8259). Quotes, commas and brackets become punctuation, so
 * that a string's range is its text alone. Not JSON: what was read so far stays, the rest is malformed.
 */
export function readJson(reader: ByteReader): void {
  new JsonReader(reader).read();
}

/** Whether these bytes are one JSON object or array; what is longer than a tree may be is not looked at. */
export function isJson(bytes: Uint8Array): boolean {
  const first = afterSpace(bytes);
  if ((first !== BRACE && first !== BRACKET) || bytes.length > LONGEST_LOOK) return false;
  try {
    JSON.parse(utf8(bytes));
    return true;
  } catch {
    return false;
  }
}

class JsonReader {
  readonly #reader: ByteReader;
  #values = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  read(): void {
    this.#punctuation(0);
    this.#value('Value', 0);
    this.#punctuation(0);
    if (this.#reader.remaining > 0) this.#reader.fail('More text behind the JSON value.');
  }

  /** Returns the value in words when it is a single one. */
  #value(label: string, depth: number): string | number | undefined {
    if (++this.#values > MOST_VALUES)
      this.#reader.fail(`More than ${MOST_VALUES} values; the rest is not taken apart.`);
    if (depth > DEEPEST) this.#reader.fail(`Nested deeper than ${DEEPEST}; the rest is not taken apart.`);
    const first = this.#reader.peek();
    if (first === QUOTE) return this.#string('json.value.string', label);
    if (first === BRACE) this.#container('json.object', label, BRACE + 2, () => this.#member(depth + 1));
    else if (first === BRACKET)
      this.#container('json.array', label, BRACKET + 2, () => this.#value('Item', depth + 1));
    else return this.#literal(label);
    return undefined;
  }

  #container(name: string, label: string, close: number, item: () => void): void {
    this.#reader.group(name, label, () => {
      this.#punctuation(1);
      if (this.#reader.peek() === close) {
        this.#punctuation(1, false);
        return;
      }
      for (;;) {
        item();
        const next = this.#reader.peek(this.#space());
        if (next !== 0x2c && next !== close) this.#reader.fail('Neither a comma nor the end of the list.');
        this.#punctuation(1, next === 0x2c);
        if (next === close) return;
      }
    });
  }

  #member(depth: number): void {
    this.#reader.group('json.member', 'Member', () => {
      if (this.#reader.peek() !== QUOTE) this.#reader.fail('A member without a name.');
      const key = this.#string('json.key', 'Name');
      if (this.#reader.peek(this.#space()) !== 0x3a) this.#reader.fail('A name without a colon.');
      this.#punctuation(1);
      const value = this.#value(key, depth);
      this.#reader.describe({ label: key, ...(value === undefined ? {} : { value }) });
    });
  }

  #string(name: string, label: string): string {
    const length = stringLength(this.#reader);
    if (length === undefined) this.#reader.fail('A text without a closing quote.');
    const value = decodeString(this.#reader.utf8Ahead(1, length));
    if (value === undefined) this.#reader.fail('A text with a broken escape.');
    this.#quote();
    this.#reader.decoded(length, name, label, value);
    this.#quote();
    return value;
  }

  #literal(label: string): string | number {
    const literal = literalAt(this.#reader.textAhead(64));
    if (!literal) this.#reader.fail('Not a JSON value.');
    this.#reader.text(literal.text.length, literal.name, label);
    return literal.text;
  }

  /** The place behind the white space that begins so far ahead (RFC 8259, 2). */
  #space(from = 0): number {
    let at = from;
    while (isSpace(this.#reader.peek(at))) at++;
    return at;
  }

  #quote(): void {
    this.#reader.opaque(1, 'plainsight.json.punctuation', 'Quote');
  }

  /** One mark or none, with the space before it and, unless it ends something, the space behind it. */
  #punctuation(marks: 0 | 1, spaceBehind = true): void {
    let size = this.#space() + marks;
    if (spaceBehind) size = this.#space(size);
    this.#reader.opaque(size, 'plainsight.json.punctuation', 'Punctuation');
  }
}
