import type { LogEvent } from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import type { Message } from '#dissectors/message.ts';
import { limits } from '#recording/limits.ts';
import { RecordingError } from '#recording/recording-error.ts';
import { Turns } from './turns.ts';

export interface Counted {
  readonly connections: number;
  readonly messages: number;
}

/**
 * How many connections and messages will be seen of these events; counted in steps, so that the relay goes on between
 * them. Throws `RecordingError` when there are more messages than can be shown: a few bytes are enough for one.
 */
export async function countMessages(
  events: readonly LogEvent[],
  most: number = limits.messages,
): Promise<Counted> {
  const dissectors = new Map<number, ConnectionDissector>();
  const found = new Set<Message>();
  const turns = new Turns();
  let connections = 0;
  let datagrams = 0;
  for (const event of events) {
    if (turns.isDue) await turns.pass();
    if (event.type === 'connection-opened') {
      connections += 1;
      if (event.transport === 'tcp') dissectors.set(event.connection, new ConnectionDissector());
    } else if (event.type === 'bytes-captured') {
      const dissector = dissectors.get(event.connection);
      const { direction, offset, bytes, time } = event;
      if (!dissector) datagrams += 1;
      else for (const message of dissector.push(direction, offset, bytes, time)) found.add(message);
    } else if (event.type === 'connection-closed') {
      for (const message of dissectors.get(event.connection)?.close() ?? []) found.add(message);
      dissectors.delete(event.connection);
    }
    if (found.size + datagrams > most) throw tooMany(most);
  }
  return { connections, messages: found.size + datagrams };
}

function tooMany(most: number): RecordingError {
  return new RecordingError(
    'too-much-in-file',
    `The file holds more than ${most} messages.`,
    'Save the part you want to look at as a file of its own, in Wireshark with “Export Specified Packets”.',
  );
}
