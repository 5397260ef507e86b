import type { BytesCaptured, ConnectionId, LogEvent } from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import type { Message } from '#dissectors/message.ts';

const APPLICATION_DATA = 23;

/** The sealed records of a client's requests on a connection, in order: what anybody on the way can see of them. */
export function requestRecords(
  events: readonly LogEvent[],
  connection: ConnectionId,
): readonly { readonly bytes: number; readonly end: number }[] {
  const dissector = new ConnectionDissector();
  const records = new Set<Message>();
  for (const { direction, offset, bytes, time } of events.filter((event) => isOf(event, connection)))
    for (const message of dissector.push(direction, offset, bytes, time)) records.add(message);
  return [...records]
    .filter(
      ({ direction, tls, complete }) =>
        complete &&
        direction === 'client-to-server' &&
        tls?.contentType === APPLICATION_DATA &&
        // The client's Finished, by its place; and close_notify, by its size.
        tls.guess === undefined,
    )
    .map(({ start, end }) => ({ bytes: end - start, end }));
}

function isOf(event: LogEvent, connection: ConnectionId): event is BytesCaptured {
  return event.type === 'bytes-captured' && event.connection === connection;
}
