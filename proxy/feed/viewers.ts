import type {
  AttackInfo,
  Batch,
  BrowserStatus,
  DashboardToServer,
  ExperimentProgress,
  ServerToDashboard,
  Stepping,
} from '#contract';
import { encode } from '@msgpack/msgpack';
import type { Server, Socket } from 'socket.io';
import type { CaptureLog } from '../capture/log.ts';
import { hasMissedEvents } from './log-position.ts';

type ViewerSocket = Socket<DashboardToServer, ServerToDashboard>;

interface Viewer {
  readonly socket: ViewerSocket;
  following: boolean;
  epoch: number;
  after: number;
  completeFrom: number;
  sentBytes: number;
  takenBytes: number;
}

const tickMilliseconds = 50;
/** A batch holds about this much at most: 40 MB/s of history, and little enough not to hold up the relay. */
const batchBytes = 2 << 20;
/** What may be under way to one viewer; beyond it the viewer waits, and the log is its queue. */
const underWayBytes = 4 << 20;

/**
 * Sends the log to every viewer, history first, then live. A viewer is nothing but a position in the log and a
 * count of what is under way to it: no queue can grow, a slow viewer costs no more than `underWayBytes`, and one
 * that comes back goes on from the number it knows. One that a sweep of the log overtook is sent everything anew,
 * and knows by the `epoch-started` at the beginning that it must start over.
 */
export class Viewers {
  readonly #log: CaptureLog;
  readonly #viewers = new Set<Viewer>();
  readonly #stepping: (() => Stepping) | undefined;
  #isSteppingNew = false;
  readonly #attacks: (() => readonly AttackInfo[]) | undefined;
  #areAttacksNew = false;
  #experiment: ExperimentProgress | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Since the last tick. */
  #isServedEarly = false;

  /** `stepping` answers what steps and what is held, now; `attacks` which there are and how they stand. */
  constructor(
    log: CaptureLog,
    io: Server<DashboardToServer, ServerToDashboard>,
    stepping?: () => Stepping,
    attacks?: () => readonly AttackInfo[],
  ) {
    this.#log = log;
    this.#stepping = stepping;
    this.#attacks = attacks;
    io.on('connection', (socket) => this.#add(socket));
  }

  /** For tests and figures: bytes sent to viewers that they have not reported as taken in. */
  get underWay(): number {
    return [...this.#viewers].reduce((sum, viewer) => sum + viewer.sentBytes - viewer.takenBytes, 0);
  }

  tellBrowserStatus(status: BrowserStatus): void {
    for (const { socket } of this.#viewers) socket.emit('browser', status);
  }

  /**
   * Whoever comes is told how far the newest one is, and that it is over too: a viewer that comes back may have been away
   * when it ended.
   */
  tellExperiment(progress: ExperimentProgress): void {
    this.#experiment = progress;
    for (const { socket } of this.#viewers) socket.emit('experiment', progress);
  }

  /** What steps or what is held has changed: viewers are told with the next batch. */
  noteStepping(): void {
    this.#isSteppingNew = true;
  }

  /** The same of an attack: armed, disarmed, or judged with whoever came. */
  noteAttacks(): void {
    this.#areAttacksNew = true;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #add(socket: ViewerSocket): void {
    const place = { following: false, epoch: 0, after: 0, completeFrom: 0 };
    const viewer: Viewer = { socket, ...place, sentBytes: 0, takenBytes: 0 };
    this.#viewers.add(viewer);
    if (this.#stepping) socket.emit('stepping', this.#stepping());
    if (this.#experiment) socket.emit('experiment', this.#experiment);
    if (this.#attacks) socket.emit('attacks', this.#attacks());
    this.#timer ??= setInterval(() => this.#tick(), tickMilliseconds);
    socket.on('follow', (position: unknown) => {
      const { epoch, after } = asPosition(position);
      viewer.epoch = epoch;
      viewer.after = after;
      viewer.completeFrom = 0;
      viewer.following = true;
      this.#serveEarly();
    });
    socket.on('progress', (bytes: unknown) => {
      // Never more than was sent, whatever the other end says.
      if (typeof bytes === 'number')
        viewer.takenBytes = Math.max(viewer.takenBytes, Math.min(bytes, viewer.sentBytes));
    });
    socket.on('disconnect', () => {
      this.#viewers.delete(viewer);
      if (this.#viewers.size === 0) this.close();
    });
  }

  #tick(): void {
    this.#isServedEarly = false;
    if (this.#isSteppingNew) this.#tellStepping();
    if (this.#areAttacksNew) this.#tellAttacks();
    this.#serve();
  }

  /** Whoever comes need not wait for the tick, unless somebody came just before: a crowd shares what is encoded. */
  #serveEarly(): void {
    if (this.#isServedEarly) return;
    this.#isServedEarly = true;
    setImmediate(() => this.#serve());
  }

  #serve(): void {
    // Viewers that stand at the same place share one encoding.
    const encoded = new Map<number, { bytes: Uint8Array; last: number }>();
    const { epoch, lastSeq, completeFrom } = this.#log;
    for (const viewer of this.#viewers) {
      if (!viewer.following) continue;
      if (viewer.epoch !== epoch) {
        viewer.epoch = epoch;
        viewer.after = 0;
      }
      if (hasMissedEvents(viewer, this.#log)) viewer.after = 0;
      if (viewer.after >= lastSeq || viewer.sentBytes - viewer.takenBytes > underWayBytes) continue;
      if (viewer.after === 0) viewer.completeFrom = completeFrom;
      let batch = encoded.get(viewer.after);
      if (!batch) {
        batch = this.#encode(viewer.after);
        encoded.set(viewer.after, batch);
      }
      viewer.socket.emit('batch', batch.bytes);
      viewer.after = batch.last;
      viewer.sentBytes += batch.bytes.length;
    }
  }

  #tellStepping(): void {
    this.#isSteppingNew = false;
    const stepping = this.#stepping?.();
    if (stepping) for (const { socket } of this.#viewers) socket.emit('stepping', stepping);
  }

  #tellAttacks(): void {
    this.#areAttacksNew = false;
    const attacks = this.#attacks?.();
    if (attacks) for (const { socket } of this.#viewers) socket.emit('attacks', attacks);
  }

  #encode(after: number): { bytes: Uint8Array; last: number } {
    const { epoch, completeFrom } = this.#log;
    const events = this.#log.after(after, batchBytes);
    const batch: Batch = { epoch, completeFrom, events };
    return { bytes: encode(batch), last: events.at(-1)?.seq ?? this.#log.lastSeq };
  }
}

function asPosition(position: unknown): { epoch: number; after: number } {
  const { epoch, after } = (position ?? {}) as Record<string, unknown>;
  return {
    epoch: typeof epoch === 'number' ? epoch : 0,
    after: typeof after === 'number' && after >= 0 ? after : 0,
  };
}
