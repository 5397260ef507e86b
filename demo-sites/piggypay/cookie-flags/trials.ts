import { randomBytes } from 'node:crypto';
import { FLAGGED_COOKIES, LIFE_SECONDS, cookiesIn } from './flags.ts';

export type Transport = 'http' | 'https';
/** How a request of a trial comes about; `script` is no request but what a script of the page has read. */
export type Way = 'from-http' | 'from-https' | 'script' | 'link' | 'form' | 'other-scheme';

/** `older`: a cookie of this name, from an earlier trial, which the browser would not replace. */
export type Presence = 'present' | 'older' | 'absent';

/** What was seen once: by the site in a request, or by a script. */
export interface Observation {
  readonly over: Transport;
  /** By name of the cookie. */
  readonly cookies: ReadonlyMap<string, Presence>;
  /** How old the cookies were. */
  readonly seconds: number;
  /** Sec-Fetch-Site, the browser's own word on where the request comes from; absent over HTTP. */
  readonly fetchSite?: string;
}

export interface CookieTrial {
  /** 12 hexadecimal digits. */
  readonly id: string;
  readonly setOver: Transport;
  /** The cookies' values, by name. */
  readonly values: ReadonlyMap<string, string>;
  /** The newest of each way. */
  readonly observations: ReadonlyMap<Way, Observation>;
}

export interface Seen {
  readonly over: Transport;
  /** The Cookie field as it came, or `document.cookie`. */
  readonly cookies: string;
  readonly fetchSite?: string;
}

const MOST_TRIALS = 50;

interface KeptTrial extends CookieTrial {
  readonly begun: number;
  readonly observations: Map<Way, Observation>;
}

/** What the site remembers of who tries the flags of cookies: the newest 50 trials, each by an id that is no secret. */
export class CookieTrials {
  readonly #now: () => number;
  readonly #trials = new Map<string, KeptTrial>();

  /** `now` in milliseconds. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  begin(setOver: Transport): CookieTrial {
    const trial: KeptTrial = {
      id: randomBytes(6).toString('hex'),
      setOver,
      values: new Map(FLAGGED_COOKIES.map(({ name }) => [name, randomBytes(8).toString('hex')])),
      begun: this.#now(),
      observations: new Map(),
    };
    this.#trials.set(trial.id, trial);
    const [oldest] = this.#trials.keys();
    if (this.#trials.size > MOST_TRIALS && oldest !== undefined) this.#trials.delete(oldest);
    return trial;
  }

  find(id: string): CookieTrial | undefined {
    return this.#trials.get(id);
  }

  /** Whether its cookies can still be there. */
  isOpen(id: string): boolean {
    const trial = this.#trials.get(id);
    return trial !== undefined && this.#ageOf(trial) < LIFE_SECONDS;
  }

  /** Nothing is noted of a trial that is not open: what has gone is not kept back. */
  note(id: string, way: Way, { cookies, ...seen }: Seen): Observation | undefined {
    const trial = this.#trials.get(id);
    if (!trial || !this.isOpen(id)) return undefined;
    const observation = { ...seen, cookies: presenceIn(cookies, trial), seconds: this.#ageOf(trial) };
    trial.observations.set(way, observation);
    return observation;
  }

  forget(id: string): void {
    this.#trials.delete(id);
  }

  reset(): void {
    this.#trials.clear();
  }

  #ageOf({ begun }: KeptTrial): number {
    return Math.floor((this.#now() - begun) / 1000);
  }
}

/** Which of a trial's cookies are in a Cookie field or in `document.cookie`, by name. */
export function presenceIn(text: string, { values }: CookieTrial): ReadonlyMap<string, Presence> {
  const came = cookiesIn(text);
  const presence = [...values].map(([name, value]) => {
    const found = came.get(name);
    return [name, found === undefined ? 'absent' : found === value ? 'present' : 'older'] as const;
  });
  return new Map(presence);
}
