import type { Direction, GrowingMessage, MessageSink, Splitter, Surrender, TlsSummary } from '../message.ts';
import { ALERT_DESCRIPTIONS } from './alerts.ts';
import type { TlsConversation } from './conversation.ts';
import { CLIENT_HELLO, describeServerHello, SERVER_HELLO } from './handshake.ts';
import { HandshakeAssembler, type WholeHello } from './handshake-assembler.ts';
import { clientHelloFacts, serverHelloFacts } from './hello-facts.ts';
import { handshakeName } from './names.ts';
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  HANDSHAKE,
  RECORD_HEADER,
  recordHeaderFault,
} from './record.ts';
import { isSsl2Header, SSL2_HEADER, ssl2Title } from './ssl2.ts';

type Growing<T> = { -readonly [Key in keyof T]: T[Key] };
type GrowingSummary = Growing<TlsSummary> & { handshakeTypes: number[] };

/**
 * Cuts one direction of TLS into records (RFC 8446, 5.1); the first of them may be an SSL 2.0 hello. Keeps nothing but the
 * hellos; content passes by counters.
 */
export class TlsSplitter implements Splitter {
  readonly #sink: MessageSink;
  readonly #direction: Direction;
  readonly #conversation: TlsConversation;
  readonly #handshake = new HandshakeAssembler();
  #message: GrowingMessage | undefined;
  #summary: GrowingSummary | undefined;
  #header: number[] = [];
  #left = 0;
  #alert: number[] = [];
  /** The record holds a HelloRetryRequest, which is a ServerHello by its type. */
  #retry = false;
  /** Nothing but its first message can be in the format of SSL 2.0. */
  #isFirst = true;

  constructor(sink: MessageSink, direction: Direction, conversation: TlsConversation) {
    this.#sink = sink;
    this.#direction = direction;
    this.#conversation = conversation;
  }

