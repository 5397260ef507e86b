import type {
  BrowserStatus,
  ChatAnswer,
  ChatRequest,
  Lab,
  LoginAnswer,
  LoginRequest,
  Persona,
  Victim,
  VictimHost,
} from '#contract';
import { askLab } from './ask-lab.ts';
import type { Lookup } from './login-form.svelte.ts';
import type { Notices } from './notices.svelte.ts';

/** What the lab is asked to do over HTTP, and what it answered last. */
export class LabState {
  /** The relay's ports and the CA's path; undefined before they are known, and where there is no lab. */
  reach = $state.raw<Pick<Lab, 'routes' | 'ca'>>();
  persona = $state.raw<Persona>();
  hosts = $state.raw<readonly VictimHost[]>([]);
  answer = $state.raw<LoginAnswer>();
  chatAnswer = $state.raw<ChatAnswer>();
  isLoggingIn = $state(false);
  isChatting = $state(false);
  isBrowserBusy = $state(false);
  isResetting = $state(false);
  #browserStatus = $state.raw<BrowserStatus>();
  /** Counts what was told of the demo browser: an answer that is read after later news is not the newest word on it. */
  #browserNews = 0;
  readonly #notices: Notices;
  /** Counts epochs: what was asked in an earlier one is not answered in this one. */
  #turn = 0;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** How the demo browser is; set by what the lab tells of itself. */
  get browser(): BrowserStatus | undefined {
    return this.#browserStatus;
  }

  set browser(status: BrowserStatus | undefined) {
    this.#browserNews += 1;
    this.#browserStatus = status;
  }

  async load(): Promise<void> {
    const news = this.#browserNews;
    const victim = await this.#ask<Victim>('GET', '/api/victim', 'The lab did not say who the victim is');
    if (victim === undefined) return;
    this.persona = victim.persona;
    this.#browserAnswered(victim.browser, news);
    this.hosts = victim.hosts ?? [];
    const lab = await this.#ask<Lab>('GET', '/api/lab', 'The lab did not say how it is reached');
    if (lab && lab.routes.length > 0) this.reach = { routes: lab.routes, ca: lab.ca };
  }

  /** Logs the scripted victim in, over HTTP too where the host has it; a refused login is an answer, not an error. */
  async logIn(mobile: string, password: string, resolve: Lookup, host?: string): Promise<void> {
    if (this.isLoggingIn) return;
    this.isLoggingIn = true;
    const turn = this.#turn;
    const hasHttp = this.hosts.find(({ name }) => name === host)?.hasHttp ?? true;
    const request: LoginRequest = {
      mobile,
      password,
      site: hasHttp ? 'both' : 'https',
      resolve,
      ...(host === undefined ? {} : { host }),
    };
    const answer = await this.#ask<LoginAnswer>(
      'POST',
      '/api/victim/login',
      'The victim could not log in',
      request,
    );
    if (answer !== undefined && turn === this.#turn) this.answer = answer;
    this.isLoggingIn = false;
  }

  /** Has the scripted victim say a line in the support chat of both sites; undefined when that got nowhere. */
  async say(text: string): Promise<ChatAnswer | undefined> {
    if (this.isChatting) return undefined;
    this.isChatting = true;
    const turn = this.#turn;
    const request: ChatRequest = { text, site: 'both' };
    const answer = await this.#ask<ChatAnswer>(
      'POST',
      '/api/victim/chat',
      'The victim could not chat',
      request,
    );
    this.isChatting = false;
    if (answer === undefined || turn !== this.#turn) return undefined;
    this.chatAnswer = answer;
    return answer;
  }

  async reset(): Promise<void> {
    if (this.isResetting) return;
    this.isResetting = true;
    const done = await this.#ask<object>('POST', '/api/reset', 'The lab was not reset');
    if (done !== undefined) this.forget();
    this.isResetting = false;
  }

  /** What the victim told belongs to an epoch; it goes when the epoch goes. */
  forget(): void {
    this.#turn += 1;
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
    const news = this.#browserNews;
    const status = await this.#ask<BrowserStatus>('POST', path, failure);
    if (status !== undefined) this.#browserAnswered(status, news);
    this.isBrowserBusy = false;
  }

  #browserAnswered(status: BrowserStatus, newsBefore: number): void {
    if (newsBefore === this.#browserNews) this.#browserStatus = status;
  }

  #ask<Answer extends object>(
    method: 'GET' | 'POST',
    path: string,
    failure: string,
    body: object = {},
  ): Promise<Answer | undefined> {
    return askLab<Answer>({ method, path, failure, body, notices: this.#notices });
  }
}
