import { parseRequest, type RequestHeader, type RequestParts } from './request-parts.ts';
import { isPlain, printed, quoted, singleQuoted } from './shell-quote.ts';

/** Where a request was sent, as the victim named it, and where that is found on this machine. */
export interface RequestPlace {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  readonly port: number;
  /** The loopback port that stands for it. */
  readonly listen: number;
  /** Path of the CA that vouches for it over HTTPS. */
  readonly ca: string;
}

// Linux takes no argument longer than 128 KiB.
const LONGEST_ARGUMENT = 100 * 1024;

/** Characters of a target that curl sends as they stand. */
const PLAIN_TARGET = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*$/;
/** Segments that curl would resolve before it asks. */
const DOT_SEGMENT = /\/\.{1,2}(\/|\?|$)/;
/** RFC 9110, 5.6.2. Anything else is no header's name, and a line that begins with `@` would name a file to curl. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The command line for a POSIX shell with which curl sends the same request again, under the name that the victim
 * used, to loopback and nowhere else. Undefined where the bytes are no whole request or hold what no argument can (NUL in the head).
 */
export function curlCommand(bytes: Uint8Array, place: RequestPlace): string | undefined {
  const request = parseRequest(bytes);
  if (!request || !TOKEN.test(request.method) || request.target.includes('\0')) return undefined;
  const word = (text: string) => quoted(latin1Bytes(text));
  const authority = authorityOf(place);
  const isDirect = PLAIN_TARGET.test(request.target) && !DOT_SEGMENT.test(request.target);
  const url = `${place.scheme}://${authority}${isDirect ? request.target : '/'}`;

  const lines = [`curl ${word(url)}`, ...wayTo(place), ...methodOf(request)];
  if (/[[\]{}]/.test(url)) lines.push('--globoff');
  if (!isDirect) lines.push(`--request-target ${word(request.target)}`);
  if (request.version === 'HTTP/1.0') lines.push('--http1.0');
  else if (place.scheme === 'https') lines.push('--http1.1');
  for (const header of sentHeaders(request, authority)) lines.push(`-H ${word(header)}`);

  const { body, hasBody } = request;
  if (!hasBody) return lines.join(' \\\n  ');
  if (isPlain(body, true) && body.length <= LONGEST_ARGUMENT) {
    return [...lines, `--data-raw ${singleQuoted(body)}`].join(' \\\n  ');
  }
  return `${printed(body)} | ${[...lines, '--data-binary @-'].join(' \\\n  ')}`;
}

/** Whatever the name is elsewhere, and whatever proxy this machine uses. */
function wayTo({ scheme, listen, ca }: RequestPlace): readonly string[] {
  const way = [`--connect-to '::127.0.0.1:${String(listen)}'`, "--noproxy '*'"];
  return scheme === 'https' ? [...way, `--cacert ${quoted(new TextEncoder().encode(ca))}`] : way;
}

function methodOf({ method, hasBody }: RequestParts): readonly string[] {
  if (method === 'HEAD' && !hasBody) return ['--head'];
  if (method === (hasBody ? 'POST' : 'GET')) return [];
  return [`-X ${quoted(latin1Bytes(method))}`];
}

/** What curl would not send by itself, and an empty line for each header that it would add. */
function sentHeaders({ headers, hasBody }: RequestParts, authority: string): readonly string[] {
  const has = (name: string) => headers.some((header) => header.name.toLowerCase() === name);
  const isSent = ({ name, value }: RequestHeader) => {
    if (!TOKEN.test(name) || value.includes('\0')) return false;
    const lower = name.toLowerCase();
    return !(lower === 'host' && value === authority) && lower !== 'content-length';
  };
  const sent = headers
    .filter(isSent)
    .map(({ name, value }) => (value === '' ? `${name};` : `${name}: ${value}`));
  const silenced = ['User-Agent', 'Accept', ...(hasBody ? ['Content-Type'] : [])].filter(
    (name) => !has(name.toLowerCase()),
  );
  return [...sent, ...silenced.map((name) => `${name}:`)];
}

function authorityOf({ scheme, name, port }: RequestPlace): string {
  const host = name.includes(':') ? `[${name}]` : name;
  return port === (scheme === 'http' ? 80 : 443) ? host : `${host}:${String(port)}`;
}

function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}
