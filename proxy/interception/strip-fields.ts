import type { RawHeaders } from './headers.ts';

/** What of an answer's head is no longer as the site wrote it. */
export interface StrippedField {
  readonly name: string;
  readonly before: string;
  /** Absent where the field was left out. */
  readonly after?: string;
}

export interface Stripped {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly changes: readonly StrippedField[];
}

// In front of the name of a cookie that was Secure. Over HTTP a browser takes none whose name begins with `__Secure-` or
// `__Host-`, and none that has the name of a Secure one it holds already (RFC 6265bis, 4.1.3 and 5.7).
const plainly = 'plain-';

// Whatever would have a browser go over to TLS by itself from now on (RFC 6797; RFC 7838).
const leftOut: ReadonlySet<string> = new Set(['strict-transport-security', 'alt-svc']);

/** Addresses of this site over TLS, in text: `https://` and `wss://`, slashes escaped or not, the usual port or none. */
export function addressesOf(host: string): RegExp {
  const name = host.replaceAll('.', '\\.');
  return new RegExp(`(http|ws)s:(\\\\?/\\\\?/)${name}(?::443)?(?![a-z0-9_-]|\\.[a-z0-9]|:[0-9]|@)`, 'gi');
}

/** The same text with these addresses over HTTP. */
export function withoutTls(text: string, host: string): string {
  return text.replace(
    addressesOf(host),
    (_address, scheme: string, slashes: string) => `${scheme}:${slashes}${host}`,
  );
}

/** The answer's fields for a victim that is to stay on HTTP, in their order. */
export function stripAnswer(raw: readonly (readonly [string, string])[], host: string): Stripped {
  const fields: [string, string][] = [];
  const changes: StrippedField[] = [];
  for (const [name, before] of raw) {
    const after = stripField(name.toLowerCase(), before, host);
    if (after !== undefined) fields.push([name, after]);
    if (after !== before) changes.push({ name, before, ...(after === undefined ? {} : { after }) });
  }
  return { fields, changes };
}

function stripField(name: string, value: string, host: string): string | undefined {
  if (leftOut.has(name)) return undefined;
  if (name === 'set-cookie') return withoutSecure(value);
  if (name.startsWith('content-security-policy')) return withoutTls(withoutUpgrade(value), host);
  return withoutTls(value, host);
}

/** A cookie that a browser takes and sends over HTTP, under a name of its own; others as they are. */
function withoutSecure(cookie: string): string {
  const [pair = '', ...attributes] = cookie.split(';');
  const isSecure = attributes.some((attribute) => attribute.trim().toLowerCase() === 'secure');
  if (!isSecure) return cookie;
  const kept = attributes.filter(
    // A cookie for other sites' pages has to be Secure.
    (attribute) => !/^\s*(secure|samesite\s*=\s*none)\s*$/i.test(attribute),
  );
  return [plainly + pair.trimStart(), ...kept].join(';');
}

/** Of an address of this site; those of others stay. */
function withTls(address: string, host: string): string {
  const [, name, rest = ''] = /^http:\/\/([^/?#:]+)(?::80)?((?:[/?#].*)?)$/i.exec(address) ?? [];
  return name?.toLowerCase() === host ? `https://${host}${rest}` : address;
}

function withoutUpgrade(policy: string): string {
  return policy
    .split(';')
    .filter((directive) => directive.trim().toLowerCase() !== 'upgrade-insecure-requests')
    .join(';');
}

/**
 * The victim's field lines for the site: it is to notice nothing of a page over HTTP, and to send what can be read. The
 * body's own length and coding are not touched.
 */
export function restoreRequest(raw: RawHeaders, host: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]];
    const field = restoreField(name.toLowerCase(), value, host);
    if (field !== undefined) fields.push(name, field);
  }
  return [...fields, 'Accept-Encoding', 'identity'];
}

function restoreField(name: string, value: string, host: string): string | undefined {
  switch (name) {
    // What is compressed cannot be read through, and a part of a body is not where the site counts it. The third would be
    // an odd wish over HTTPS.
    case 'accept-encoding':
    case 'range':
    case 'upgrade-insecure-requests':
      return undefined;
    case 'origin':
    case 'referer':
      return withTls(value, host);
    case 'cookie':
      return value
        .split(';')
        .map((pair) => pair.trim())
        .map((pair) => (pair.startsWith(plainly) ? pair.slice(plainly.length) : pair))
        .join('; ');
    case 'host':
      return host;
    default:
      return value;
  }
}
