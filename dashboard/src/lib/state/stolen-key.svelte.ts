import type { LoginAnswer, LoginRequest, Persona } from '#contract';
import { STOLEN_HOSTS } from '../format/keys/stolen.ts';
import { askLab } from './ask-lab.ts';
import type { Notices } from './notices.svelte.ts';

const FAILURE = 'No session was recorded';

/** Has the victim log in over HTTPS at both hosts of the stolen key, so that there is something to open. */
export class StolenKeyState {
  isRecording = $state(false);
  readonly #notices: Notices;
  #turn = 0;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** One after the other; what goes wrong becomes a notice. */
  async record({ mobile, password }: Persona): Promise<void> {
    if (this.isRecording) return;
    const turn = this.#turn;
    this.isRecording = true;
    for (const host of STOLEN_HOSTS) {
      const isLoggedIn = await this.#logIn({ mobile, password, site: 'https', host }, turn);
      if (turn !== this.#turn) return;
      if (!isLoggedIn) break;
    }
    this.isRecording = false;
  }

  /** What was begun in an earlier capture records nothing in this one. */
  clear(): void {
    this.#turn += 1;
    this.isRecording = false;
  }

  async #logIn(body: LoginRequest, turn: number): Promise<boolean> {
    const isStale = () => turn !== this.#turn;
    const answer = await askLab<LoginAnswer>({
      ...{ method: 'POST', path: '/api/victim/login', body, failure: FAILURE, notices: this.#notices },
      isStale,
    });
    const error = answer?.https?.error;
    if (error && !isStale()) this.#notices.add(FAILURE, error.message, 'Reset, and record again.');
    return answer?.https?.ok === true;
  }
}
