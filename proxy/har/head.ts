import { latin1 } from '#dissectors/text.ts';
import type { HarCookie, HarNamed } from './har.ts';

/** The head of an HTTP message as its lines have it (RFC 9112, 2.1). */
export interface HeadLines {
  readonly startLine: string;
  readonly headers: readonly HarNamed[];
}

// More than any server accepts.
const MOST_HEADERS = 1000;

export function headLines(head: Uint8Array): HeadLines {
  const [startLine = '', ...lines] = latin1(head)
    .replace(/^[\r\n]+/, '')
    .split(/\r?\n/);
  const headers = lines
    .filter((line) => line.includes(':'))
    .slice(0, MOST_HEADERS)
    .map((line) => {
      const colon = line.indexOf(':');
      return { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
    });
  return { startLine, headers };
}

/** The values of all fields of this name, joined (RFC 9110, 5.3); undefined without any. */
export function headerValue(headers: readonly HarNamed[], wanted: string): string | undefined {
  const values = headers.filter(({ name }) => name.toLowerCase() === wanted).map(({ value }) => value);
  return values.length > 0 ? values.join(', ') : undefined;
}

/** RFC 6265, 4.2. */
export function sentCookies(headers: readonly HarNamed[]): readonly HarCookie[] {
  return headers
    .filter(({ name }) => name.toLowerCase() === 'cookie')
    .flatMap(({ value }) => value.split(';'))
    .filter((pair) => pair.includes('='))
    .map(namedPair);
}

/** RFC 6265, 4.1. */
export function setCookies(headers: readonly HarNamed[]): readonly HarCookie[] {
  return headers
    .filter(({ name, value }) => name.toLowerCase() === 'set-cookie' && value.includes('='))
    .map(({ value }) => {
      const [pair = '', ...attributes] = value.split(';');
      const found = new Map(
        attributes.map(namedPair).map((named) => [named.name.toLowerCase(), named.value]),
      );
      const [path, domain, expires] = ['path', 'domain', 'expires'].map((name) => found.get(name));
      const until = new Date(expires ?? '');
      return {
        ...namedPair(pair),
        ...(path === undefined ? {} : { path }),
        ...(domain === undefined ? {} : { domain }),
        ...(Number.isNaN(until.getTime()) ? {} : { expires: until.toISOString() }),
        httpOnly: found.has('httponly'),
        secure: found.has('secure'),
      };
    });
}

/** `name=value`, as in cookies; `value` is empty without a `=`. */
function namedPair(pair: string): HarNamed {
  const equals = pair.indexOf('=');
  if (equals === -1) return { name: pair.trim(), value: '' };
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
}
