import type { Measures } from '#contract';
import { flagIn, groupIn, numberIn, textsIn } from './measured.ts';

/** Of the connection that was kept alive. */
export function onOne(measures: Measures, name: string): number | undefined {
  return numberIn(groupIn(measures, 'oneConnection'), name);
}

/** What two connections have in common. */
export interface Secrets {
  /** Labels of the key log: those of which both connections have the same, and the others. */
  readonly same: readonly string[];
  readonly fresh: readonly string[];
}

export function secretsOf(measures: Measures | undefined): Secrets {
  const secrets = groupIn(measures, 'secrets');
  return { same: textsIn(secrets, 'same'), fresh: textsIn(secrets, 'new') };
}

export function hasNoSecrets(measures: Measures): boolean {
  const { same, fresh } = secretsOf(measures);
  return groupIn(measures, 'secrets') !== undefined && same.length + fresh.length === 0;
}

export function inBoth(measures: Measures, are: (secrets: Secrets) => boolean): boolean {
  return ['tls13', 'tls12'].every((name) => are(secretsOf(groupIn(measures, name))));
}

/** At least one, and all of that direction. */
export function areOf(labels: readonly string[], direction: 'CLIENT_' | 'SERVER_'): boolean {
  return labels.length > 0 && labels.every((label) => label.startsWith(direction));
}

export function isResumed(measures: Measures): boolean {
  return flagIn(measures, 'resumed') === true;
}

/** The victim's socket is closed afterwards. */
export function socketIsClosed(measures: Measures): boolean {
  return flagIn(groupIn(groupIn(measures, 'after'), 'victim'), 'socketIsOpen') === false;
}

/** The site has the connection open afterwards. */
export function siteIsOpen(measures: Measures): boolean {
  return flagIn(groupIn(groupIn(measures, 'after'), 'site'), 'connectionIsOpen') === true;
}

/** What outlived the connection: the ticket, the login. */
export function stillHolds(measures: Measures, ticket: boolean, login: boolean): boolean {
  const held = groupIn(measures, 'held');
  return flagIn(held, 'ticketWorks') === ticket && flagIn(held, 'loginHolds') === login;
}

/** Sealed records that opened without the key log. */
export function openedWithoutKeys(measures: Measures): number | undefined {
  return numberIn(groupIn(measures, 'keyLog'), 'openedWithoutIt');
}

/** Labels of the secrets that the site's own key log has too. */
export function equalSecrets(measures: Measures): readonly string[] {
  const told = Object.entries(groupIn(measures, 'secretsEqualToSitesKeyLog') ?? {});
  return told.flatMap(([label, isEqual]) => (isEqual === true ? [label] : []));
}

export function areAllEqual(measures: Measures): boolean {
  const told = groupIn(measures, 'secretsEqualToSitesKeyLog');
  return told !== undefined && equalSecrets(measures).length === Object.keys(told).length;
}
