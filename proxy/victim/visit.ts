import type { ConnectionId, LoginResult } from '#contract';
import type { VictimClient } from './request.ts';
import { postJson } from './session.ts';
import type { StrictTransport } from './strict-transport.ts';

export interface VisitRequest {
  /** The name as it is typed: without a scheme, which means HTTP. */
  readonly host: string;
  readonly mobile: string;
  readonly password: string;
}

/** How the victim came to an address: `typed`, `redirected` by an answer, or `known` as one for HTTPS only (HSTS). */
export interface Step {
  readonly url: string;
  readonly by: 'typed' | 'redirected' | 'known';
}

/** How the login went at the last of these addresses. */
export interface VisitAnswer extends Omit<LoginResult, 'connection'> {
  /** Those that were asked; a step that never left the victim (`known`) is one of its own. */
  readonly steps: readonly Step[];
  /** What the address bar says at the end. */
  readonly address: string;
  readonly connections: readonly ConnectionId[];
}

/** What came of the requests on one connection: where they lead to, or how the login went. */
type Leg = { readonly ok: true; readonly next: string } | Omit<LoginResult, 'requests' | 'connection'>;

/** Opens a connection to the site for what `act` does on it, and tells what went wrong. */
export type Reach = (
  scheme: 'http' | 'https',
  act: (client: VictimClient) => Promise<Leg>,
) => Promise<Leg & { readonly requests: number; readonly connection?: ConnectionId }>;

// Chromium follows 20; nobody here leads on more than once.
const mostSteps = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Types a name without `https://`, follows redirects as a browser does, but within the site, and logs in where that
 * ends. What the memory knows as a site for HTTPS only is never asked over HTTP (RFC 6797, 8.3).
 */
export async function visit(
  { host, mobile, password }: VisitRequest,
  memory: StrictTransport,
  reach: Reach,
): Promise<VisitAnswer> {
  const steps: Step[] = [];
  const connections: ConnectionId[] = [];
  let requests = 0;
  let asked: Step = { url: `http://${host}/`, by: 'typed' };
  for (;;) {
    const written = new URL(asked.url);
    const url = memory.upgrade(written);
    steps.push(asked, ...(url === written ? [] : [{ url: url.href, by: 'known' } as const]));
    const scheme = url.protocol === 'https:' ? 'https' : 'http';
    const { connection, requests: sent, ...leg } = await reach(scheme, (client) => open(client, url));
    requests += sent;
    if (connection !== undefined) connections.push(connection);
    const soFar = { requests, steps, address: url.href, connections };
    if (!('next' in leg)) return { ...leg, ...soFar };
    const next = follow(leg.next, url);
    if (next === undefined || steps.length >= mostSteps)
      return { ok: false, error: notFollowed(leg.next), ...soFar };
    asked = { url: next, by: 'redirected' };
  }

  async function open(client: VictimClient, url: URL): Promise<Leg> {
    const page = await client.send('GET', url.pathname + url.search, { Accept: 'text/html' });
    memory.note(url, page.headers['strict-transport-security']);
    const { location } = page.headers;
    if (redirects.has(page.status) && location !== undefined) return { ok: true, next: location };
    const { status, headers, answer } = await postJson(client, '/api/v1/login', { mobile, password });
    const cookie = headers['set-cookie']?.map((line) => line.split(';', 1)[0]).join('; ');
    if (status === 200 && cookie !== undefined)
      await client.send('GET', '/api/v1/balance', { Accept: 'application/json', Cookie: cookie });
    const { name } = answer;
    return { ok: status === 200, status, ...(typeof name === 'string' ? { name } : {}) };
  }

  /** Within the site only, over HTTP or HTTPS at their own ports. */
  function follow(location: string, from: URL): string | undefined {
    const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    const isSite = to?.hostname === host && to.port === '' && /^https?:$/.test(to.protocol);
    return isSite ? to.href : undefined;
  }
}

function notFollowed(location: string): NonNullable<LoginResult['error']> {
  return {
    code: 'redirect-not-followed',
    message: `the site leads to ${location.slice(0, 200)}, and this victim follows no further`,
  };
}
