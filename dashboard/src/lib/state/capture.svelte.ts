import {
  isAttackEvent,
  isWireEvent,
  type AttackEvent,
  type AttackInfo,
  type BrowserStatus,
  type EpochStarted,
  type ExperimentProgress,
  type LogEvent,
  type Stepping,
} from '#contract';
import type { Dissection } from '#dissectors/field.ts';
import { CaptureFold } from '#folds/capture.ts';
import { ChangedFold, type ChangedView } from '#folds/changed.ts';
import { HeldFold, type HeldView } from '#folds/held.ts';
import type { CertificateCases } from '#folds/certificate-check/certificate-cases.ts';
import type { LeakedKeys } from '#folds/leaked-key/leaked-key.ts';
import type { KeyOrigins } from '#folds/key-origin/key-origins.ts';
import type { Ladders } from '#folds/ladder/ladders.ts';
import type { Ledger } from '#folds/ledger/ledger.ts';
import type { CaptureView, MessageView } from '#folds/view.ts';
import { Entered } from './entered.ts';
import { LogLink } from './log-link.ts';

/** `refused`: the server does not know this page, its token is missing or from an earlier start. */
export type LinkState = 'connecting' | 'live' | 'lost' | 'refused';

/** Time a frame may spend on new events; the rest of 16 ms is for drawing them. */
const FRAME_BUDGET_MS = 7;
/** A hidden page gets no animation frames, so a timer stands in for them. */
const HIDDEN_FRAME_MS = 250;
/** How old a view may get that nobody sees. */
const COVERED_VIEW_MS = 1000;

/** Told what concerns more than the capture itself. */
export interface CaptureListener {
  /** A new capture began after the one on screen; `view` is of the new one from the next frame on. */
  onepoch: () => void;
  /** Which capture is on screen; also when it is sent anew. */
  onbegan?: (event: EpochStarted) => void;
  onbrowser: (status: BrowserStatus) => void;
  onstepping?: (stepping: Stepping) => void;
  onexperiment?: (progress: ExperimentProgress) => void;
  /** Which attacks there are, and how they stand now. */
  onattacks?: (attacks: readonly AttackInfo[]) => void;
  /** The stranger armed or disarmed an attack, or acted. */
  onattack?: (event: AttackEvent) => void;
  /** Which bytes are held on their way, once a frame; the same object until that changes. */
  onheld?: (held: HeldView) => void;
  /** Whether something lies over all that shows the view, which then needs no new one each frame. */
  isCovered?: () => boolean;
}

/** The capture as this page follows it: one socket in, one fold, one snapshot a frame out. */
export class Capture {
  view = $state.raw<CaptureView>(new CaptureFold().view());
  /** The same connections as sequence diagrams; another object with each view. */
  ladders = $state.raw<Ladders>(new CaptureFold().ladders);
  /** What the stranger changed on the way; the same object until that changes. */
  changed = $state.raw<ChangedView>(new ChangedFold().view());
  link = $state<LinkState>('connecting');
  /** Every value an end said was typed since the epoch began, each once. */
  entered = $state.raw<readonly string[]>([]);
  /** Whether it happens now, or was read from a file. */
  source = $state<'live' | 'recorded'>('live');

  /** The certificates of the same connections, as they were when the view was taken. */
  readonly certificates = (): CertificateCases => this.#fold.certificates;

  /** Where their keys come from, as far as that is known by now. */
  readonly origins = (): KeyOrigins => this.#fold.origins;

  /** The keys of the same connections. */
  readonly ledger = (): Ledger => this.#fold.ledger;

  /** What stolen private keys open of the same connections. */
  readonly leaks = (): LeakedKeys => this.#fold.leaks;

  readonly #listener: CaptureListener;
  readonly #log: LogLink;
  readonly #entered = new Entered();
  #fold = new CaptureFold();
  readonly #held = new HeldFold();
  readonly #changed = new ChangedFold();
  #foldEpoch = 0;
  #isFrameDue = false;
  #viewedAt = -Infinity;

  constructor(listener: CaptureListener) {
    this.#listener = listener;
    this.#log = new LogLink({
      onconnect: () => (this.link = 'live'),
      ondisconnect: () => (this.link = 'lost'),
      onerror: () => {
        if (this.link === 'connecting') this.link = 'refused';
        else void this.#askWhetherRefused();
      },
      onbrowser: listener.onbrowser,
      onstepping: (stepping) => listener.onstepping?.(stepping),
      onexperiment: (progress) => listener.onexperiment?.(progress),
      onattacks: (attacks) => listener.onattacks?.(attacks),
      onwaiting: () => {
        this.#requestFrame();
      },
    });
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Of the capture that is taken in now; 0 before the first. */
  get epoch(): number {
    return this.#foldEpoch;
  }

  /** The labelled fields of a message, with the bytes that they index. */
  readonly dissect = (message: MessageView): Dissection => this.#fold.dissect(message);

  /** The same, followed by what it holds in other bytes than those on the wire. */
  readonly dissectAll = (message: MessageView): readonly Dissection[] => this.#fold.dissectAll(message);

  /** Shows this site in the lanes; undefined that of the newest login. */
  showSite(site: string | undefined): void {
    this.#fold.showSite(site);
    this.view = this.#fold.view();
  }

  /** How many messages there are, wherever they are shown. */
  get messages(): number {
    const { lanes, other } = this.view;
    const parked = other.reduce((sum, { messages }) => sum + messages.length, 0);
    return lanes.http.messages.length + lanes.https.messages.length + parked;
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#log.close();
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
    this.#log.drain(
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
    this.changed = this.#changed.view();
    this.#listener.onheld?.(this.#held.view());
    if (!this.#show() || this.#log.isWaiting) this.#requestFrame();
  };

  /** False when that is put off, for as long as nobody would see it. */
  #show(): boolean {
    const now = performance.now();
    const isCovered = this.#listener.isCovered?.() ?? false;
    if (isCovered && now - this.#viewedAt < COVERED_VIEW_MS) return false;
    this.view = this.#fold.view();
    this.ladders = this.#fold.ladders;
    this.#viewedAt = now;
    return true;
  }

  // The fold starts over by itself when the epoch is sent again from its beginning; what was typed stays typed.
  #apply(event: LogEvent): void {
    this.#fold.apply(event);
    if (isWireEvent(event)) {
      this.#held.apply(event);
      this.#changed.apply(event);
    }
    if (isAttackEvent(event)) this.#listener.onattack?.(event);
    if (event.type === 'secret-entered') this.#entered.add(event.value);
    if (event.type !== 'epoch-started') return;
    this.source = event.source;
    this.#listener.onbegan?.(event);
  }
}
