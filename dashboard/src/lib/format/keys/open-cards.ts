import type { Measures } from '#contract';
import { groupIn, numberIn, textIn } from './measured.ts';
import { counted } from '../quantity.ts';

/** A number of the connection, and what it is. */
export interface Card {
  readonly name: string;
  readonly value: Uint8Array;
}

/** One connection of a client that tells the private half of its key share. */
export interface OpenCards {
  /** `TLS 1.3` */
  readonly version: string;
  /** Cipher suite and group. */
  readonly line: string;
  /** Public keys, captured from the wire. */
  readonly captured: readonly Card[];
  /** What this client alone could tell. */
  readonly told: readonly Card[];
  /** How many of the secrets that follow stand in the site's own key log too. */
  readonly equal: number;
  readonly secrets: number;
}

/** Something counted in each of several connections. */
export interface CountedRow {
  readonly name: string;
  readonly cells: readonly string[];
}

const FOUND = [
  ['victimsPublicKey', 'The victim’s public half'],
  ['sitesPublicKey', 'The site’s public half'],
  ['victimsPrivateKey', 'The victim’s private half'],
  ['sharedSecret', 'The shared secret'],
] as const;

const TOLD = [
  ['privateKey', 'private half of its key share'],
  ['sharedSecret', 'shared secret'],
  ['handshakeSecret', 'Handshake Secret'],
  ['masterSecret', 'Master Secret'],
] as const;

/** The connections of the experiment *open-cards*; none of measures of another make. */
export function openCardsOf(measures: Measures): readonly OpenCards[] {
  return groupsOf(measures).map((group) => {
    const wire = groupIn(group, 'publicKeysOnWire');
    const equal = Object.values(groupIn(group, 'secretsEqualToSitesKeyLog') ?? {});
    return {
      version: textIn(group, 'version'),
      line: [textIn(group, 'suite'), textIn(group, 'group')].filter((text) => text !== '').join(' · '),
      captured: cardsOf(wire, [
        ['victim', 'the victim’s public half'],
        ['site', 'the site’s public half'],
      ]),
      told: cardsOf(group, TOLD),
      equal: equal.filter((each) => each === true).length,
      secrets: equal.length,
    };
  });
}

/** How often each number was found in the captured bytes, a column a connection. */
export function foundRows(measures: Measures): readonly CountedRow[] {
  const groups = groupsOf(measures);
  return FOUND.map(([key, name]) => ({
    name,
    cells: groups.map((group) => times(numberIn(groupIn(group, 'timesFoundOnWire'), key))),
  }));
}

/** `6 of 6` */
export function equalSecrets(all: readonly OpenCards[]): string {
  const sum = (of: (one: OpenCards) => number) => all.reduce((total, one) => total + of(one), 0);
  return `${String(sum(({ equal }) => equal))} of ${String(sum(({ secrets }) => secrets))}`;
}

/** The first connection's measures stand at the top, those of TLS 1.2 in a group of their own. */
function groupsOf(measures: Measures): readonly Measures[] {
  return [measures, groupIn(measures, 'tls12')]
    .filter((group) => group !== undefined)
    .filter((group) => groupIn(group, 'timesFoundOnWire') !== undefined);
}

function cardsOf(
  group: Measures | undefined,
  names: readonly (readonly [key: string, name: string])[],
): readonly Card[] {
  return names.flatMap(([key, name]) => {
    const value = textIn(group, key);
    return value === '' ? [] : [{ name, value: bytesOf(value) }];
  });
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function times(count: number | undefined): string {
  return count === undefined ? '–' : counted(count, 'time');
}
