import type { LogEvent } from '#contract';

/** What an event costs beside its payload, in bytes: the object, the view of its bytes, its place in the list. */
export const eventOverheadBytes = 256;

/** What an event counts for against the log's bound. Texts count too: a path is as long as its sender likes. */
export function eventBytes(event: LogEvent): number {
  return eventOverheadBytes + payloadBytes(event);
}

function payloadBytes(event: LogEvent): number {
  switch (event.type) {
    case 'bytes-captured':
      return event.bytes.length;
    case 'secret-entered':
      return event.value.length;
    case 'secrets-logged':
      return event.line.length;
    case 'certificate-received':
      return [...event.chain, ...event.trusted].reduce((sum, { length }) => sum + length, 0);
    case 'private-key-leaked':
      return event.key.length;
    case 'key-share-told':
      return event.privateKey.length;
    case 'request-handled':
      return event.path.length;
    case 'handshake-failed':
      return event.message.length;
    case 'request-refused':
      return event.target.length + (event.name?.length ?? 0);
    case 'attack-acted':
      return (event.before?.length ?? 0) + (event.after?.length ?? 0);
    case 'epoch-started':
    case 'connection-opened':
    case 'connection-closed':
    case 'bytes-held':
    case 'bytes-released':
    case 'bytes-evicted':
    case 'attack-armed':
    case 'attack-disarmed':
      return 0;
  }
}
