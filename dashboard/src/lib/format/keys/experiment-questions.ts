import type { ExperimentId, Measures } from '#contract';
import {
  areAllEqual,
  areOf,
  equalSecrets,
  hasNoSecrets,
  inBoth,
  isResumed,
  onOne,
  openedWithoutKeys,
  secretsOf,
  siteIsOpen,
  socketIsClosed,
  stillHolds,
} from './experiment-readings.ts';
import { groupIn, textIn } from './measured.ts';

/** An answer that can be expected. */
export interface Choice {
  readonly words: string;
  /** Whether it is what these measures say; absent of what no measure can say. */
  readonly fits?: (measures: Measures) => boolean;
}

/** What is asked before an experiment runs. */
export interface Question {
  readonly ask: string;
  /** In the order in which they stand there: what usually is measured is at no place of its own. */
  readonly choices: readonly Choice[];
  /** Read beside the result: what the numbers show, and what they do not. */
  readonly note: string;
}

/** The choice that was made of each experiment's question, in its words. */
export type Predictions = Readonly<Partial<Record<ExperimentId, string>>>;

/** The experiments of this tab, in the order in which they are shown, each with its question. */
export const QUESTIONS: Readonly<Partial<Record<ExperimentId, Question>>> = {
  'keep-alive': {
    ask: 'The victim logs in and asks for its balance, both on one connection. How many handshakes does that take?',
    choices: [
      { words: 'Two, one a call', fits: (measures) => onOne(measures, 'handshakes') === 2 },
      {
        words: 'One, for both calls',
        fits: (measures) => onOne(measures, 'handshakes') === 1 && onOne(measures, 'setsOfSecrets') === 1,
      },
      {
        words: 'One, and new keys for the second call',
        fits: (measures) => onOne(measures, 'handshakes') === 1 && onOne(measures, 'setsOfSecrets') === 2,
      },
    ],
    note: 'Keep-alive reuses a connection and its keys. The second call pays for no handshake.',
  },
  'new-connection': {
    ask: 'The victim connects a second time and brings nothing of the first. Which secrets are the same?',
    choices: [
      {
        words: 'All: it is the same site and the same victim',
        fits: (measures) => inBoth(measures, ({ same, fresh }) => same.length > 0 && fresh.length === 0),
      },
      {
        words: 'Those of one direction',
        fits: (measures) =>
          areOf(secretsOf(groupIn(measures, 'tls13')).same, 'CLIENT_') ||
          areOf(secretsOf(groupIn(measures, 'tls13')).same, 'SERVER_'),
      },
      {
        words: 'None of them',
        fits: (measures) => inBoth(measures, ({ same, fresh }) => same.length === 0 && fresh.length > 0),
      },
    ],
    note: 'Keys belong to a connection, neither to the site nor to the login. A byte more or less is the signature: ECDSA’s vary in length.',
  },
  'resumption-13': {
    ask: 'TLS 1.3: the victim comes back with a ticket. What does the shorter handshake do to the keys?',
    choices: [
      {
        words: 'It makes new keys',
        fits: (measures) =>
          isResumed(measures) &&
          secretsOf(measures).same.length === 0 &&
          secretsOf(measures).fresh.length > 0,
      },
      {
        words: 'The keys of the first connection go on',
        fits: (measures) => isResumed(measures) && secretsOf(measures).same.length > 0,
      },
      { words: 'It does without keys', fits: (measures) => isResumed(measures) && hasNoSecrets(measures) },
    ],
    note: 'Resumption in TLS 1.3 is a shorter handshake with new keys. A secret that goes with the ticket stands in for the certificate.',
  },
  'resumption-12': {
    ask: 'TLS 1.2: the victim comes back with a ticket. What is taken over from the first connection?',
    choices: [
      {
        words: 'The traffic keys',
        fits: (measures) => isResumed(measures) && textIn(measures, 'keyBlock') === 'same',
      },
      {
        words: 'The master secret',
        fits: (measures) =>
          isResumed(measures) &&
          secretsOf(measures).same.includes('CLIENT_RANDOM') &&
          textIn(measures, 'keyBlock') !== 'same',
      },
      {
        words: 'Nothing',
        fits: (measures) => secretsOf(measures).fresh.length > 0 && secretsOf(measures).same.length === 0,
      },
    ],
    note: 'TLS 1.2 takes up the same master secret; with new randoms the traffic keys are others.',
  },
  'end-by-close': {
    ask: 'Both say goodbye and close. What is still there afterwards?',
    choices: [
      {
        words: 'A ticket and the login',
        fits: (measures) => !siteIsOpen(measures) && stillHolds(measures, true, true),
      },
      { words: 'The traffic keys, at the site', fits: (measures) => siteIsOpen(measures) },
      {
        words: 'Nothing at all',
        fits: (measures) => !siteIsOpen(measures) && stillHolds(measures, false, false),
      },
    ],
    note: 'The traffic keys go with the connection. Tickets outlive it, and the key log is the only copy of the traffic secrets.',
  },
  'end-by-timeout': {
    ask: 'The victim logs in and goes silent, until its own pool lets the connection go. What is over with it?',
    choices: [
      { words: 'The login as well', fits: (measures) => stillHolds(measures, true, false) },
      { words: 'The ticket as well', fits: (measures) => stillHolds(measures, false, true) },
      {
        words: 'The connection and its traffic keys',
        fits: (measures) => socketIsClosed(measures) && stillHolds(measures, true, true),
      },
    ],
    note: 'Idle connections wait in pools, with their keys, until one end closes them: closing a tab need not. Tickets and logins have times of their own.',
  },
  'end-by-drop': {
    ask: 'The stranger cuts the connection: no goodbye from either end. What can he read now?',
    choices: [
      {
        words: 'The keys, since they are left over',
        fits: (measures) => (openedWithoutKeys(measures) ?? 0) > 0,
      },
      { words: 'No more than before', fits: (measures) => openedWithoutKeys(measures) === 0 },
      { words: 'What comes after the cut' },
    ],
    note: 'Cutting is possible for whoever is in between. Without close_notify both ends know that something may be missing (RFC 8446, 6.1).',
  },
  'open-cards': {
    ask: 'This victim tells the private half of its key share. What follows from it and from what crossed in clear?',
    choices: [
      { words: 'The key of the certificate' },
      {
        words: 'Those of the victim’s direction',
        fits: (measures) => areOf(equalSecrets(measures), 'CLIENT_') && !areAllEqual(measures),
      },
      { words: 'Every secret of this connection', fits: areAllEqual },
    ],
    note: 'The private half and the other side’s public half make the shared secret; everything else follows from it and from what crossed. The certificate’s key does not: it only signs.',
  },
};

/** Which experiments have a card in this tab; the others have a tab of their own. */
export const EXPERIMENT_IDS = Object.keys(QUESTIONS) as readonly ExperimentId[];

/** The choice that is what these measures say, in its words; undefined where none is. */
export function measuredAnswer({ choices }: Question, measures: Measures): string | undefined {
  return choices.find(({ fits }) => fits?.(measures))?.words;
}
