import type { ApiError, Stepping, SteppingLane, SteppingMode } from '#contract';
import type { HeldView } from '#folds/held.ts';
import type { Notices } from './notices.svelte.ts';

const FAILURE = 'The stepping did not change';

/** What steps and what is held, as the lab tells it, and what the lab is asked to do about it. */
export class SteppingState {
  told = $state.raw<Stepping>({ mode: 'live', lanes: { http: 'live', https: 'live' }, held: [] });
  /** The same by the log: which bytes are held, and which never arrived. */
  held = $state.raw<HeldView>({ held: [], undelivered: [] });
  readonly #notices: Notices;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  get isStepping(): boolean {
    return this.told.mode === 'step';
  }

  /** Both lanes step, or both are live. */
  async toggle(): Promise<void> {
    await this.setMode(this.isStepping ? 'live' : 'step');
  }

  async setMode(mode: SteppingMode, lane?: SteppingLane): Promise<void> {
    await this.#ask('PUT', '/api/stepping', { mode, ...(lane && { lane }) });
  }

  /** Lets through one unit of the lane; without one, of each lane that steps. */
  async next(lane?: SteppingLane): Promise<void> {
    await this.#ask('POST', '/api/stepping/next', { ...(lane && { lane }) });
  }

  // What came of it is told over the log's socket, in order. The answer is older news by the time it is read: what the
  // next unit brought may have been told already.
  async #ask(method: 'PUT' | 'POST', path: string, body: object): Promise<void> {
    this.#notices.forget(FAILURE);
    try {
      const response = await fetch(path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      // The server answers with the types of contract.ts, which is compiled into both ends.
      const answer = (await response.json()) as Stepping | ApiError;
      if ('error' in answer) this.#notices.add(FAILURE, answer.error.message, answer.error.hint);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#notices.add(FAILURE, `No answer came: ${why}.`, 'Is plainsight still running in its terminal?');
    }
  }
}
