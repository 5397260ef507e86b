import type {
  Beginning,
  LedgerEnd,
  LedgerRow,
  LedgerSecret,
  LedgerTickets,
} from '#folds/ledger/ledger-row.ts';
import { OPENERS, seconds } from '../inspector/words.ts';
import { byteCount, counted } from '../quantity.ts';

/** What stands over the ledger. */
export const LEDGER_FACTS: readonly string[] = [
  'There is no one session key: each direction has its own, and in TLS 1.3 the handshake has others than the data: five lines in the key log of one TLS 1.3 connection.',
  'Traffic keys live in the memory of the process that ends TLS. What may be kept or shared is what resumption needs; a login session (cookie, token) is something else.',
  'Keep-alive reuses a connection and its keys. Resumption is a shorter handshake: with new keys in TLS 1.3, with the same master secret and new randoms in TLS 1.2.',
];

interface BeginningWords {
  readonly title: string;
  readonly sentence: string;
}

export const BEGINNINGS: Readonly<Record<Beginning, BeginningWords>> = {
  full: { title: 'Full handshake', sentence: 'Every secret was made for this connection.' },
  'PSK with (EC)DHE': {
    title: 'Resumed (PSK with (EC)DHE)',
    sentence:
      'A secret from an earlier connection stands in for the certificate, and fresh key shares make new keys (RFC 8446, 2.2).',
  },
  PSK: {
    title: 'Resumed (PSK alone)',
    sentence:
      'New keys, but all from a secret of an earlier connection: without forward secrecy (RFC 8446, 2.2).',
  },
  'resumed with a ticket': {
    title: 'Resumed with a ticket',
    sentence:
      'The client brought the sealed state back: the same master secret, new randoms, so other traffic keys (RFC 5077).',
  },
  'resumed with a session ID': {
    title: 'Resumed with a session ID',
    sentence:
      'The site still had the session in its cache: the same master secret, new randoms, so other traffic keys (RFC 5246, 7.3).',
  },
  'under way': { title: 'Handshake under way', sentence: 'It has not come to an end yet.' },
  'broken off': {
    title: 'Handshake broken off',
    sentence: 'The connection was over before both ends had said Finished.',
  },
  'not seen': { title: 'Not seen', sentence: 'The log has dropped the beginning of this connection.' },
};

/** `x25519`, or why there is none. */
export function groupLine({ group, began, suite, version }: LedgerRow): string | undefined {
  if (group !== undefined || version === undefined) return group;
  if (began === 'PSK' || began.startsWith('resumed')) return 'no key exchange';
  return suite?.startsWith('TLS_RSA_WITH') === true ? 'static RSA' : undefined;
}

/** `scripted victim · opened at 1.203 s` */
export function openedLine({ opener, openedAt }: LedgerRow): string {
  return `${OPENERS[opener]} · opened at ${seconds(openedAt)}\u00a0s`;
}

/** `517 B out, 2,157 B back` */
export function waysLine(bytes: LedgerRow['bytes']): string {
  return `${byteCount(bytes['client-to-server'])} out, ${byteCount(bytes['server-to-client'])} back`;
}

/** Who told the secrets, and whether they agree. */
export function tellersLine({ secrets }: Pick<LedgerRow, 'secrets'>): string {
  if (secrets.length === 0) return 'none told';
  const labels = new Set(secrets.map(({ label }) => label)).size;
  const told = `${String(labels)} told`;
  if (secrets.length > labels) return `${told}; the ends differ`;
  const [first] = secrets;
  const all = (end: 'victim' | 'site') => secrets.every(({ toldBy }) => toldBy.includes(end));
  if (all('victim') && all('site')) return `${told}, the same by both ends`;
  const isOneEnd =
    first?.toldBy.length === 1 && secrets.every(({ toldBy }) => toldBy.join() === first.toldBy.join());
  return isOneEnd ? `${told} by the ${first.toldBy[0] ?? ''}` : `${told}, some by one end only`;
}

export function toldByLine({ toldBy }: LedgerSecret): string {
  return toldBy.length === 2 ? 'both ends' : `the ${toldBy[0] ?? ''} alone`;
}

/** Connections that a row has a secret in common with. */
export function sharedWith({ secrets }: LedgerRow): readonly number[] {
  return [...new Set(secrets.flatMap(({ sharedWith: others }) => others))].sort((one, other) => one - other);
}

export function ticketsLine(tickets: LedgerTickets): string {
  if (tickets.source === 'sealed') return 'sealed';
  return tickets.count === 0 ? 'none' : counted(tickets.count, 'ticket');
}

/** `closed by the victim at 3.210 s` */
export function endLine({ by, how, at, error }: LedgerEnd): string {
  const who = { client: 'the victim', server: 'the site', relay: 'the stranger' }[by];
  const what = { end: 'closed', reset: 'reset', error: 'cut off' }[how];
  const why = error === undefined ? '' : ` (${error})`;
  return `${what} by ${who} at ${seconds(at)}\u00a0s${why}`;
}

/** What is left of its keys, and where. */
export function survivalSentences(row: LedgerRow): readonly string[] {
  const { ended, secrets, tickets, version, began } = row;
  const isTls13 = version?.startsWith('TLS 1.3') === true;
  const lines: string[] = [];
  lines.push(
    ended === undefined
      ? 'The connection lasts: its traffic keys are in the memory of the two programs that end TLS.'
      : 'The connection is over: neither end has a use for its traffic keys any more.',
  );
  if (secrets.length > 0)
    lines.push(
      ended === undefined
        ? 'The key log holds a copy: with it, whoever recorded the bytes can read them.'
        : isTls13
          ? 'The key log is the only copy of its traffic secrets: with it, whoever recorded the bytes can still read them.'
          : 'The key log still has its master secret, and so has whoever keeps it for resumption: with it, whoever recorded the bytes can read them.',
    );
  if (tickets.source !== 'sealed' && tickets.count > 0)
    lines.push(`${counted(tickets.count, 'ticket')} issued: a ticket outlives its connection.`);
  else if (tickets.source === 'sealed' && (began === 'full' || began.startsWith('PSK')))
    lines.push(
      'Whether tickets were issued is sealed in TLS 1.3; a lent key shows it. A ticket outlives its connection.',
    );
  return lines;
}
