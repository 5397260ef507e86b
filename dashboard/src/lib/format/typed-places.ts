import { findField } from '#dissectors/byte-reader.ts';
import type { ByteRange, Dissection, Field } from '#dissectors/field.ts';
import { latin1, utf8 } from '#dissectors/text.ts';
import { unmasked } from '#dissectors/websocket/frame-head.ts';
import { echoIn, isLabLine } from './lab-lines.ts';
import { chatHidden, hiddenHalf } from './mask.ts';
import { secretCalled, type NamedSecret } from './secret-names.ts';
import { looseSecrets, secretsInQuery } from './secret-texts.ts';

/** Somebody's secret in the bytes of a dissection, told by what its field is and not by its value. */
export interface TypedPlace extends ByteRange {
  readonly kind: NamedSecret;
  /** The part that is hidden until it is revealed. */
  readonly hidden: ByteRange;
  /** What it says, decoded. */
  readonly value: string;
}

const VALUES =
  /^(json\.value\.(string|number)|urlencoded-form\.value|plainsight\.(http\.query_value|multipart\.value))$/;
const NAMED = /^(json\.(member|object|array)|urlencoded-form|mime_multipart\.part)$/;
const CREDENTIALS = /^http\.(proxy_)?authorization$/;
const TEXT_OPCODES: readonly unknown[] = [0, 1];
const CHAT_NAMES: ReadonlySet<string> = new Set(['text', 'message', 'msg', 'body', 'content', 'line']);
/** Beyond this, bytes that no dissector took apart are not searched. */
const SEARCHED_BYTES = 64 * 1024;

/**
 * Every value in a dissection that is somebody's by what it is: named like a password, a PIN or a token in JSON, a
 * form or a query; the credentials of an Authorization header; what is said in a chat. By position in no order.
 */
export function typedPlaces(
  { bytes, field, source }: Pick<Dissection, 'bytes' | 'field' | 'source'>,
  fromClient: boolean,
): readonly TypedPlace[] {
  const finder = new Finder(bytes, fromClient);
  finder.visit(field, undefined);
  // Bodies that are still arriving or of no known type, and plaintext that lies in a record, have no fields to go by.
  const isTaken = source !== 'decrypted' && /^(tls|x509|dns)/.test(field.name);
  if (!isTaken && (fromClient || source === 'decrypted')) finder.searchLoosely();
  return finder.found;
}

const encoder = new TextEncoder();

class Finder {
  readonly found: TypedPlace[] = [];
  readonly #bytes: Uint8Array;
  readonly #fromClient: boolean;

  constructor(bytes: Uint8Array, fromClient: boolean) {
    this.#bytes = bytes;
    this.#fromClient = fromClient;
  }

  visit(field: Field, inherited: NamedSecret | undefined): void {
    const { name, label, range, children } = field;
    const isNamed = VALUES.test(name) || NAMED.test(name);
    const kind = (isNamed ? secretCalled(label, this.#fromClient) : undefined) ?? inherited;
    if (VALUES.test(name)) {
      if (kind) this.#add(kind, range, textOf(field));
    } else if (name === 'http.authbasic') this.#add('password', range, textOf(field));
    else if (CREDENTIALS.test(name) && !children) this.#addCredentials(range);
    else if (name === 'http.referer' || name === 'http.location') this.#addQuery(range);
    else if (name === 'http.unknown_header' || name === 'plainsight.http.cookie_value') this.#addNamed(field);
    else if (/^websocket\.payload\.(text|continue)$/.test(name)) this.#addChat(field);
    else if (name === 'websocket') this.#addMasked(field);
    if (name === 'http.cookie_pair' || name === 'plainsight.http.set_cookie_pair') this.#addCookie(field);
    for (const child of children ?? []) this.visit(child, NAMED.test(name) ? kind : undefined);
  }

  searchLoosely(): void {
    const text = latin1(this.#bytes.subarray(0, SEARCHED_BYTES));
    for (const { start, end, kind, value } of looseSecrets(text)) {
      const isKnown = this.found.some((place) => place.start < end && start < place.end);
      if (!isKnown) this.#add(kind, { start, end }, value);
    }
  }

  #add(kind: NamedSecret, range: ByteRange, value: string, hidden = hiddenHalf(range)): void {
    if (range.start < range.end) this.found.push({ kind, ...range, hidden, value });
  }

  /** All behind the scheme's name (RFC 9110, 11.4). */
  #addCredentials({ start, end }: ByteRange): void {
    const space = this.#bytes.subarray(start, end).indexOf(0x20);
    const from = start + space + 1;
    this.#add('token', { start: from, end }, utf8(this.#bytes.subarray(from, end)));
  }

  #addQuery({ start, end }: ByteRange): void {
    for (const secret of secretsInQuery(latin1(this.#bytes.subarray(start, end)))) {
      this.#add(secret.kind, { start: start + secret.start, end: start + secret.end }, secret.value);
    }
  }

  #addNamed(field: Field): void {
    const kind = secretCalled(field.label, false);
    if (kind) this.#add(kind, field.range, textOf(field));
  }

  /** A cookie is the site's own, whatever it is called, unless it is called a password. */
  #addCookie({ label, children }: Field): void {
    const kind = secretCalled(label, false);
    const value = children?.find(({ name }) => name === 'plainsight.http.cookie_value');
    if (value && kind !== undefined && kind !== 'token') this.#add(kind, value.range, textOf(value));
  }

  #addChat(field: Field): void {
    if (field.children) {
      this.#addSaid(field.children);
      return;
    }
    const { start, end } = field.range;
    const text = utf8(this.#bytes.subarray(start, end));
    if (isLabLine(text, this.#fromClient ? 'victim' : 'desk')) return;
    const echo = this.#fromClient ? undefined : echoIn(text);
    const before = echo ? encoder.encode(text.slice(0, echo.start)).length : 0;
    const length = echo ? encoder.encode(text.slice(echo.start, echo.end)).length : end - start;
    const said = { start: start + before, end: start + before + length };
    const hidden = chatHidden(this.#bytes.subarray(said.start, said.end));
    this.#add('typed', said, text, { start: said.start + hidden.start, end: said.end });
  }

  /** Of a client every value of a message in JSON, of a server what is called a text; the rest is its own. */
  #addSaid(fields: readonly Field[]): void {
    for (const { name, label, range, value, children } of fields) {
      if (children) this.#addSaid(children);
      else if (/^json\.value\.(string|number)$/.test(name)) {
        const isSaid = this.#fromClient || CHAT_NAMES.has(label.toLowerCase());
        if (isSaid && secretCalled(label, this.#fromClient) === undefined)
          this.#add('typed', range, String(value ?? ''));
      }
    }
  }

  /** Whole, because its mask is sent along and undone by anybody (RFC 6455, 5.3). */
  #addMasked(frame: Field): void {
    const payload = findField(frame, 'websocket.masked_payload');
    const key = findField(frame, 'websocket.masking_key');
    const opcode = findField(frame, 'websocket.opcode')?.value;
    if (!payload || !key || !TEXT_OPCODES.includes(opcode)) return;
    const { start, end } = payload.range;
    const mask = this.#bytes.subarray(key.range.start, key.range.end);
    const text = utf8(unmasked(this.#bytes.subarray(start, end), mask));
    if (!isLabLine(text, 'victim')) this.#add('typed', payload.range, text, payload.range);
  }
}

function textOf({ value }: Field): string {
  return String(value ?? '');
}
