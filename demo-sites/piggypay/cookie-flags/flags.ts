/** What the browser is told of a trial's cookie besides its value. */
export interface FlaggedCookie {
  readonly name: string;
  /** Attributes of Set-Cookie (RFC 6265bis, 4.1.2), as they are sent; empty for none. */
  readonly flags: string;
  /** HTML: what the flags keep out, and whom they do not. */
  readonly about: string;
}

/** One cookie a flag, one without any and one with all of them. Harmless: nothing is decided by them. */
export const FLAGGED_COOKIES: readonly FlaggedCookie[] = [
  {
    name: 'plain',
    flags: '',
    about:
      'Crosses in clear over HTTP, and every script of the page reads it. Chromium treats a cookie without SameSite as Lax, with an exception for its first two minutes.',
  },
  {
    name: 'secure',
    flags: 'Secure',
    about:
      'Is sent over TLS only (but for localhost itself), and kept only when it was set over TLS: whoever reads the wire does not get it. It keeps out neither scripts of the page nor requests that another site begins.',
  },
  {
    name: 'http-only',
    flags: 'HttpOnly',
    about:
      'No script reads it, but a script’s requests to this site still carry it. Whoever reads the wire is not kept out.',
  },
  {
    name: 'same-site-strict',
    flags: 'SameSite=Strict',
    about:
      'Stays behind with every request that another site begins, a link included. Neither scripts of the page nor whoever reads the wire are kept out.',
  },
  {
    name: 'same-site-lax',
    flags: 'SameSite=Lax',
    about:
      'Comes along when a link on another site leads here, and not with another site’s form that posts. Neither scripts of the page nor whoever reads the wire are kept out.',
  },
  {
    name: 'everything',
    flags: 'Secure; HttpOnly; SameSite=Strict',
    about:
      'Each flag keeps out what it keeps out, no more. What is left: whoever is inside the browser or the site, and a script of the page, which need not read a cookie to act with it.',
  },
];

/** The pages and the requests of a trial, and nothing else of the site, get its cookies. */
export const TRIAL_PATH = '/cookies';
/** Longer than the two minutes in which a browser may make an exception for a cookie without SameSite. */
export const LIFE_SECONDS = 10 * 60;

/** A value of Set-Cookie. */
export function settingLine({ name, flags }: FlaggedCookie, value: string): string {
  return lineOf(`${name}=${value}`, flags, LIFE_SECONDS);
}

/** The value of Set-Cookie that makes a browser forget the cookie. One that is Secure is forgotten over TLS only. */
export function endingLine({ name, flags }: FlaggedCookie): string {
  return lineOf(`${name}=`, flags, 0);
}

function lineOf(pair: string, flags: string, seconds: number): string {
  return [pair, `Path=${TRIAL_PATH}`, `Max-Age=${seconds}`, ...(flags === '' ? [] : [flags])].join('; ');
}

/** The cookies of a Cookie field or of `document.cookie` (RFC 6265, 5.4), by name; of two alike the first. */
export function cookiesIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pair of text.split(';')) {
    const [name = '', ...rest] = pair.trim().split('=');
    if (rest.length > 0 && !found.has(name)) found.set(name, rest.join('='));
  }
  return found;
}
