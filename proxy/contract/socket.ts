import type { AttackInfo } from './attacks.ts';
import type { ExperimentProgress } from './experiments.ts';
import type { LogEvent } from './log.ts';
import type { Stepping } from './stepping.ts';
import type { BrowserStatus } from './victim.ts';

/** One batch of the socket, encoded with MessagePack: events in order. */
export interface Batch {
  readonly epoch: number;
  /** Events below this number may be missing from the log, except those still sent: they were evicted. */
  readonly completeFrom: number;
  readonly events: readonly LogEvent[];
}

/** Messages of the socket, server to dashboard. */
export interface ServerToDashboard {
  batch: (batch: Uint8Array) => void;
  /** The demo browser started, ended or changed its trust. */
  browser: (status: BrowserStatus) => void;
  /** What steps and what is held has changed. */
  stepping: (stepping: Stepping) => void;
  /** An experiment has come further. */
  experiment: (progress: ExperimentProgress) => void;
  /** What `GET /api/attacks` answers has changed: an attack was armed or disarmed, has a verdict with whoever came, or was run. */
  attacks: (attacks: readonly AttackInfo[]) => void;
}

/** Messages of the socket, dashboard to server. */
export interface DashboardToServer {
  /** Send what comes after `after` in `epoch`; from the beginning when the epoch is another one by now. */
  follow: (position: { epoch: number; after: number }) => void;
  /** The viewer has taken in this many bytes of batches since it connected; keeps what is under way bounded. */
  progress: (bytes: number) => void;
}
