import type {
  AttackInfo,
  AttackLane,
  AttackVerdict,
  CircumstanceKey,
  ConnectionId,
  Findings,
  LoginAnswer,
  LoginRequest,
  Persona,
} from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { TrustedToo } from '../victim/scripted.ts';
import type { TransferAnswer, TransferRequest } from '../victim/transfer.ts';
import type { Tampering } from './tampering.ts';
import type { Watch } from './watch.ts';

/** The scripted victim's errands. Each resolves when the log is complete about its connections. */
export interface AttackedVictim {
  login(request: LoginRequest): Promise<LoginAnswer>;
  loginHashed(request: LoginRequest): Promise<LoginAnswer>;
  transfer(request: TransferRequest, trustedToo?: TrustedToo): Promise<TransferAnswer>;
}

/** The site's own books, which know nothing of attacks. Entries keep their identity from one call to the next. */
export interface SiteBooks {
  transfers(): readonly { readonly payee: string; readonly amount: number; readonly session: string }[];
  sessions(): readonly { readonly name: string; readonly clients: readonly string[] }[];
}

/** What an attack may use of the lab. */
export interface AttackLab {
  readonly log: CaptureLog;
  readonly persona: Persona;
  /** PEM of the lab's CA, which the stranger's own clients trust as everybody's do. */
  readonly authorityPem: string;
  readonly victim: AttackedVictim;
  readonly books: SiteBooks;
  findings(): Promise<Findings>;
  /** The relay's loopback port for connections of the stranger's own; undefined when the lab has no such site. */
  door(name: string, port: number): number | undefined;
  connectionOf(localPort: number): ConnectionId | undefined;
  /** What passes is changed from now on, and no more. */
  readonly gate: { arm(tampering: Tampering): void; disarm(attack: Tampering['attack']): void };
  /** Whether the relay holds what crosses, until somebody lets it through. */
  isStepping(): boolean;
}

/** One attempt, on one lane. */
export interface Attempt {
  readonly lab: AttackLab;
  readonly lane: AttackLane;
  /** What was made true for this one run. */
  readonly under?: CircumstanceKey | undefined;
  /** What has happened since the attempt began. */
  readonly watch: Watch;
  /** Aborted by a reset and at the end of the lab; whatever was opened is then to be closed. */
  readonly signal: AbortSignal;
}

/** What an attack is given that waits for whoever comes. */
export interface Arming {
  readonly lab: AttackLab;
  /** What was made true for as long as it is armed. */
  readonly under?: CircumstanceKey | undefined;
  /** What has happened since it was armed. */
  readonly watch: Watch;
  /** Aborted when it is disarmed, by hand, by a reset or at the end of the lab. */
  readonly signal: AbortSignal;
  /** The newest word on a lane: what came of it with whoever came. */
  judge(lane: AttackLane, verdict: Omit<AttackVerdict, 'defence'>): void;
}

/** Something the stranger tries, once over HTTP and once over HTTPS, with what stops it written beside it. */
export interface Attack extends Pick<AttackInfo, 'id' | 'title' | 'plan' | 'seconds' | 'circumstance'> {
  /** What stops it, and why; for every lane that it is planned for. */
  readonly defence: Readonly<Partial<Record<AttackLane, string>>>;
  /** How it waits for whoever comes; absent where it can't. */
  readonly armed?: () => Tampering;
  /**
   * Begins to wait for whoever comes; absent where it can't. Resolves, once it waits, with what ends it, which resolves
   * when all it had opened is closed. Rejects when it cannot wait; nothing may be left open then.
   */
  readonly arm?: (arming: Arming) => Promise<() => Promise<void>>;
  /** Rejects when it could not be tried; nothing may be left open or armed then. */
  attempt(attempt: Attempt): Promise<Omit<AttackVerdict, 'defence'>>;
}

export const SITE = 'piggypay.test';

export function portOf(lane: AttackLane): number {
  return lane === 'http' ? 80 : 443;
}
