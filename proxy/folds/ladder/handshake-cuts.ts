import { isSsl2Header } from '#dissectors/tls/ssl2.ts';
import { HANDSHAKE, RECORD_HEADER } from '#dissectors/tls/record.ts';
import { SERVER_HELLO } from '#dissectors/tls/handshake.ts';
import type { WireMessage } from '../wire-message.ts';

type Growing<T> = { -readonly [Key in keyof T]: T[Key] };

/** One handshake message in clear, as a stretch of its direction's stream. */
export interface HandshakeCut {
  readonly type: number;
  readonly start: number;
  /** Behind its last byte so far; a message over several records has their headers in between. */
  readonly end: number;
  readonly records: number;
  readonly complete: boolean;
  /** Header included; kept of ServerHellos only. */
  readonly bytes: readonly number[];
}

const HEADER = 4;
const LONGEST_KEPT = 1024;

/** A TLS handshake record whose content is in clear; the hello of SSL 2.0 is cut in another way. */
export function isOpenHandshake({ message, connection }: WireMessage): boolean {
  if (message.protocol !== 'tls' || message.sealed || message.tls?.contentType !== HANDSHAKE) return false;
  const { direction, start } = message;
  return !isSsl2Header(connection.slice({ direction, start, end: start + 1 }).bytes);
}

/**
 * Cuts the handshake records in clear of one direction into messages (RFC 8446, 5.1), each listed with the record
 * that it begins in. A record of which bytes are missing from the log has no list.
 */
export function cutHandshake(
  records: readonly WireMessage[],
): ReadonlyMap<WireMessage, readonly HandshakeCut[]> {
  const cuts = new Map<WireMessage, readonly HandshakeCut[]>();
  const cutter = new Cutter();
  for (const record of records) {
    const { direction, start, end, tls } = record.message;
    const from = start + RECORD_HEADER;
    const { start: at, bytes } = record.connection.slice({ direction, start: from, end });
    const isWhole = end <= from || (at === from && bytes.length === end - from);
    if (isWhole) cuts.set(record, cutter.cut(bytes, from, tls?.carriedOver ?? 0));
    else cutter.forget();
  }
  return cuts;
}

class Cutter {
  #open: Growing<HandshakeCut> | undefined;
  #header: number[] = [];
  #left = 0;

  forget(): void {
    this.#open = undefined;
    this.#header = [];
    this.#left = 0;
  }

  /** The messages that begin in this content; `position` is where in the stream it begins. */
  cut(content: Uint8Array, position: number, carriedOver: number): readonly HandshakeCut[] {
    const begun: HandshakeCut[] = [];
    // What goes on here began in bytes that are gone.
    let at = this.#open ? 0 : Math.min(carriedOver, content.length);
    if (this.#open && content.length > 0) this.#open.records += 1;
    while (at < content.length) {
      const open = (this.#open ??= this.#begin(content[at] ?? 0, position + at, begun));
      const inHeader = this.#header.length < HEADER;
      const step = inHeader ? 1 : Math.min(this.#left, content.length - at);
      if (open.type === SERVER_HELLO && open.bytes.length < LONGEST_KEPT)
        open.bytes = [...open.bytes, ...content.subarray(at, at + step)];
      if (inHeader) this.#readHeader(content[at] ?? 0);
      else this.#left -= step;
      at += step;
      open.end = position + at;
      if (this.#header.length < HEADER || this.#left > 0) continue;
      open.complete = true;
      this.forget();
    }
    return begun;
  }

  #begin(type: number, start: number, begun: HandshakeCut[]): Growing<HandshakeCut> {
    const cut = { type, start, end: start, records: 1, complete: false, bytes: [] };
    begun.push(cut);
    return cut;
  }

  #readHeader(byte: number): void {
    this.#header.push(byte);
    if (this.#header.length < HEADER) return;
    const [, high = 0, middle = 0, low = 0] = this.#header;
    this.#left = high * 65536 + middle * 256 + low;
  }
}
