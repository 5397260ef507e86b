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
  /** What came of it since it was armed, with whoever came; the newest of each lane. */
  readonly whileArmed: Readonly<Partial<Record<AttackLane, AttackVerdict>>>;
  /** Under what it is armed; absent where nothing was chosen. */
  readonly armedUnder?: CircumstanceKey;
  /** What can be made true for a run, or while it is armed; absent where nothing can. */
  readonly circumstance?: Circumstance;
}

/** `POST /api/attacks/ID/run`. */
export interface AttackRun {
  readonly id: AttackId;
  /** What was made true for it. */
  readonly under?: CircumstanceKey;
  readonly http?: AttackVerdict;
  readonly https?: AttackVerdict;
}
