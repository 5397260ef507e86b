import type { ConnectionOpened, LogEvent } from '#contract';
import { isWireEvent } from '#contract';
import type { Dissection } from '#dissectors/field.ts';
import type { Message, MessageProtocol } from '#dissectors/message.ts';
import { Connections } from '#folds/connections.ts';
import { explainFully } from '#folds/explain.ts';
import { keysToldIn, LentConnection } from '#folds/lent-keys.ts';
import { LeakedKeys } from '#folds/leaked-key/leaked-key.ts';
import type { WireConnection } from '#folds/wire-connection.ts';
import type { WireMessage } from '#folds/wire-message.ts';
import { completedHandshake, explainDecrypted, explainInside } from '#keys/decrypted-dissections.ts';
import type { DecryptedRecord } from '#keys/decrypted-connection.ts';
import { KeyLog } from '#keys/key-log.ts';

/** One dissection of one message, with where it stands in the capture. */
export interface Dissected {
  readonly opened: ConnectionOpened;
  readonly message: Message;
  readonly protocol: MessageProtocol;
  readonly name: string;
  readonly dissection: Dissection;
  /** How many bytes the message has; the dissection may hold only the first of them. */
  readonly length: number;
  /** Why a sealed record stays so, though keys were lent. */
  readonly sealed?: string;
}

/**
 * Everything in a capture, message after message in the order of their first bytes: each as it was on the wire,
 * then what it completes or holds in other bytes, then what keys open: lent ones, and private keys that got out.
 */
export class DissectedCapture {
  readonly #connections = new Connections();
  readonly #openings = new Map<number, ConnectionOpened>();
  readonly #keyLog = new KeyLog();
  readonly #hasKeys: boolean;
  readonly #lent = new Map<WireConnection, LentConnection>();

  constructor(events: readonly LogEvent[]) {
    const leaks = new LeakedKeys(this.#connections);
    for (const event of events) {
      if (!isWireEvent(event)) {
        leaks.apply(event);
        continue;
      }
      if (event.type === 'connection-opened') this.#openings.set(event.connection, event);
      this.#connections.apply(event);
    }
    for (const { connection, line } of leaks.keyLogLines()) this.#keyLog.add(line, connection);
    this.#hasKeys = keysToldIn(events, this.#keyLog).size > 0;
  }

  *messages(): Generator<Dissected> {
    const messages = [...this.#connections.all()].flatMap((connection) => connection.messages);
    messages.sort((one, other) => one.order - other.order);
    for (const tracked of messages) yield* this.#dissected(tracked);
  }

  *#dissected(tracked: WireMessage): Generator<Dissected> {
    const { message, connection } = tracked;
    const opened = this.#openings.get(connection.id);
    if (!opened) return;
    const { title, protocol } = message;
    const record = protocol === 'tls' && this.#hasKeys ? this.#lend(connection).record(tracked) : undefined;
    const reading = record?.reading;
    const why = reading?.state === 'sealed' ? { sealed: reading.reason } : {};
    for (const [index, dissection] of explainFully(tracked).entries()) {
      const own = { opened, message, protocol, dissection };
      if (index === 0) yield { ...own, name: title, length: message.end - message.start, ...why };
      else yield { ...own, name: dissection.title ?? title, length: dissection.bytes.length };
    }
    if (record) yield* this.#inside(opened, message, connection, record);
  }

  /** Once in one place: a message of the data inside stands below the record that it ends in. */
  *#inside(
    opened: ConnectionOpened,
    wire: Message,
    connection: WireConnection,
    record: DecryptedRecord,
  ): Generator<Dissected> {
    const { reading, data, direction } = record;
    if (reading.state !== 'opened') return;
    for (const dissection of [explainInside(record, reading), ...completedHandshake(record, reading)])
      yield {
        ...{ opened, message: wire, protocol: 'tls', dissection },
        ...{ name: dissection.title ?? wire.title, length: dissection.bytes.length },
      };
    if (!data) return;
    const { decrypted } = this.#lend(connection);
    for (const message of decrypted.messagesIn(direction, data)) {
      if (message.end > data.end) continue;
      for (const [index, dissection] of explainDecrypted(message, decrypted).entries()) {
        const name = index === 0 ? message.title : (dissection.title ?? message.title);
        const length = index === 0 ? message.end - message.start : dissection.bytes.length;
        yield {
          opened,
          message: { ...message, time: wire.time },
          protocol: message.protocol,
          name,
          dissection,
          length,
        };
      }
    }
  }

  #lend(connection: WireConnection): LentConnection {
    const known = this.#lent.get(connection);
    if (known) return known;
    const lent = new LentConnection(connection, this.#keyLog);
    lent.catchUp();
    this.#lent.set(connection, lent);
    return lent;
  }
}