  push(bytes: Uint8Array, offset: number, time: number): Surrender | undefined {
    let at = 0;
    while (at < bytes.length) {
      const message = (this.#message ??= this.#sink.open(offset + at, time, 'tls', 'record', 'TLS record'));
      if (this.#summary === undefined) {
        this.#header.push(bytes[at++] ?? 0);
        this.#grow(message, offset + at, time);
        const isSsl2 = this.#isFirst && isSsl2Header(this.#header);
        if (this.#header.length < (isSsl2 ? SSL2_HEADER : RECORD_HEADER)) continue;
        if (isSsl2) this.#readSsl2Header(message);
        const fault = isSsl2 ? undefined : this.#readHeader(message);
        if (fault !== undefined) {
          message.detail = fault;
          return { from: at, reason: fault };
        }
      } else {
        const step = Math.min(this.#left, bytes.length - at);
        this.#readContent(message, this.#summary, bytes.subarray(at, at + step));
        at += step;
        this.#left -= step;
        this.#grow(message, offset + at, time);
      }
      if (this.#left === 0 && this.#summary) this.#finish(message);
    }
    return undefined;
  }

  skip(length: number, offset: number, time: number): boolean {
    const message = this.#message;
    if (!message || !this.#summary || length > this.#left || !this.#contentIsOpaque(message)) return false;
    this.#left -= length;
    this.#grow(message, offset + length, time);
    if (this.#left === 0) this.#finish(message);
    return true;
  }

  close(): void {
    // A record that was cut off stays incomplete.
  }

  #readHeader(message: GrowingMessage): string | undefined {
    const [type = 0, major = 0, minor = 0, high = 0, low = 0] = this.#header;
    const length = high * 256 + low;
    const fault = recordHeaderFault(type, major * 256 + minor, length);
    if (fault !== undefined) return fault;
    this.#left = length;
    this.#summary = { contentType: type, length, handshakeTypes: [], carriedOver: 0 };
    this.#noteAgreement(this.#summary);
    message.tls = this.#summary;
    message.sealed =
      type === APPLICATION_DATA || (type !== CHANGE_CIPHER_SPEC && this.#conversation.seals(this.#direction));
    this.#name(message, this.#summary);
    return undefined;
  }

  #readSsl2Header(message: GrowingMessage): void {
    const [high = 0, low = 0] = this.#header;
    this.#left = (high & 0x7f) * 256 + low;
    this.#summary = { contentType: HANDSHAKE, length: this.#left, handshakeTypes: [], carriedOver: 0 };
    message.tls = this.#summary;
    message.title = ssl2Title(this.#direction);
    message.detail = 'in a format that has no room for the name of a site';
  }

  #name(message: GrowingMessage, summary: GrowingSummary): void {
    switch (summary.contentType) {
      case CHANGE_CIPHER_SPEC:
        message.title = 'Change Cipher Spec';
        this.#conversation.changeCipher(this.#direction);
        return;
      case APPLICATION_DATA:
        message.title = 'Application Data';
        this.#nameSealed(message, summary);
        return;
      case HANDSHAKE:
        if (message.sealed) {
          message.title = 'Encrypted handshake message';
          this.#conversation.sealedHandshake(this.#direction);
        } else {
          message.title = 'Handshake';
          this.#handshake.beginRecord();
          summary.carriedOver = this.#handshake.carriedOver;
        }
        return;
      case ALERT:
        message.title = message.sealed ? 'Encrypted alert' : 'Alert';
        this.#alert = [];
    }
  }

  #nameSealed(message: GrowingMessage, summary: GrowingSummary): void {
    const guess = this.#conversation.guess(this.#direction, summary.length);
    if (guess === undefined) return;
    summary.guess = guess;
    const fromClient = this.#direction === 'client-to-server';
    if (guess === 'handshake')
      message.detail = fromClient ? 'by its place, Finished' : 'by its place, the rest of the handshake';
    else message.detail = guess === 'alert' ? 'by its size, perhaps an alert' : 'by its place, early data';
  }

  #readContent(message: GrowingMessage, summary: GrowingSummary, content: Uint8Array): void {
    if (this.#contentIsOpaque(message)) return;
    if (summary.contentType === HANDSHAKE) {
      this.#handshake.push(
        content,
        (type) => summary.handshakeTypes.push(type),
        (hello) => this.#readHello(message, summary, hello),
      );
      summary.carriedOver = this.#handshake.carriedOver;
      message.title = handshakeTitle(summary, this.#retry);
    } else if (summary.contentType === ALERT && this.#alert.length < 2) {
      this.#alert.push(...content.subarray(0, 2 - this.#alert.length));
      const description = this.#alert[1];
      if (description !== undefined)
        message.detail = ALERT_DESCRIPTIONS[description] ?? `alert ${description}`;
    }
  }

  #readHello(message: GrowingMessage, summary: GrowingSummary, hello: WholeHello): void {
    if (hello.type === CLIENT_HELLO) {
      const facts = clientHelloFacts(hello.bytes);
      this.#conversation.offersEarlyData = facts.earlyData;
      if (facts.serverName === undefined) message.detail = 'names no site';
      else {
        summary.serverName = facts.serverName;
        message.detail = `asks for ${facts.serverName} in clear`;
      }
    } else {
      const facts = serverHelloFacts(hello.bytes);
      this.#conversation.version = facts.version;
      this.#conversation.cipherSuite = facts.cipherSuite;
      this.#noteAgreement(summary);
      this.#conversation.serverHelloSeen = true;
      this.#retry = facts.retry;
      message.detail = facts.retry
        ? `asks for another try, ${describeServerHello(facts)}`
        : describeServerHello(facts);
    }
  }

  #noteAgreement(summary: GrowingSummary): void {
    const { version, cipherSuite } = this.#conversation;
    if (version !== undefined) summary.version = version;
    if (cipherSuite !== undefined) summary.cipherSuite = cipherSuite;
  }

  #contentIsOpaque(message: GrowingMessage): boolean {
    return message.sealed || message.tls?.contentType === CHANGE_CIPHER_SPEC || isSsl2Header(this.#header);
  }

  #grow(message: GrowingMessage, end: number, time: number): void {
    message.end = end;
    message.endTime = time;
    this.#sink.touch(message);
  }

  #finish(message: GrowingMessage): void {
    message.complete = true;
    this.#message = undefined;
    this.#summary = undefined;
    this.#header = [];
    this.#retry = false;
    this.#isFirst = false;
  }
}

function handshakeTitle(summary: TlsSummary, retry: boolean): string {
  if (summary.handshakeTypes.length === 0) return 'Handshake message, continued';
  const names = summary.handshakeTypes
    .slice(0, 8)
    .map((type) => (retry && type === SERVER_HELLO ? 'HelloRetryRequest' : handshakeName(type)));
  return names.length < summary.handshakeTypes.length ? `${names.join(', ')} …` : names.join(', ');
}
