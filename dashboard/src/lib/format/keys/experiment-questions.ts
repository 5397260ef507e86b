import type { ExperimentId } from '#contract';

/** What is asked before an experiment runs. */
export interface Question {
  readonly ask: string;
  readonly choices: readonly string[];
  /** Read beside the result: what the numbers show, and what they do not. */
  readonly note: string;
}

/** The choice that was made of each experiment's question. */
export type Predictions = Readonly<Partial<Record<ExperimentId, string>>>;

/** The experiments of this tab, in the order in which they are shown, each with its question. */
export const QUESTIONS: Readonly<Partial<Record<ExperimentId, Question>>> = {
  'keep-alive': {
    ask: 'The victim logs in and asks for its balance, both on one connection. How many handshakes does that take?',
    choices: ['One, for both calls', 'Two, one a call', 'One, and new keys for the second call'],
    note: 'Keep-alive reuses a connection and its keys. The second call pays for no handshake.',
  },
  'new-connection': {
    ask: 'The victim connects a second time and brings nothing of the first. Which secrets are the same?',
    choices: ['None of them', 'Those of one direction', 'All: it is the same site and the same victim'],
    note: 'Keys belong to a connection, neither to the site nor to the login. A byte more or less is the signature: ECDSA’s vary in length.',
  },
  'resumption-13': {
    ask: 'TLS 1.3: the victim comes back with a ticket. What does the shorter handshake do to the keys?',
    choices: ['It makes new keys', 'The keys of the first connection go on', 'It does without keys'],
    note: 'Resumption in TLS 1.3 is a shorter handshake with new keys. A secret that goes with the ticket stands in for the certificate.',
  },
  'resumption-12': {
    ask: 'TLS 1.2: the victim comes back with a ticket. What is taken over from the first connection?',
    choices: ['The master secret', 'The traffic keys', 'Nothing'],
    note: 'TLS 1.2 takes up the same master secret; with new randoms the traffic keys are others.',
  },
  'end-by-close': {
    ask: 'Both say goodbye and close. What is still there afterwards?',
    choices: ['A ticket and the login', 'The traffic keys, at the site', 'Nothing at all'],
    note: 'The traffic keys go with the connection. Tickets outlive it, and the key log is the only copy of the traffic secrets.',
  },
  'end-by-timeout': {
    ask: 'The victim logs in and goes silent, until its own pool lets the connection go. What is over with it?',
    choices: ['The connection and its traffic keys', 'The login as well', 'The ticket as well'],
    note: 'Idle connections wait in pools, with their keys, until one end closes them: closing a tab need not. Tickets and logins have times of their own.',
  },
  'end-by-drop': {
    ask: 'The stranger cuts the connection: no goodbye from either end. What can he read now?',
    choices: ['No more than before', 'What comes after the cut', 'The keys, since they are left over'],
    note: 'Cutting is possible for whoever is in between. Without close_notify both ends know that something may be missing (RFC 8446, 6.1).',
  },
  'open-cards': {
    ask: 'This victim tells the private half of its key share. What follows from it and from what crossed in clear?',
    choices: [
      'Every secret of this connection',
      'Those of the victim’s direction',
      'The key of the certificate',
    ],
    note: 'The private half and the other side’s public half make the shared secret; everything else follows from it and from what crossed. The certificate’s key does not: it only signs.',
  },
};

/** Which experiments have a card in this tab; the others have a tab of their own. */
export const EXPERIMENT_IDS = Object.keys(QUESTIONS) as readonly ExperimentId[];
