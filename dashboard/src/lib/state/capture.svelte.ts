import { decode } from '@msgpack/msgpack';
import { io, type Socket } from 'socket.io-client';
import type { Batch, BrowserStatus, DashboardToServer, LogEvent, ServerToDashboard } from '#contract';
import type { Dissection } from '#dissectors/field.ts';
import { CaptureFold } from '#folds/capture.ts';
import type { CaptureView, MessageView } from '#folds/view.ts';
import { Entered } from './entered.ts';
import { Intake } from './intake.ts';

/** `refused`: the server does not know this page, its token is missing or from an earlier start. */
export type LinkState = 'connecting' | 'live' | 'lost' | 'refused';

/** Time a frame may spend on new events; the rest of 16 ms is for drawing them. */
const FRAME_BUDGET_MS = 7;
/** A hidden page gets no animation frames, so a timer stands in for them. */
const HIDDEN_FRAME_MS = 250;
const REPORT_BYTES = 256 * 1024;
const REPORT_MS = 500;

/** Told what concerns more than the capture itself. */
export interface CaptureListener {
  /** A new capture began after the one on screen; `view` is of the new one from the next frame on. */
  onepoch: () => void;
  onbrowser: (status: BrowserStatus) => void;
}

/** The capture as this page follows it: one socket in, one fold, one snapshot a frame out. */
export class Capture {
  view = $state.raw<CaptureView>(new CaptureFold().view());
  link = $state<LinkState>('connecting');
  /** Every value an end said was typed since the epoch began, each once. */
  entered = $state.raw<readonly string[]>([]);

  readonly #listener: CaptureListener;
  readonly #socket: Socket<ServerToDashboard, DashboardToServer>;
  readonly #intake = new Intake();
  readonly #entered = new Entered();
  #fold = new CaptureFold();
  #foldEpoch = 0;
  #isFrameDue = false;
  #reported = 0;
  #reportTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: CaptureListener) {
    this.#listener = listener;
    // Polling sends no Origin, so the server refuses it.
    this.#socket = io({ transports: ['websocket'] });
    this.#socket.on('connect', () => {
      this.link = 'live';
      this.#reported = 0;
      this.#intake.takeUnreported();
      this.#socket.emit('follow', this.#intake.position);
    });
    this.#socket.on('disconnect', () => (this.link = 'lost'));
    this.#socket.on('connect_error', () => {
      if (this.link === 'connecting') this.link = 'refused';
      else void this.#askWhetherRefused();
    });
    this.#socket.on('batch', (blob) => {
      this.#take(blob);
    });
    this.#socket.on('browser', listener.onbrowser);
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** The labelled fields of a message, with the bytes that they index. */
  readonly dissect = (message: MessageView): Dissection => this.#fold.dissect(message);

  close(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    clearTimeout(this.#reportTimer);
    this.#socket.close();
  }

  /** A lab that was started again has another token: it answers, but not to this page any more. */
  async #askWhetherRefused(): Promise<void> {
    const status = await fetch('/api/lab').then(
      (response) => response.status,
      () => undefined,
    );
    if (status === 401 && this.link === 'lost') this.link = 'refused';
  }

  readonly #onVisibility = (): void => {
    if (document.hidden && this.#isFrameDue) setTimeout(this.#onFrame, HIDDEN_FRAME_MS);
  };

  // socket.io hands browsers an ArrayBuffer and Node a Buffer; both become a Uint8Array here, once.
  #take(blob: ArrayBuffer | Uint8Array): void {
    const bytes = blob instanceof Uint8Array ? blob : new Uint8Array(blob);
    // The server is the only sender, and contract.ts is compiled into both ends.
    const batch = decode(bytes) as Batch;
    if (this.#intake.push(batch, bytes.byteLength) === 'gap') {
      this.#socket.emit('follow', this.#intake.position);
    }
    this.#requestFrame();
  }

  #requestFrame(): void {
    if (this.#isFrameDue) return;
    this.#isFrameDue = true;
    if (document.hidden) setTimeout(this.#onFrame, HIDDEN_FRAME_MS);
    else requestAnimationFrame(this.#onFrame);
  }

  readonly #onFrame = (): void => {
    if (!this.#isFrameDue) return;
    this.#isFrameDue = false;
    const end = performance.now() + FRAME_BUDGET_MS;
    this.#intake.drain(
      (event, epoch) => {
        if (epoch !== this.#foldEpoch) {
          if (this.#foldEpoch !== 0) this.#listener.onepoch();
          this.#fold = new CaptureFold();
          this.#foldEpoch = epoch;
          this.#entered.clear();
        }
        this.#apply(event);
      },
      () => performance.now() > end,
    );
    this.entered = this.#entered.list;
    this.view = this.#fold.view();
    this.#report();
    if (this.#intake.isWaiting) this.#requestFrame();
  };

  // The fold starts over by itself when the epoch is sent again from its beginning; what was typed stays typed.
  #apply(event: LogEvent): void {
    this.#fold.apply(event);
    if (event.type === 'secret-entered') this.#entered.add(event.value);
  }

  #report(): void {
    if (this.#intake.unreported >= REPORT_BYTES) this.#sendProgress();
    else if (this.#intake.unreported > 0) this.#reportTimer ??= setTimeout(this.#sendProgress, REPORT_MS);
  }

  readonly #sendProgress = (): void => {
    clearTimeout(this.#reportTimer);
    this.#reportTimer = undefined;
    this.#reported += this.#intake.takeUnreported();
    if (this.#socket.connected) this.#socket.emit('progress', this.#reported);
  };
}
