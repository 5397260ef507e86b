import type { ConnectionId } from './log.ts';

export type AttackId =
  | 'read'
  | 'change'
  | 'replay'
  | 'steal-session'
  | 'impersonate'
  | 'strip'
  | 'forge-name'
  | 'downgrade'
  | 'listen'
  | 'hash-login';
export type AttackLane = 'http' | 'https';
/** `refused`: an end noticed and broke off. `no effect`: neither noticed anything, and the stranger gained nothing. */
export type AttackOutcome = 'succeeded' | 'refused' | 'no effect';

/** What came of an attack on one lane: from the site's own counters and the victim's own error. */
export interface AttackVerdict {
  readonly outcome: AttackOutcome;
  /** In one sentence, from what was counted and told. */
  readonly happened: string;
  /** How many requests of the attack the site has handled. */
  readonly siteHandled: number;
  /** What else the site counted: transfers booked, clients on a session. */
  readonly siteCounted?: Readonly<Record<string, number>>;
  readonly victimSaw: string;
  /** Numbers of the events that show it, rising. */
  readonly evidence: readonly number[];
  readonly connections: readonly ConnectionId[];
  /** What stops it, and why. */
  readonly defence: string;
  /** What can be guessed from sizes before one is told; absent where there is nothing to guess. */
  readonly riddle?: Riddle;
  /** What was tried one after the other, oldest first; absent where it was one thing. */
  readonly trials?: readonly Trial[];
}

/** One of several things that were tried for a verdict. */
export interface Trial {
  /** A few words: `First visit`. */
  readonly title: string;
  /** Absent where the stranger kept away, to show how it goes without. */
  readonly outcome?: AttackOutcome;
  readonly happened: string;
  readonly connections: readonly ConnectionId[];
}

/** A riddle of sizes, and its answer. Bytes are those of sealed records, each with its header of five bytes. */
export interface Riddle {
  /** What the stranger measured beforehand: how long the answer is for each page that it opened itself. */
  readonly table: readonly { readonly page: string; readonly bytes: number }[];
  /** The stranger's own requests, as long as a login with a password of so many characters makes them. */
  readonly ownLogins: readonly { readonly passwordLength: number; readonly bytes: number }[];
  /** What crossed between the victim and the site; no login where there was none yet. */
  readonly seen: {
    readonly pageBytes: number;
    readonly requestBytes?: number;
    /** Between the request for the page and the first record of its answer. */
    readonly milliseconds: number;
  };
  /** The pages of the table whose answers are just as long as the one that was seen. */
  readonly candidates: readonly string[];
  /** What the sizes say; absent where they do not say it. */
  readonly guessed: { readonly page?: string; readonly passwordLength?: number };
  /** The page as the site tells it, and the password's length as the victim does. */
  readonly answer: { readonly page: string; readonly passwordLength?: number };
}

/** A field of the body of a run or an arming that makes something true: `{ "trust": true }`. */
export type CircumstanceKey = 'trust' | 'padding';

export interface Circumstance {
  readonly key: CircumstanceKey;
  /** What is true then, in a few words. */
  readonly label: string;
}

/** One of `GET /api/attacks`. */
export interface AttackInfo {
  readonly id: AttackId;
  readonly title: string;
  /** What the stranger will do, by lane; absent where it cannot be tried there. */
  readonly plan: Readonly<Partial<Record<AttackLane, string>>>;
  /** It can wait for whoever comes, the demo browser too. */
  readonly canBeArmed: boolean;
  readonly isArmed: boolean;
  /** Roughly how long a run takes. */
  readonly seconds: number;
  /**
   * What came of it since it was armed, with whoever came; the newest of each lane. Kept when it is disarmed, until it is
   * armed again or another capture begins.
   */
  readonly whileArmed: Readonly<Partial<Record<AttackLane, AttackVerdict>>>;
  /** Under what it is armed; absent where nothing was chosen. */
  readonly armedUnder?: CircumstanceKey;
  /** Under what `whileArmed` came; absent where nothing was chosen, or nothing came. */
  readonly whileArmedUnder?: CircumstanceKey;
  /** The newest run in this capture; absent before the first. One that gave no verdict leaves the one before. */
  readonly lastRun?: AttackRun;
  /** What can be made true for a run, or while it is armed; absent where nothing can. */
  readonly circumstance?: Circumstance;
}

/** `POST /api/attacks/ID/run`. */
export interface AttackRun {
  readonly id: AttackId;
  /** What was made true for it. */
  readonly under?: CircumstanceKey;
  /** The last number of the log when it was over: a later run has a higher one. */
  readonly lastSeq: number;
  readonly http?: AttackVerdict;
  readonly https?: AttackVerdict;
}
