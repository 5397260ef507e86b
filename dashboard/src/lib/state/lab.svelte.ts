import type {
  ApiError,
  BrowserStatus,
  ChatAnswer,
  ChatRequest,
  LoginAnswer,
  LoginRequest,
  Persona,
  Victim,
} from '#contract';
import type { Lookup } from './login-form.svelte.ts';
import type { Notices } from './notices.svelte.ts';

/** What the lab is asked to do over HTTP, and what it answered last. */
export class LabState {
  persona = $state.raw<Persona>();
  answer = $state.raw<LoginAnswer>();
  chatAnswer = $state.raw<ChatAnswer>();
  browser = $state.raw<BrowserStatus>();
  isLoggingIn = $state(false);
  isChatting = $state(false);
  isBrowserBusy = $state(false);
  isResetting = $state(false);
  readonly #notices: Notices;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  async load(): Promise<void> {
    const victim = await this.#ask<Victim>('GET', '/api/victim', 'The lab did not say who the victim is');
    if (victim === undefined) return;
    this.persona = victim.persona;
    this.browser = victim.browser;
  }

  /** Logs the scripted victim in on both sites; a refused login is an answer, not an error. */
  async logIn(mobile: string, password: string, resolve: Lookup): Promise<void> {
    if (this.isLoggingIn) return;
    this.isLoggingIn = true;
    const request: LoginRequest = { mobile, password, site: 'both', resolve };
    const answer = await this.#ask<LoginAnswer>(
      'POST',
      '/api/victim/login',
      'The victim could not log in',
      request,
    );
    if (answer !== undefined) this.answer = answer;
    this.isLoggingIn = false;
  }

  /** Has the scripted victim say a line in the support chat of both sites. */
  async say(text: string): Promise<void> {
    if (this.isChatting) return;
    this.isChatting = true;
    const request: ChatRequest = { text, site: 'both' };
    const answer = await this.#ask<ChatAnswer>(
      'POST',
      '/api/victim/chat',
      'The victim could not chat',
      request,
    );
    if (answer !== undefined) this.chatAnswer = answer;
    this.isChatting = false;
  }

  async reset(): Promise<void> {
    if (this.isResetting) return;
    this.isResetting = true;
    const done = await this.#ask<unknown>('POST', '/api/reset', 'The lab was not reset');
    if (done !== undefined) this.forget();
    this.isResetting = false;
  }

  /** What the victim told belongs to an epoch; it goes when the epoch goes. */
  forget(): void {
    this.answer = undefined;
    this.chatAnswer = undefined;
    this.#notices.clear();
  }

  async openBrowser(): Promise<void> {
    await this.#browser('/api/browser/open', 'The demo browser did not open');
  }

  async closeBrowser(): Promise<void> {
    await this.#browser('/api/browser/close', 'The demo browser did not close');
  }

  async #browser(path: string, failure: string): Promise<void> {
    if (this.isBrowserBusy) return;
    this.isBrowserBusy = true;
    const status = await this.#ask<BrowserStatus>('POST', path, failure);
    if (status !== undefined) this.browser = status;
    this.isBrowserBusy = false;
  }

  /** The answer, or undefined after a notice that says what failed, why, and what to do. */
  async #ask<Answer>(
    method: string,
    path: string,
    failure: string,
    body: object = {},
  ): Promise<Answer | undefined> {
    this.#notices.forget(failure);
    try {
      const response = await fetch(path, {
        method,
        ...(method === 'GET'
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const answer: unknown = await response.json();
      // The server answers with the types of contract.ts, which is compiled into both ends.
      if (response.ok) return answer as Answer;
      const refusal = isApiError(answer)
        ? answer.error
        : { message: `It answered ${String(response.status)}.`, hint: 'Look at the terminal it runs in.' };
      this.#notices.add(failure, refusal.message, refusal.hint);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#notices.add(failure, `No answer came: ${why}.`, 'Is plainsight still running in its terminal?');
    }
    return undefined;
  }
}

function isApiError(answer: unknown): answer is ApiError {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return false;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'message' in error && 'hint' in error;
}
