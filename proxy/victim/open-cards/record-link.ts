import type { Socket } from 'node:net';
import { ALERT_DESCRIPTIONS } from '#dissectors/tls/alerts.ts';
import { joined, uint } from '#keys/bytes.ts';
import {
  AlertReceived,
  alertBytes,
  type AlertName,
  CLOSE_NOTIFY,
  Refusal,
  Truncated,
  USER_CANCELED,
} from './alert.ts';
import { ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, TLS_1_2 } from './code-points.ts';
import { HandshakeBuffer } from './handshake-buffer.ts';
import {
  type Content,
  HEADER_LENGTH,
  LONGEST_CONTENT,
  LONGEST_EXPANSION,
  type Protection,
} from './protection.ts';

/** Records that only look like TLS 1.2 are passed over, come as content, or are refused (RFC 8446, 5 and D.4). */
type ChangeCipherSpec = 'passed over' | 'content' | 'refused';

const OLDEST_VERSION = 0x0301;
// A chain of certificates, a page and what a site may add to them fit many times over.
const LONGEST_CONVERSATION = 1 << 20;

/**
 * The record layer over one socket (RFC 8446, 5): one record read after the other, sealed once keys are set. It
 * trusts nothing that comes: lengths, types and the sum of all bytes are bounded. Reading rejects with a `Refusal`,
 * with the other end's alert, with `Truncated`, or with the error that the socket was destroyed with.
 */
