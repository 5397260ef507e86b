import type { RefusalReason } from '#contract';
import type { IncomingMessage } from 'node:http';
import { isChunked, valuesOf } from './headers.ts';
import type { EngineRoute, Refusal } from './messages.ts';
import { readAbsoluteForm, readAuthority, type Authority, type RouteTable } from './route-table.ts';

/** A request turned away, with a status in any case: nobody has been told anything yet. */
export type Denial = Refusal & { readonly status: number };

export type Admission = { readonly route: EngineRoute; readonly path: string } | { readonly denial: Denial };

/** Whether a request in absolute form may go on, and where: to a site of the table, and under one name only. */
export function admitRequest(request: IncomingMessage, table: RouteTable, pseudonym: string): Admission {
  const { url = '', method = '', rawHeaders } = request;
  const asked = readAbsoluteForm(url, method);
  if (!asked) return deny(url, 403, 'not-for-a-proxy');
  const route = table.find(asked.authority);
  if (!route) return deny(url, 403, 'not-in-table');
  const denial = denyHosts(request, asked.authority, 80);
  if (denial) return denial;
  if (isChunked(rawHeaders) === undefined) return deny(url, 400, 'malformed');
  const hasBeenHere = valuesOf(rawHeaders, 'via').some((via) => via.includes(pseudonym));
  return hasBeenHere ? deny(url, 508, 'loop') : { route, path: asked.path };
}

/** The same for CONNECT. */
export function admitConnect(request: IncomingMessage, table: RouteTable): Admission {
  const { url = '' } = request;
  const target = readAuthority(url);
  const route = table.find(target);
  if (!route) return deny(url, 403, 'not-in-table');
  // A Host without a port means the one that was asked for.
  return denyHosts(request, target, route.port) ?? { route, path: '' };
}

// Two Host fields, even of one value, are one too many (RFC 9112, 3.2).
function denyHosts(
  { url = '', rawHeaders }: IncomingMessage,
  target: Authority | undefined,
  defaultPort: number,
): Admission | undefined {
  const hosts = valuesOf(rawHeaders, 'host');
  const other = hosts.find((host) => readAuthority(host, defaultPort) !== target);
  if (other !== undefined) return deny(url, 421, 'names-disagree', other);
  return hosts.length > 1 ? deny(url, 400, 'malformed') : undefined;
}

function deny(target: string, status: number, reason: RefusalReason, name?: string): Admission {
  return { denial: { status, reason, target, ...(name === undefined ? {} : { name }) } };
}
