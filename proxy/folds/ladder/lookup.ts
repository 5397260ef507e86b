import { RESOLVER_NAME } from '../placement.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { WireMessage } from '../wire-message.ts';
import { isSealedData } from '../traffic.ts';
import { messageDraft, nameAskedIn } from './message-drafts.ts';
import type { Draft } from './step.ts';

/** How a name was looked up before a connection: with a datagram each way, or on a connection of its own. */
export interface Lookup {
  readonly connection: WireConnection;
  readonly messages: readonly WireMessage[];
  readonly overHttps: boolean;
}

/** The lab's resolver over HTTPS: whoever connects there does so to look a name up. */
// Whoever logs in looks a name up at once; an older look-up was for something else.
const LONGEST_BETWEEN = 60e9;
// Of the look-ups just before; a login needs one, a browser some.
const MOST_LOOKED_AT = 32;

/**
 * The look-up that this connection began with: the newest one by the same client that asked for this name before
 * it. What was asked over HTTPS is sealed: there the time is all that speaks for it.
 */
export function lookupBefore(connection: WireConnection, all: Iterable<WireConnection>): Lookup | undefined {
  const { opener, server, time } = connection.opening;
  if (isLookup(connection)) return undefined;
  const before = [...all].filter((other) => {
    const gap = time - other.opening.time;
    return (
      other !== connection &&
      isLookup(other) &&
      other.opening.opener === opener &&
      gap >= 0 &&
      gap < LONGEST_BETWEEN
    );
  });
  for (const other of before.reverse().slice(0, MOST_LOOKED_AT)) {
    if (other.hop !== 'resolver') return { connection: other, messages: other.messages, overHttps: true };
    const messages = other.messages.filter(
      (message) => message.message.protocol === 'dns' && nameAskedIn(message) === server.name.toLowerCase(),
    );
    if (messages.length > 0) return { connection: other, messages, overHttps: false };
  }
  return undefined;
}

/** Its question and its answer; of those over HTTPS, the first sealed data of either side. */
export function lookupDrafts({ messages, overHttps }: Lookup): readonly Draft[] {
  if (!overHttps) return messages.map(messageDraft);
  const sealed = messages.filter(({ message }) => isSealedData(message));
  const question = sealed.find(({ message }) => message.direction === 'client-to-server');
  const answers = sealed.filter(({ message }) => message.direction === 'server-to-client');
  const answer = answers.findLast(({ message }) => question && message.time >= question.message.time);
  const said = { kind: 'lookup', sealed: true, guess: 'by its place', detail: 'over HTTPS' } as const;
  return [
    ...(question
      ? [
          {
            ...messageDraft(question),
            ...said,
            title: 'Name asked for',
            topic: 'doh-query',
            holds: ['query'],
          },
        ]
      : []),
    ...(answer
      ? [{ ...messageDraft(answer), ...said, title: 'Name answered', topic: 'doh-answer', holds: ['answer'] }]
      : []),
  ];
}

/** Whether a connection is itself one by which names are looked up. */
export function isLookup({ hop, opening }: WireConnection): boolean {
  return hop === 'resolver' || opening.server.name === RESOLVER_NAME;
}
