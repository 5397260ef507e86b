import type { Direction, LogEvent } from '#contract';
import type { Recording } from '#recording/read-capture.ts';

/** What a recording tells, short enough to compare: `1 opened 10.0.0.7:50000 → name:80`, `1 > 0 GET /` … */
export function told({ events }: Pick<Recording, 'events'>): readonly string[] {
  return events.flatMap((event) => line(event));
}

/** One direction of a connection as text, gaps as `…`. */
export function stream(
  { events }: Pick<Recording, 'events'>,
  connection: number,
  direction: Direction,
): string {
  let text = '';
  let end = 0;
  for (const event of events) {
    if (event.type !== 'bytes-captured' || event.connection !== connection || event.direction !== direction)
      continue;
    if (event.offset !== end) text += '…';
    text += Buffer.from(event.bytes).toString('latin1');
    end = event.offset + event.bytes.length;
  }
  return text;
}

function line(event: LogEvent): string[] {
  switch (event.type) {
    case 'connection-opened': {
      const { connection, transport, client, server } = event;
      const over = transport === 'udp' ? ' over UDP' : '';
      return [`${connection} opened ${client.address}:${client.port} → ${server.name}:${server.port}${over}`];
    }
    case 'bytes-captured': {
      const { connection, direction, offset, bytes } = event;
      const arrow = direction === 'client-to-server' ? '>' : '<';
      return [`${connection} ${arrow} ${offset} ${Buffer.from(bytes).toString('latin1')}`];
    }
    case 'connection-closed':
      return [`${event.connection} closed by ${event.by}, ${event.how}`];
    case 'secrets-logged':
      return [`key of ${event.connection ?? 'unknown'}: ${event.line}`];
    case 'epoch-started':
    case 'bytes-held':
    case 'bytes-released':
    case 'bytes-evicted':
    case 'secret-entered':
    case 'request-handled':
    case 'handshake-failed':
    case 'certificate-received':
    case 'private-key-leaked':
    case 'key-share-told':
    case 'request-refused':
    case 'attack-armed':
    case 'attack-acted':
    case 'attack-disarmed':
      return [];
  }
}
