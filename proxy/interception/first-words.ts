import { readServerName } from './client-hello.ts';
import { readAbsoluteForm, readAuthority, type Authority } from './route-table.ts';

/**
 * What the first bytes in a tunnel say about where they are going. `names` are authorities where they can be read
 * as such; empty where nothing was named, which contradicts nobody.
 */
export type FirstWords =
  | 'incomplete'
  | 'malformed'
  | { readonly protocol: 'tls' | 'http' | 'other'; readonly names: readonly string[] };

const longestMethod = 20;
// A method is a token (RFC 9110, 5.6.2 and 9.1), in any case.
const method = `[!#$%&'*+.^_\`|~0-9A-Za-z-]{1,${longestMethod}}`;
const mayBeMethod = new RegExp(`^${method}([ \\t]|$)`);
// Whichever protocol the version names: parsers take some besides HTTP for it.
const requestLine = new RegExp(`^${method}[ \\t].*[A-Za-z]/[0-9]`);

/** Reads a ClientHello's server name or the names in the head of an HTTP request; of any other protocol, nothing. */
export function readFirstWords(bytes: Buffer, target: Authority): FirstWords {
  if (bytes.length === 0) return 'incomplete';
  const port = Number(target.split(':')[1]);
  if (bytes[0] === 0x16) {
    const said = readServerName(bytes);
    if (typeof said === 'string') return said;
    // A server name comes without a port.
    const names = said.name === undefined ? [] : [readAuthority(said.name, port) ?? said.name];
    return { protocol: 'tls', names };
  }
  // Servers read past empty lines before a request (RFC 9112, 2.2).
  const text = bytes.toString('latin1').replace(/^[\r\n]+/, '');
  if (text === '') return 'incomplete';
  const [line = '', rest] = text.split('\n', 2);
  const isHttp = rest === undefined ? mayBeMethod.test(line) : requestLine.test(line);
  if (!isHttp) return { protocol: 'other', names: [] };
  const [head, body] = text.split(/\r?\n\r?\n/, 2);
  if (body === undefined) return 'incomplete';
  const names = namesInHead(head ?? '');
  return names === 'malformed' ? names : { protocol: 'http', names };
}

function namesInHead(head: string): string[] | 'malformed' {
  const [first = '', ...fields] = head.split(/\r?\n/);
  const [verb = '', target = ''] = first.split(' ');
  const absolute = readAbsoluteForm(target, verb);
  const hosts = fields.flatMap((field) => {
    const value = /^host[ \t]*:(.*)$/i.exec(field)?.[1]?.trim();
    return value === undefined ? [] : [readAuthority(value, 80) ?? value];
  });
  // Two Host fields, even of one value, are one too many (RFC 9112, 3.2).
  if (hosts.length > 1) return 'malformed';
  return [...(absolute ? [absolute.authority ?? target] : []), ...hosts];
}
