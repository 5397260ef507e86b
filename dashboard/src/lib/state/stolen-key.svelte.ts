import type { ApiError, LoginAnswer, LoginRequest, Persona } from '#contract';
import { STOLEN_HOSTS } from '../format/keys/stolen.ts';
import type { Notices } from './notices.svelte.ts';

const FAILURE = 'No session was recorded';

/** Has the victim log in over HTTPS at both hosts of the stolen key, so that there is something to open. */
export class StolenKeyState {
  isRecording = $state(false);
  readonly #notices: Notices;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** One after the other; what goes wrong becomes a notice. */
  async record({ mobile, password }: Persona): Promise<void> {
    if (this.isRecording) return;
    this.isRecording = true;
    this.#notices.forget(FAILURE);
    try {
      for (const host of STOLEN_HOSTS) await this.#logIn({ mobile, password, site: 'https', host });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#notices.add(FAILURE, why, 'Is plainsight still running in its terminal?');
    }
    this.isRecording = false;
  }

  async #logIn(request: LoginRequest): Promise<void> {
    const response = await fetch('/api/victim/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    // The server answers with the types of contract.ts, which is compiled into both ends.
    const answer = (await response.json()) as LoginAnswer | ApiError;
    const error = 'error' in answer ? answer.error : answer.https?.error;
    if (error) throw new Error(error.message);
  }
}
