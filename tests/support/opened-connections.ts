import type { ConnectionId, Direction, LogEvent, Vantage } from '#contract';
import { isWireEvent } from '#contract';
import { findFields } from '#dissectors/byte-reader.ts';
import { explainHandshake } from '#dissectors/tls/handshake.ts';
import { Connections } from '#folds/connections.ts';
import { LentConnection } from '#folds/lent-keys.ts';
import type { DecryptedRecord } from '#keys/decrypted-connection.ts';
import type { FinishedCheck } from '#keys/finished.ts';
import { KeyLog } from '#keys/key-log.ts';

/** What a key log opens of one TLS connection. */
export interface OpenedConnection {
  readonly connection: ConnectionId;
  readonly host: string;
  readonly records: readonly DecryptedRecord[];
  /** How many records were sealed and have been opened. */
  readonly opened: number;
  /** Why each record that stays sealed does. */
  readonly sealed: readonly string[];
  /** Application data, opened. */
  readonly data: Readonly<Record<Direction, Buffer>>;
  /** The Finished of either end. */
  readonly finished: readonly (FinishedCheck | undefined)[];
  /** Types of all handshake messages, in clear and opened. */
  readonly handshakeTypes: readonly number[];
  /** Types of the extensions in the ServerHello. */
  readonly serverExtensions: readonly number[];
}

const SERVER_HELLO = 2;
const FINISHED = 20;

/** Every TLS connection of a capture in its order, opened with the keys that were told in it; or by this end alone. */
export function openedConnections(
  events: readonly LogEvent[],
  lender?: Exclude<Vantage, 'wire'>,
): readonly OpenedConnection[] {
  const keyLog = new KeyLog();
  const connections = new Connections();
  const hosts = new Map<ConnectionId, string>();
  for (const event of events) {
    if (event.type === 'connection-opened') hosts.set(event.connection, event.server.name);
    if (isWireEvent(event)) connections.apply(event);
    else if (event.type === 'secrets-logged' && event.vantage === (lender ?? event.vantage))
      keyLog.add(event.line, event.connection);
  }
  return [...connections.all()]
    .filter(({ messages }) => messages[0]?.message.protocol === 'tls')
    .map((wire) => {
      const lent = new LentConnection(wire, keyLog);
      lent.catchUp();
      const records = wire.messages.flatMap((message) => lent.record(message) ?? []);
      return { connection: wire.id, host: hosts.get(wire.id) ?? '', ...summary(records) };
    });
}

function summary(records: readonly DecryptedRecord[]): Omit<OpenedConnection, 'connection' | 'host'> {
  const handshake = records.flatMap(({ reading }) => (reading.state === 'sealed' ? [] : reading.handshake));
  const serverHello = handshake.find(({ bytes }) => bytes[0] === SERVER_HELLO);
  const serverFields = serverHello && explainHandshake(serverHello.bytes, { from: 'server-to-client' });
  const data = (direction: Direction) =>
    Buffer.concat(
      records.flatMap((record) =>
        record.direction === direction && record.data && record.reading.state === 'opened'
          ? [record.reading.content]
          : [],
      ),
    );
  return {
    records,
    opened: records.filter(({ reading }) => reading.state === 'opened').length,
    sealed: records.flatMap(({ reading }) => (reading.state === 'sealed' ? [reading.reason] : [])),
    data: {
      'client-to-server': data('client-to-server'),
      'server-to-client': data('server-to-client'),
    },
    finished: handshake.flatMap(({ bytes, finished }) => (bytes[0] === FINISHED ? [finished] : [])),
    handshakeTypes: handshake.map(({ bytes }) => bytes[0] ?? 0),
    serverExtensions: serverFields
      ? findFields(serverFields, 'tls.handshake.extension.type').map(({ value }) => Number(value))
      : [],
  };
}
