import type { Direction } from '#contract';
import type { WireMessage } from '../wire-message.ts';
import { messageDraft } from './message-drafts.ts';
import type { Draft } from './step.ts';

type Growing<T> = { -readonly [Key in keyof T]: T[Key] };

/** Sealed records in a row that make one arrow, since nothing tells from outside where one message ends. */
export type Flight = 'rest' | 'tickets' | 'early-data' | 'data';

const CLIENT = 'client-to-server';
const REST = ['EncryptedExtensions', 'Certificate', 'CertificateVerify', 'Finished'];
const REST_RESUMED = ['EncryptedExtensions', 'Finished'];

/** Texts by handshake type, where nothing else decides (RFC 5246, 7.4; RFC 8446, 4). */
export const HANDSHAKE_TOPICS: Readonly<Record<number, string>> = {
  0: 'hello-request',
  4: 'new-session-ticket',
  8: 'encrypted-extensions',
  13: 'certificate-request',
  14: 'server-hello-done',
  15: 'certificate-verify',
  20: 'finished-clear',
  22: 'certificate-status',
};

/** What the list says of a sealed record is a guess; here the guess is the title. */
export function sealedDraft(record: WireMessage): Draft {
  const draft: Growing<Draft> = { ...messageDraft(record), sealed: true };
  delete draft.detail;
  return draft;
}

/** An alert, in clear or not. */
export function alertDraft(record: WireMessage): Draft {
  const { sealed, detail } = record.message;
  const draft = { ...messageDraft(record), kind: 'alert', holds: ['Alert'] } as const;
  if (sealed) return { ...draft, title: 'Alert', topic: 'alert-sealed-12' };
  return { ...draft, title: 'Alert', topic: detail === 'close_notify' ? 'alert-close' : 'alert' };
}

/** What a flight is taken for, from outside. */
export function flightWords(
  flight: Flight,
  direction: Direction,
  preShared: boolean,
): Pick<Draft, 'kind' | 'title' | 'detail' | 'guess' | 'topic' | 'holds'> {
  const title = 'Sealed data';
  if (flight === 'rest') {
    const holds = preShared ? REST_RESUMED : REST;
    const topic = preShared ? 'rest-13-resumed' : 'rest-13';
    const detail = holds.join(', ');
    return {
      kind: 'handshake',
      title: 'The rest of the handshake',
      detail,
      guess: 'by its place',
      topic,
      holds,
    };
  }
  if (flight === 'tickets') {
    const holds = ['NewSessionTicket'];
    return {
      kind: 'handshake',
      title: 'Session tickets',
      guess: 'by its place',
      topic: 'tickets-13',
      holds,
    };
  }
  if (flight === 'early-data')
    return {
      kind: 'data',
      title: 'Early data',
      guess: 'by its place',
      topic: 'early-data',
      holds: ['request'],
    };
  const fromClient = direction === CLIENT;
  const detail = fromClient ? 'a request' : 'an answer';
  const topic = fromClient ? 'data-client' : 'data-server';
  const holds = [fromClient ? 'request' : 'response'];
  return { kind: 'data', title, detail, guess: 'by its direction', topic, holds };
}
