import type { Contrast } from '#folds/ladder/contrast.ts';
import type { Ladder } from '#folds/ladder/ladder.ts';
import type { LadderEntry } from '#folds/ladder/ladders.ts';
import type { Actor, LadderStep, Phase, Rival } from '#folds/ladder/step.ts';
import { OPENERS } from '../inspector/words.ts';
import { byteCount, counted } from '../quantity.ts';

export const PHASE_TITLES: Readonly<Record<Phase, string>> = {
  lookup: 'Where is the site? The resolver knows',
  connect: 'Connect',
  handshake: 'Handshake',
  exchange: 'Requests and answers',
  end: 'Goodbye',
};

/** How an actor is called at the head of its line. */
export const ACTOR_TITLES: Readonly<Record<Actor, string>> = {
  victim: 'Victim',
  stranger: 'Stranger',
  site: 'Site',
  resolver: 'Resolver',
  program: 'Other program',
};

/** What two answers to the same look-up are, each in its place. */
export const RIVAL_WORDS: Readonly<Record<Rival, string>> = {
  forged: 'the stranger’s answer',
  overtaken: 'came too late',
};

const duration = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** `0.42 ms`, `128 ms`, `3.2 s`. */
export function durationOf(nanoseconds: number): string {
  return nanoseconds < 1e9
    ? `${duration.format(nanoseconds / 1e6)} ms`
    : `${duration.format(nanoseconds / 1e9)} s`;
}

export function sizeOf({ place }: LadderStep): string | undefined {
  return place && byteCount(place.end - place.start);
}

/** What the stranger can do with it: `in clear`, `sealed`, or how else it is known. */
export function visibilityOf({ evidence, sealed }: LadderStep): string {
  if (evidence !== 'captured') return evidence;
  return sealed ? 'sealed' : 'in clear';
}

/** `sealed in TLS 1.3`, where `other` is the protocol of the other ladder. */
export function contrastWords(contrast: Contrast, other: string): string {
  return contrast === 'sealed there' ? `sealed in ${asScheme(other)}` : `in clear in ${asScheme(other)}`;
}

/** What stands under an arrow: what it was taken for and why, where it lies. */
export function remarkOf(step: LadderStep): string {
  const { detail, records = 1, sharesRecord, held, complete } = step;
  const guess = step.guess === undefined ? undefined : `guessed ${step.guess.replace('by its', 'from its')}`;
  const parts = [
    ...(held ? ['held by the stranger'] : []),
    ...(detail === undefined ? [] : [guess === undefined ? detail : `${guess}: ${detail}`]),
    ...(detail === undefined && guess !== undefined ? [guess] : []),
    ...(records > 1 ? [counted(records, 'record')] : []),
    ...(sharesRecord ? ['shares its record'] : []),
    ...(complete ? [] : ['still arriving']),
  ];
  return parts.join(' · ');
}

/** A step as it is read aloud; `lent` is what a lent key showed to be inside. */
export function spoken(step: LadderStep, number: number, lent?: string): string {
  const { from, to, title, elapsed, sentence } = step;
  const way = from === to ? ACTOR_TITLES[from] : `${ACTOR_TITLES[from]} to ${ACTOR_TITLES[to]}`;
  const size = sizeOf(step);
  const facts = [title, ...(size === undefined ? [] : [size]), visibilityOf(step)];
  if (step.rival !== undefined) facts.push(RIVAL_WORDS[step.rival]);
  const remark = remarkOf(step);
  if (remark !== '') facts.push(remark);
  if (lent !== undefined) facts.push(`decrypted with a lent key: ${lent}`);
  if (number > 1) facts.push(`${durationOf(elapsed)} later`);
  return `Step ${String(number)}, ${way}: ${facts.join(', ')}. ${sentence}`;
}

/** `2 round trips` and what they are made of. */
export function roundTripWords({ roundTrips, protocol, connection }: Ladder): {
  total: string;
  parts: string;
} {
  const { lookup, connect, handshake, total } = roundTrips;
  const parts = [
    ...(lookup === undefined ? [] : [`look-up ${String(lookup)}`]),
    ...(connect === 0 ? [] : [`TCP ${String(connect)} (not captured)`]),
    ...(handshake === undefined || handshake === 0 ? [] : [`TLS handshake ${String(handshake)}`]),
  ];
  return {
    total: total === undefined ? unknownTotal(protocol, connection.closedAt) : counted(total, 'round trip'),
    parts: parts.join(' + '),
  };
}

/** `#3 piggypay.test:443 · TLS 1.3 · scripted victim` */
export function entryWords({ connection, server, protocol, opener }: LadderEntry): string {
  return `#${String(connection)} ${server.name}:${String(server.port)} · ${protocol} · ${OPENERS[opener]}`;
}

/** Why a phase that the other ladder has is empty here. */
export function absenceOf(phase: Phase, { protocol, connection, roundTrips }: Ladder): string {
  if (phase === 'lookup') return 'No look-up was seen before this connection.';
  if (phase === 'handshake')
    return protocol === 'HTTP' || protocol === 'WebSocket'
      ? 'No handshake: nobody proves who he is, and no key is agreed on.'
      : 'No handshake.';
  if (phase === 'exchange')
    return roundTrips.total === undefined ? 'Not one request was sent.' : 'No request so far.';
  if (phase === 'end') return connection.closedAt === undefined ? 'Still open.' : 'No goodbye was seen.';
  return 'No connection: one datagram each way.';
}

function asScheme(protocol: string): string {
  return protocol === 'unknown' ? 'the other' : protocol;
}

function unknownTotal(protocol: string, closedAt: number | undefined): string {
  if (protocol === 'DNS' || protocol === 'unknown') return 'Round trips cannot be told from outside';
  return closedAt === undefined ? 'No request can be sent so far' : 'No request could be sent';
}
