import type { Direction } from '#contract';
import { keyExchangeOf } from '#dissectors/tls/key-exchange.ts';
import { handshakeName } from '#dissectors/tls/names.ts';
import { ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC } from '#dissectors/tls/record.ts';
import { isTls13 } from '#dissectors/tls/versions.ts';
import type { WireMessage } from '../wire-message.ts';
import { cutHandshake, isOpenHandshake, type HandshakeCut } from './handshake-cuts.ts';
import { helloFacts, type HandshakeFacts } from './handshake-facts.ts';
import { messageDraft } from './message-drafts.ts';
import { alertDraft, type Flight, flightWords, HANDSHAKE_TOPICS, sealedDraft } from './sealed-drafts.ts';
import type { Draft } from './step.ts';

type Growing<T> = { -readonly [Key in keyof T]: T[Key] };

const CLIENT = 'client-to-server';

/** The arrows of a TLS connection, from its records in the order of capture; see `draftsOf` for anything else. */
export class TlsDrafts {
  readonly drafts: Growing<Draft>[] = [];
  /** TLS 1.3: the server took up a key from earlier. */
  preShared: boolean | undefined;
  readonly #facts: HandshakeFacts;
  readonly #open: readonly WireMessage[];
  readonly #cuts: ReadonlyMap<WireMessage, readonly HandshakeCut[]>;
  readonly #sealedBefore: Record<Direction, boolean> = {
    'client-to-server': false,
    'server-to-client': false,
  };
  #helloSeen = false;
  #certificateSeen = false;
  #finishedPassed = false;
  #clientAsked = false;
  #flight: Flight | undefined;

  constructor(messages: readonly WireMessage[], facts: HandshakeFacts) {
    this.#facts = facts;
    this.#open = messages.filter(isOpenHandshake);
    const of = (direction: Direction) => this.#open.filter(({ message }) => message.direction === direction);
    this.#cuts = new Map([...cutHandshake(of(CLIENT)), ...cutHandshake(of('server-to-client'))]);
  }

  add(record: WireMessage): void {
    const { tls, sealed } = record.message;
    if (!tls) this.#push(messageDraft(record));
    else if (isOpenHandshake(record)) this.#addOpen(record);
    else if (tls.contentType === APPLICATION_DATA) this.#addData(record);
    else if (tls.contentType === CHANGE_CIPHER_SPEC) this.#addChangeCipher(record);
    else if (tls.contentType === ALERT) this.#push(alertDraft(record));
    else if (sealed) this.#addSealedHandshake(record);
    else this.#push({ ...messageDraft(record), kind: 'handshake', topic: `ssl2-${this.#side(record)}` });
    if (record === this.#facts.lastBeforeRequest) this.#finishedPassed = true;
  }

  #addOpen(record: WireMessage): void {
    const cuts = this.#cuts.get(record);
    if (!cuts) {
      this.#push({ ...messageDraft(record), kind: 'handshake', topic: 'handshake' });
      return;
    }
    const { direction, time } = record.message;
    for (const { type, start, end, records, complete, bytes } of cuts) {
      // What a hello settles is known with its last byte.
      const last = this.#openRecordAt(direction, end - 1) ?? record;
      const { detail, tls } = last.message;
      const { title, topic } = this.#say(last, type, complete ? bytes : []);
      const place = { connection: record.connection.id, direction, start, end };
      this.#push({
        ...{
          kind: 'handshake',
          direction,
          title,
          topic,
          place,
          records,
          time,
          complete,
          messages: [record.key],
        },
        ...{ sharesRecord: cuts.length > 1, sealed: false, evidence: 'captured', holds: [title] },
        ...((type === 1 || type === 2) && detail !== undefined ? { detail } : {}),
        ...(type === 1 && tls?.serverName !== undefined ? { name: tls.serverName } : {}),
      });
    }
  }

  #openRecordAt(direction: Direction, position: number): WireMessage | undefined {
    return this.#open.find(({ message }) => message.direction === direction && message.end > position);
  }

  #say(record: WireMessage, type: number, bytes: readonly number[]): { title: string; topic: string } {
    const title = handshakeName(type);
    const { tls } = record.message;
    const side = this.#side(record);
    if (type === 1) {
      const again = this.#helloSeen;
      this.#helloSeen = true;
      const topic = again ? 'client-hello-again' : 'client-hello';
      return { title, topic: !again && tls?.serverName === undefined ? 'client-hello-unnamed' : topic };
    }
    if (type === 2) return this.#sayServerHello(tls?.version, bytes);
    if (type === 11) {
      this.#certificateSeen ||= side === 'server';
      return { title, topic: `certificate-${side}` };
    }
    const exchange = keyExchangeOf(tls?.cipherSuite);
    if (type === 12) {
      const signed = this.#certificateSeen && exchange?.signed;
      return { title, topic: signed ? 'server-key-exchange' : 'server-key-exchange-unsigned' };
    }
    if (type === 16)
      return {
        title,
        topic: exchange?.exchange === 'rsa' ? 'client-key-exchange-rsa' : 'client-key-exchange',
      };
    return { title, topic: HANDSHAKE_TOPICS[type] ?? 'handshake' };
  }

  #sayServerHello(version: number | undefined, bytes: readonly number[]): { title: string; topic: string } {
    const facts = bytes.length > 0 ? helloFacts(bytes) : undefined;
    if (facts?.retry) return { title: 'HelloRetryRequest', topic: 'hello-retry' };
    const title = 'ServerHello';
    if (isTls13(version)) {
      this.preShared = facts?.preShared;
      return { title, topic: facts?.preShared ? 'server-hello-13-resumed' : 'server-hello-13' };
    }
    return { title, topic: this.#facts.resumed ? 'server-hello-12-resumed' : 'server-hello-12' };
  }

  #addSealedHandshake(record: WireMessage): void {
    const { direction } = record.message;
    const isFinished = !this.#sealedBefore[direction];
    this.#sealedBefore[direction] = true;
    const title = isFinished ? 'Finished' : 'Handshake message';
    this.#push({
      ...{ ...sealedDraft(record), kind: 'handshake', title },
      ...(isFinished ? { guess: 'by its place', holds: ['Finished'] } : { holds: [] }),
      topic: isFinished ? 'finished-12' : 'handshake-sealed',
    });
  }

  #addChangeCipher(record: WireMessage): void {
    const { version } = record.message.tls ?? {};
    const topic = version === undefined ? 'change-cipher' : `change-cipher-${isTls13(version) ? '13' : '12'}`;
    const detail = isTls13(version) ? { detail: 'for old middleboxes, means nothing' } : {};
    this.#push({ ...messageDraft(record), kind: 'change-cipher', topic, ...detail, holds: [] });
  }

  #addData(record: WireMessage): void {
    const { direction, tls } = record.message;
    const fromClient = direction === CLIENT;
    if (tls?.guess === 'alert') {
      const draft = { ...sealedDraft(record), kind: 'alert', title: 'Alert' } as const;
      this.#push({ ...draft, guess: 'by its size', topic: 'alert-sealed-13', holds: ['Alert'] });
    } else if (tls?.guess === 'handshake' && fromClient) {
      const draft = { ...sealedDraft(record), kind: 'handshake', title: 'Finished' } as const;
      this.#push({ ...draft, guess: 'by its place', topic: 'finished-13', holds: ['Finished'] });
    } else if (tls?.guess === 'handshake') this.#addToFlight(record, 'rest');
    else if (tls?.guess === 'early-data') this.#addToFlight(record, 'early-data');
    else if (isTls13(tls?.version) && this.#finishedPassed && !fromClient && !this.#clientAsked)
      this.#addToFlight(record, 'tickets');
    else this.#addToFlight(record, 'data');
    if (fromClient && tls?.guess === undefined) this.#clientAsked = true;
  }

  #addToFlight(record: WireMessage, flight: Flight): void {
    const { direction, start, end, complete } = record.message;
    const last = this.drafts.at(-1);
    if (last?.place && this.#flight === flight && last.direction === direction && last.place.end === start) {
      last.place = { ...last.place, end };
      last.records = (last.records ?? 1) + 1;
      last.messages = [...last.messages, record.key];
      last.complete = complete;
      return;
    }
    this.#push({ ...sealedDraft(record), ...flightWords(flight, direction, this.preShared ?? false) });
    this.#flight = flight;
  }

  #side({ message }: WireMessage): 'client' | 'server' {
    return message.direction === CLIENT ? 'client' : 'server';
  }

  #push(draft: Draft): void {
    this.#flight = undefined;
    this.drafts.push(draft);
  }
}
