import { findField } from '#dissectors/byte-reader.ts';
import type { Message } from '#dissectors/message.ts';
import { explainMessage } from '../explain.ts';
import type { WireMessage } from '../wire-message.ts';
import type { Draft } from './step.ts';

/** A message as one arrow of its own. */
export function messageDraft(tracked: WireMessage): Draft {
  const { message, connection, key } = tracked;
  const { direction, start, end, time, title, detail, sealed, complete } = message;
  const name = message.protocol === 'dns' ? nameAskedIn(tracked) : undefined;
  return {
    ...{ direction, title, time, sealed, complete, sharesRecord: false },
    ...{ kind: message.protocol === 'dns' ? 'lookup' : isKnown(message) ? 'message' : 'bytes' },
    place: { connection: connection.id, direction, start, end },
    messages: [key],
    ...(message.tls ? { records: 1 } : {}),
    // That a query is in clear, its arrow says.
    ...(detail === undefined || detail === 'in clear' ? {} : { detail }),
    ...(name === undefined ? {} : { name }),
    ...{ evidence: 'captured', topic: topicOf(message), holds: holdsOf(message) },
  };
}

/** The name that a look-up is about. */
export function nameAskedIn(message: WireMessage): string | undefined {
  const name = findField(explainMessage(message).field, 'dns.qry.name')?.value;
  return typeof name === 'string' ? name.toLowerCase() : undefined;
}

function isKnown({ protocol }: Message): boolean {
  return protocol !== 'unknown';
}

function topicOf({ protocol, kind, direction, complete }: Message): string {
  const fromClient = direction === 'client-to-server';
  if (protocol === 'http1') return kind === 'response' ? 'response' : 'request';
  if (protocol === 'websocket') return fromClient ? 'frame-client' : 'frame-server';
  if (protocol === 'dns') return fromClient ? 'dns-query' : 'dns-answer';
  if (protocol === 'tls') return complete ? 'record' : 'arriving';
  return complete ? 'unknown' : 'arriving';
}

function holdsOf({ protocol, kind }: Message): readonly string[] {
  if (protocol === 'http1') return [kind === 'response' ? 'response' : 'request'];
  return protocol === 'dns' ? [kind === 'response' ? 'answer' : 'query'] : [];
}
