import type { EngineRoute } from './messages.ts';

/** `name:port`, lower case, the port always there. */
export type Authority = string;

/** Which names lead where, and that nothing else leads anywhere. */
export class RouteTable {
  // A Map: in an object, `constructor` would be found.
  #routes: ReadonlyMap<Authority, EngineRoute> = new Map();

  replace(routes: readonly EngineRoute[]): void {
    this.#routes = new Map(routes.map((route) => [`${route.name}:${route.port}`, route]));
  }

  find(authority: Authority | undefined): EngineRoute | undefined {
    return authority === undefined ? undefined : this.#routes.get(authority);
  }
}

/**
 * Reads `host[:port]` (RFC 3986, 3.2) as far as the lab has use for it: names and IPv4 addresses, no user
 * information. Undefined for everything else. Without a default the port must be there, as in CONNECT's target.
 */
export function readAuthority(text: string, defaultPort?: number): Authority | undefined {
  const [, name, port] = /^([a-z0-9._-]{1,253})(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (name === undefined || (port === undefined && defaultPort === undefined)) return undefined;
  const number = Number(port ?? defaultPort);
  return number >= 1 && number <= 65_535 ? `${name.toLowerCase()}:${number}` : undefined;
}

/** Reads a request target in absolute form (RFC 9112, 3.2.2); undefined for any other form, and for `https:`. */
export function readAbsoluteForm(
  target: string,
  method: string,
): { readonly authority: Authority | undefined; readonly path: string } | undefined {
  const [, authority, rest = ''] = /^http:\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
  if (authority === undefined) return undefined;
  // OPTIONS without a path is about the server as a whole (RFC 9112, 3.2.4).
  const path = rest === '' && method === 'OPTIONS' ? '*' : rest.startsWith('/') ? rest : `/${rest}`;
  return { authority: readAuthority(authority, 80), path };
}
