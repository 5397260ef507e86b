import type { CookieTrial, Observation, Presence, Way } from './trials.ts';

/** Seconds; "Lax-allowing-unsafe" enforcement (RFC 6265bis) recommends two minutes or less. */
const EXCEPTION_SECONDS = 120;

/** Why it came as it came, in HTML: of what was seen, never of what should have been. */
export function reasonFor(way: Way, trial: CookieTrial): string {
  const observation = trial.observations.get(way);
  return observation ? REASONS[way](observation, trial) : '';
}

const REASONS: Readonly<Record<Way, (seen: Observation, trial: CookieTrial) => string>> = {
  'from-https': (seen, { setOver }) =>
    setOver === 'http' && isAbsent(seen, 'secure')
      ? 'The cookies were set over HTTP. Over TLS it would be sent: the browser never kept <code>secure</code>, since a cookie with Secure can be set over TLS only.'
      : '',
  'from-http': (seen) =>
    [
      'Whatever came has crossed in clear, and the stranger has it too: look at the HTTP lane for the line that begins with <code>Cookie:</code>. HttpOnly and SameSite kept nothing from the wire.',
      ...(isAbsent(seen, 'secure') ? ['Secure did: the browser sends such a cookie over TLS only.'] : []),
    ].join(' '),
  script: (seen) =>
    isAbsent(seen, 'http-only')
      ? 'A cookie with HttpOnly is not in <code>document.cookie</code>. The script can still make requests to this site, and the browser adds the cookie to them.'
      : '',
  link: (seen) =>
    came(seen, 'same-site-lax') && isAbsent(seen, 'same-site-strict')
      ? 'Another site made the browser ask. Lax lets a cookie come along when a GET changes what is in the address bar; Strict does not.'
      : '',
  form: (seen) =>
    [
      ...(isAbsent(seen, 'same-site-lax')
        ? ['Another site made the browser post. Lax and Strict keep a cookie back from that.']
        : []),
      withoutSameSite(seen),
    ].join(' '),
  'other-scheme': (seen) =>
    isAbsent(seen, 'same-site-strict')
      ? 'The name is the same and the scheme is not: to this browser http://piggypay.test and https://piggypay.test are two sites (“schemeful same-site”). Anybody on the wire can write into a page that came over HTTP, so a request that it begins counts as another site’s.'
      : 'This browser takes http:// and https:// of one name for one site.',
};

const NO_SAME_SITE =
  '<code>plain</code> has no SameSite, and neither have <code>secure</code> and <code>http-only</code>.';

/** What `plain` did with another site’s form: the one thing that depends on its age. */
function withoutSameSite(seen: Observation): string {
  const age = `It was ${seen.seconds} seconds old.`;
  const isYoung = seen.seconds < EXCEPTION_SECONDS;
  const presence = seen.cookies.get('plain');
  if (presence === 'present' && isYoung)
    return `${NO_SAME_SITE} ${age} Chromium treats it as Lax, but lets it come along with a POST like this for two minutes after it was set (“Lax + POST”), for the sake of logins that lead over another site. Try it again later.`;
  if (presence === 'present')
    return `${NO_SAME_SITE} ${age} It came all the same: this browser does not treat such a cookie as Lax, or makes a longer exception.`;
  if (isYoung) return `${NO_SAME_SITE} ${age} This browser treats it as Lax, without exception.`;
  return `${NO_SAME_SITE} ${age} Chromium treats it as Lax, and the exception of its first two minutes is over.`;
}

function came({ cookies }: Observation, name: string): boolean {
  return is(cookies, name, 'present');
}

function isAbsent({ cookies }: Observation, name: string): boolean {
  return is(cookies, name, 'absent');
}

function is(cookies: Observation['cookies'], name: string, presence: Presence): boolean {
  return cookies.get(name) === presence;
}
