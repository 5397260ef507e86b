import { randomBytes } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import type { VictimClient, VictimResponse } from './request.ts';

// Longer than any path and any login of the lab.
const PADDED_PATH = 64;
const PADDED_LOGIN = 512;

/** Asks for a page. Padded, the request is as long for every path: the path travels in it, and its length tells. */
export function requestPage(
  client: VictimClient,
  path: string,
  { isPadded, headers = {} }: { readonly isPadded: boolean; readonly headers?: OutgoingHttpHeaders },
): Promise<VictimResponse> {
  const padding = isPadded ? { 'X-Padding': filler(PADDED_PATH - path.length) } : {};
  return client.send('GET', path, { Accept: 'text/html', ...headers, ...padding });
}

/** Sends a login. Padded, the form has one field more, and is as long for every password. */
export function postLogin(
  client: VictimClient,
  credentials: { readonly mobile: string; readonly password: string },
  { isPadded }: { readonly isPadded: boolean },
): Promise<VictimResponse> {
  return client.send(
    'POST',
    '/api/v1/login',
    { 'Content-Type': 'application/json', Accept: 'application/json' },
    isPadded ? paddedForm(credentials) : JSON.stringify(credentials),
  );
}

function paddedForm(credentials: object): string {
  const length = Buffer.byteLength(JSON.stringify({ ...credentials, padding: '' }));
  return JSON.stringify({ ...credentials, padding: filler(PADDED_LOGIN - length) });
}

function filler(length: number): string {
  return randomBytes(Math.max(0, length)).toString('hex').slice(0, Math.max(0, length));
}