export class RecordLink {
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #handshake = new HandshakeBuffer();
  #held: Uint8Array = new Uint8Array(0);
  #received = 0;
  #isFirst = true;
  #isClosed = false;
  #opening: Protection | undefined;
  #sealing: Protection | undefined;
  changeCipherSpec: ChangeCipherSpec = 'refused';

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  }

  /** From the next record on the site's are opened with these keys. */
  receiveUnder(keys: Protection): void {
    // A message may not lie half under the old keys and half under the new ones (RFC 8446, 5.1).
    this.#refuseHalfMessage('when its keys changed');
    this.#opening = keys;
  }

  sendUnder(keys: Protection): void {
    this.#sealing = keys;
  }

  /** In as many records as it takes. */
  send(type: number, bytes: Uint8Array): void {
    for (let at = 0; at === 0 || at < bytes.length; at += LONGEST_CONTENT)
      this.#write({ type, bytes: bytes.subarray(at, at + LONGEST_CONTENT) });
  }

  sendAlert(alert: AlertName): void {
    this.send(ALERT, alertBytes(alert));
  }

  /** The next handshake message, header included, which must be of one of these types. */
  async handshakeMessage(...types: readonly number[]): Promise<Uint8Array> {
    for (;;) {
      const message = this.#handshake.take();
      if (message) {
        const [type = 0] = message;
        if (types.includes(type)) return message;
        throw new Refusal('unexpected_message', `a handshake message of type ${type} came where none may`);
      }
      const content = await this.#content();
      if (content?.type !== HANDSHAKE) throw notNow(content);
      this.#handshake.push(content.bytes);
    }
  }

  /** The ChangeCipherSpec with which TLS 1.2 changes keys (RFC 5246, 7.1). */
  async changedCipherSpec(): Promise<void> {
    this.#refuseHalfMessage('at its ChangeCipherSpec');
    const content = await this.#content();
    if (content?.type !== CHANGE_CIPHER_SPEC) throw notNow(content);
  }

  /**
   * The next application data; undefined once the site has closed its direction with close_notify. What else comes
   * after a handshake is handed to `heard`, message by message.
   */
  async data(heard: (message: Uint8Array) => void): Promise<Uint8Array | undefined> {
    for (;;) {
      const content = await this.#content();
      if (content?.type !== HANDSHAKE) {
        this.#refuseHalfMessage('before other content');
        if (content && content.type !== APPLICATION_DATA) throw notNow(content);
        return content?.bytes;
      }
      this.#handshake.push(content.bytes);
      for (let message = this.#handshake.take(); message; message = this.#handshake.take()) heard(message);
    }
  }

  /** Reads on until the connection has ended, and forgets what comes. */
  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }

  /** The next content that is not the record layer's own; undefined at close_notify. */
  async #content(): Promise<Content | undefined> {
    for (;;) {
      if (this.#isClosed) return undefined;
      const record = await this.#record();
      if (record[0] === CHANGE_CIPHER_SPEC) {
        if (this.changeCipherSpec === 'refused' || record.length !== HEADER_LENGTH + 1 || record.at(-1) !== 1)
          throw new Refusal('unexpected_message', 'a ChangeCipherSpec came where none may');
        if (this.changeCipherSpec === 'passed over') continue;
        return { type: CHANGE_CIPHER_SPEC, bytes: record.subarray(HEADER_LENGTH) };
      }
      const content = this.#opened(record);
      if (content.type !== ALERT) return content;
      this.#hear(content.bytes);
    }
  }

  #opened(record: Uint8Array): Content {
    if (this.#opening) return this.#opening.open(record);
    return { type: record[0] ?? 0, bytes: record.subarray(HEADER_LENGTH) };
  }

  #hear(alert: Uint8Array): void {
    const [, description = 0] = alert;
    if (alert.length !== 2) throw new Refusal('decode_error', 'an alert of the site has not two bytes');
    if (description === CLOSE_NOTIFY) this.#isClosed = true;
    else if (description !== USER_CANCELED)
      throw new AlertReceived(description, ALERT_DESCRIPTIONS[description] ?? String(description));
  }

  /** A whole record, header included. Its length is judged before it is waited for. */
  async #record(): Promise<Uint8Array> {
    const header = await this.#bytes(HEADER_LENGTH);
    const [type = 0, major] = header;
    const length = (header[3] ?? 0) * 256 + (header[4] ?? 0);
    if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA || major !== TLS_1_2 >> 8)
      throw new Refusal('unexpected_message', 'what came is no record of TLS');
    const longest = LONGEST_CONTENT + (this.#opening ? LONGEST_EXPANSION : 0);
    if (length > longest) throw new Refusal('record_overflow', `a record of ${length} bytes is too long`);
    const record = await this.#bytes(HEADER_LENGTH + length);
    this.#held = this.#held.subarray(record.length);
    return record;
  }

  /** The first bytes of what has come, once there are so many; they stay where they are. */
  async #bytes(count: number): Promise<Uint8Array> {
    while (this.#held.length < count) {
      const next = await this.#chunks.next();
      if (next.done) throw new Truncated();
      this.#received += next.value.length;
      if (this.#received > LONGEST_CONVERSATION)
        throw new Refusal('record_overflow', 'the site says more than this client listens to');
      this.#held = joined(this.#held, next.value);
    }
    return this.#held.subarray(0, count);
  }

  #write(content: Content): void {
    // The other end has gone, or this one has said its last.
    if (!this.#socket.writable) return;
    // The very first record says TLS 1.0 for the sake of old middleboxes (RFC 8446, 5.1).
    const version = this.#isFirst ? OLDEST_VERSION : TLS_1_2;
    this.#isFirst = false;
    const keys = content.type === CHANGE_CIPHER_SPEC ? undefined : this.#sealing;
    this.#socket.write(
      keys
        ? keys.seal(content)
        : joined(Uint8Array.of(content.type), uint(version, 2), uint(content.bytes.length, 2), content.bytes),
    );
  }

  #refuseHalfMessage(when: string): void {
    if (!this.#handshake.isEmpty)
      throw new Refusal('unexpected_message', `half a handshake message of the site was there ${when}`);
  }
}

function notNow(content: Content | undefined): Error {
  return content
    ? new Refusal('unexpected_message', `content of type ${content.type} came where none may`)
    : new Truncated();
}
