import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import type { VictimClient } from '../../../proxy/victim/request.ts';
import { StrictTransport } from '../../../proxy/victim/strict-transport.ts';
import { type Reach, visit } from '../../../proxy/victim/visit.ts';

type Served = { readonly status: number; readonly headers?: IncomingHttpHeaders; readonly body?: object };

/** A site that answers by scheme, method and path; what was asked of it is kept. */
function siteOf(serve: (scheme: 'http' | 'https', method: string, path: string) => Served) {
  const asked: string[] = [];
  let connections = 0;
  const reach: Reach = async (scheme, act) => {
    let requests = 0;
    const client = {
      async send(method: string, path: string, headers: Record<string, unknown> = {}) {
        requests += 1;
        const cookie = typeof headers['Cookie'] === 'string' ? ` ${headers['Cookie']}` : '';
        asked.push(`${scheme} ${method} ${path}${cookie}`);
        const { status, headers: answered = {}, body = {} } = serve(scheme, method, path);
        return { status, headers: answered, bytes: Buffer.from(JSON.stringify(body)) };
      },
    } as unknown as VictimClient;
    connections += 1;
    const connection = connections;
    return { ...(await act(client)), requests, connection };
  };
  return { asked, reach };
}

const request = { host: 'bank.test', mobile: '1', password: 'p' };
const page: Served = { status: 200 };
const loggedIn: Served = {
  ...{ status: 200, headers: { 'set-cookie': ['sid=1; Path=/'] }, body: { ok: true, name: 'Asha' } },
};
const served = (method: string): Served => (method === 'POST' ? loggedIn : page);

test('logs in where the redirect leads, with the cookie from there', async () => {
  const { asked, reach } = siteOf((scheme, method) =>
    scheme === 'http' ? { status: 301, headers: { location: 'https://bank.test/' } } : served(method),
  );
  const answer = await visit(request, new StrictTransport(), reach);
  expect(asked).toEqual([
    'http GET /',
    'https GET /',
    'https POST /api/v1/login',
    'https GET /api/v1/balance sid=1',
  ]);
  expect(answer).toEqual({
    ...{
      ok: true,
      status: 200,
      name: 'Asha',
      requests: 4,
      connections: [1, 2],
      address: 'https://bank.test/',
    },
    steps: [
      { url: 'http://bank.test/', by: 'typed' },
      { url: 'https://bank.test/', by: 'redirected' },
    ],
  });
});

test('stays on HTTP where nothing leads on', async () => {
  const { asked, reach } = siteOf((_scheme, method) => served(method));
  const answer = await visit(request, new StrictTransport(), reach);
  expect(answer).toMatchObject({ ok: true, address: 'http://bank.test/' });
  expect(asked.every((line) => line.startsWith('http '))).toBe(true);
});

test('never asks over HTTP what it knows as a site for HTTPS only, from the visit before', async () => {
  const { asked, reach } = siteOf((scheme, method) =>
    scheme === 'http'
      ? { status: 301, headers: { location: 'https://bank.test/', 'strict-transport-security': 'max-age=9' } }
      : { ...served(method), headers: { 'strict-transport-security': 'max-age=60' } },
  );
  const memory = new StrictTransport();
  await visit(request, memory, reach);
  asked.length = 0;
  const answer = await visit(request, memory, reach);
  expect(asked[0]).toBe('https GET /');
  expect(asked.some((line) => line.startsWith('http '))).toBe(false);
  expect(answer.steps).toEqual([
    { url: 'http://bank.test/', by: 'typed' },
    { url: 'https://bank.test/', by: 'known' },
  ]);
});

test.each([
  ['to another site', 'https://other.test/'],
  ['to another port', 'https://bank.test:8443/'],
  ['to no address', 'https://'],
  ['round and round', '/again'],
])('follows no redirect %s, sends no password, and says so', async (_what, location) => {
  const { asked, reach } = siteOf(() => ({ status: 302, headers: { location } }));
  const answer = await visit(request, new StrictTransport(), reach);
  expect(answer).toMatchObject({ ok: false, error: { code: 'redirect-not-followed' } });
  expect(asked.length).toBeLessThanOrEqual(5);
  expect(asked.some((line) => line.includes('POST'))).toBe(false);
});

test('tells what went wrong, and how far it had come', async () => {
  const error = { code: 'ECONNRESET', message: 'gone' };
  const answer = await visit(request, new StrictTransport(), async () => ({ ok: false, error, requests: 1 }));
  expect(answer).toEqual({
    ...{ ok: false, error, requests: 1, connections: [], address: 'http://bank.test/' },
    steps: [{ url: 'http://bank.test/', by: 'typed' }],
  });
});
