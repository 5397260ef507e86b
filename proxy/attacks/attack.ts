import type {
  AttackInfo,
  AttackLane,
  AttackVerdict,
  CircumstanceKey,
  ConnectionId,
  Findings,
  LoginAnswer,
  LoginRequest,
  Opener,
  Persona,
} from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { PortPair } from '../capture/port-pair.ts';
import type { BrowseAnswer, BrowseRequest } from '../victim/browse.ts';
import type { TrustedToo } from '../victim/scripted.ts';
import type { TransferAnswer, TransferRequest } from '../victim/transfer.ts';
import type { Tampering } from './tampering.ts';
import type { Watch } from './watch.ts';

/** The scripted victim's errands. Each resolves when the log is complete about its connections. */
export interface AttackedVictim {
  login(request: LoginRequest): Promise<LoginAnswer>;
  loginHashed(request: LoginRequest): Promise<LoginAnswer>;
  transfer(request: TransferRequest, trustedToo?: TrustedToo): Promise<TransferAnswer>;
  /** Opens a page of its choice and tries to log in. */
  browse(request: BrowseRequest): Promise<BrowseAnswer>;
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
  /** Breaks a connection off. */
  cut(connection: ConnectionId): void;
  connectionOf(ports: PortPair | undefined): ConnectionId | undefined;
  /** What passes is changed from now on, and no more. */
  readonly gate: { arm(tampering: Tampering): void; disarm(attack: Tampering['attack']): void };
  /** Leads new connections elsewhere until the function it returns is called; those that are open stay where they are. */
  leadAway(lead: Lead): () => void;
  readonly demoBrowser: ReachableBrowser;
  /** The site fills its pages up, until the function that it returns is called. */
  readonly padding: { switchOn(): () => void };
  /** Whether the relay holds what crosses, until somebody lets it through. */
  isStepping(): boolean;
}

/** Whose new connections, to which site, are led elsewhere. */
export interface Lead {
  readonly name: string;
  readonly port: number;
  readonly openers: readonly Opener[];
  /** Asked for each connection; on loopback, and where nobody listens the connection is reset. */
  readonly target: () => { readonly host: string; readonly port: number };
}

/** The demo browser, as far as an attack may reach it. */
export interface ReachableBrowser {
  isRunning(): boolean;
  /**
   * Starts it anew in a fresh profile that trusts this CA too (PEM); without one again, as it was. Nothing when it does
   * not run: the next start has it. Rejects when it cannot be started like that.
   */
  trustToo(pem?: string): Promise<void>;
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
  /** The newest word on a lane: what came of it with whoever came. Dropped once it is disarmed or the capture is over. */
  readonly judge: (lane: AttackLane, verdict: Omit<AttackVerdict, 'defence'>) => void;
  /** Something that it can't go on with: a warning, and it is disarmed. */
  readonly failed: (error: unknown) => void;
}

/** Something the stranger tries, once over HTTP and once over HTTPS, with what stops it written beside it. */
export interface Attack extends Pick<AttackInfo, 'id' | 'title' | 'plan' | 'seconds' | 'circumstance'> {
  /** What stops it, and why; for every lane that it is planned for. */
  readonly defence: Readonly<Partial<Record<AttackLane, string>>>;
  /** What it stands on, a name of the lab: of those with the same one only one can be armed at a time. */
  readonly place?: string;
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
