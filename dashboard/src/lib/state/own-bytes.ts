import type { LogEvent } from '#contract';

/**
 * The event with told keys and certificates in memory of their own. As they are decoded they lie in the batch that they
 * came in, and a key of 32 bytes that is kept would keep two MiB with it, long after the log has dropped them. Captured
 * bytes stay where they are: they are most of the batch.
 */
export function withOwnBytes(event: LogEvent): LogEvent {
  if (event.type === 'certificate-received')
    return { ...event, chain: event.chain.map(copied), trusted: event.trusted.map(copied) };
  if (event.type === 'private-key-leaked') return { ...event, key: copied(event.key) };
  if (event.type === 'key-share-told') return { ...event, privateKey: copied(event.privateKey) };
  return event;
}

function copied(bytes: Uint8Array): Uint8Array {
  return bytes.slice();
}
