import { decode } from '@msgpack/msgpack';
import { io, type Socket } from 'socket.io-client';
import type {
  AttackInfo,
  Batch,
  BrowserStatus,
  DashboardToServer,
  ExperimentProgress,
  LogEvent,
  ServerToDashboard,
  Stepping,
} from '#contract';
import { Intake } from './intake.ts';
import { withOwnBytes } from './own-bytes.ts';

const REPORT_BYTES = 256 * 1024;
const REPORT_MS = 500;
/** The server sends history in batches of 2 MiB, so one of more than half that has another behind it. */
const FULL_BATCH_BYTES = 1024 * 1024;

/** Told what the connection to the server does. */
export interface LogLinkListener {
  onconnect?: () => void;
  ondisconnect?: () => void;
  /** The server is not there, or does not know this page. */
  onerror?: () => void;
  onbrowser?: (status: BrowserStatus) => void;
  onstepping?: (stepping: Stepping) => void;
  onexperiment?: (progress: ExperimentProgress) => void;
  onattacks?: (attacks: readonly AttackInfo[]) => void;
  /** Events wait to be drained. */
  onwaiting: () => void;
}

/**
 * Follows the log over a socket of its own, in a page or in a worker: history first, then live. Events wait until
 * they are drained, and the server is told of what was, so that no more is under way than can be taken in.
 */
export class LogLink {
  readonly #socket: Socket<ServerToDashboard, DashboardToServer>;
  readonly #intake = new Intake();
  #reported = 0;
  #reportTimer: ReturnType<typeof setTimeout> | undefined;
  #hasMore = true;

  constructor(listener: LogLinkListener) {
    // Polling sends no Origin, so the server refuses it.
    this.#socket = io({ transports: ['websocket'] });
    this.#socket.on('connect', () => {
      listener.onconnect?.();
      this.#reported = 0;
      this.#intake.takeUnreported();
      this.#socket.emit('follow', this.#intake.position);
    });
    this.#socket.on('disconnect', () => listener.ondisconnect?.());
    this.#socket.on('connect_error', () => listener.onerror?.());
    this.#socket.on('batch', (blob) => {
      this.#take(blob);
      listener.onwaiting();
    });
    this.#socket.on('stepping', (stepping) => listener.onstepping?.(stepping));
    this.#socket.on('experiment', (progress) => listener.onexperiment?.(progress));
    this.#socket.on('attacks', (attacks) => listener.onattacks?.(attacks));
    this.#socket.on('browser', (status) => listener.onbrowser?.(status));
  }

  /** Events were received and not drained yet. */
  get isWaiting(): boolean {
    return this.#intake.isWaiting;
  }

  /** As far as can be told, the log holds nothing that was not received. */
  get isLive(): boolean {
    return !this.#hasMore;
  }

  /** Hands on waiting events, in order, until `isOver` says that the time is up. */
  drain(apply: (event: LogEvent, epoch: number) => void, isOver: () => boolean): void {
    this.#intake.drain(apply, isOver);
    if (this.#intake.unreported >= REPORT_BYTES) this.#sendProgress();
    else if (this.#intake.unreported > 0) this.#reportTimer ??= setTimeout(this.#sendProgress, REPORT_MS);
  }

  close(): void {
    clearTimeout(this.#reportTimer);
    this.#socket.close();
  }

  // socket.io hands browsers an ArrayBuffer and Node a Buffer; both become a Uint8Array here, once.
  #take(blob: ArrayBuffer | Uint8Array): void {
    const bytes = blob instanceof Uint8Array ? blob : new Uint8Array(blob);
    // The server is the only sender, and contract.ts is compiled into both ends.
    const { events, ...batch } = decode(bytes) as Batch;
    this.#hasMore = bytes.byteLength >= FULL_BATCH_BYTES;
    if (this.#intake.push({ ...batch, events: events.map(withOwnBytes) }, bytes.byteLength) === 'gap') {
      this.#socket.emit('follow', this.#intake.position);
    }
  }

  readonly #sendProgress = (): void => {
    clearTimeout(this.#reportTimer);
    this.#reportTimer = undefined;
    this.#reported += this.#intake.takeUnreported();
    if (this.#socket.connected) this.#socket.emit('progress', this.#reported);
  };
}
