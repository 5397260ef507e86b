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
  const start = bytes.toString('latin1', 0, longestMethod + 1);
  if (/^[A-Z]+$/.test(start) && start.length <= longestMethod) return 'incomplete';
  if (!/^[A-Z]+ /.test(start)) return { protocol: 'other', names: [] };
  const [head, body] = bytes.toString('latin1').split(/\r?\n\r?\n/, 2);
  if (body === undefined) return 'incomplete';
  const names = namesInHead(head ?? '');
  return names === 'malformed' ? names : { protocol: 'http', names };
}

function namesInHead(head: string): string[] | 'malformed' {
  const [requestLine = '', ...fields] = head.split(/\r?\n/);
  const [method = '', target = ''] = requestLine.split(' ');
  const absolute = readAbsoluteForm(target, method);
  const hosts = fields.flatMap((field) => {
    const value = /^host[ \t]*:(.*)$/i.exec(field)?.[1]?.trim();
    return value === undefined ? [] : [readAuthority(value, 80) ?? value];
  });
  // Two Host fields, even of one value, are one too many (RFC 9112, 3.2).
  if (hosts.length > 1) return 'malformed';
  return [...(absolute ? [absolute.authority ?? target] : []), ...hosts];
}
