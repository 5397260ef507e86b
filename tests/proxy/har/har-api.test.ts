import express from 'express';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { harRouter } from '../../../proxy/feed/har-api.ts';
import { readVector } from '../../vectors/vector.ts';
import { validHar } from './valid-har.ts';

const log = new CaptureLog({ limitBytes: 1 << 20 });
const server = express()
  .use(harRouter(log, () => '1.2.3'))
  .listen(0, '127.0.0.1');

beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
  log.begin({ routes: [] });
  const vectors = [readVector('http-login'), readVector('tls13-login')];
  for (const [index, { chunks }] of vectors.entries()) {
    const place = { vantage: 'wire', hop: 'cafe', connection: index + 1 } as const;
    log.append({
      ...{ ...place, type: 'connection-opened', transport: 'tcp', opener: 'other' },
      client: { address: '127.0.0.1', port: 50_000 + index },
      server: { name: 'piggypay.test', port: index === 0 ? 80 : 443, address: '127.0.0.1:1' },
    });
    const offsets = { 'client-to-server': 0, 'server-to-client': 0 };
    for (const { direction, bytes } of chunks) {
      const offset = offsets[direction];
      log.append({ ...place, type: 'bytes-captured', direction, offset, bytes: log.segments.store(bytes) });
      offsets[direction] += bytes.length;
    }
  }
});
afterAll(() => server.close());

function get(query: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/capture.har${query}`);
}

test.each([
  ['', 'stranger'],
  ['?lens=stranger', 'stranger'],
  ['?lens=victim', 'victim'],
  ['?lens=site', 'site'],
])('%j answers a valid file under a name made here', async (query, lens) => {
  const response = await get(query);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-disposition')).toMatch(
    new RegExp(`^attachment; filename="plainsight-\\d{8}-\\d{6}-${lens}\\.har"$`),
  );
  const { log: har } = validHar(await response.text());
  expect(har.creator.version).toBe('1.2.3');
  expect(har.entries.length).toBeGreaterThan(0);
  expect(har.entries.every(({ request }) => request.url.startsWith('http://'))).toBe(true);
});

test.each(['?lens=attacker', '?lens=', '?lens=site&lens=victim', '?lens=__proto__'])(
  '%j is refused',
  async (query) => {
    const response = await get(query);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'bad-lens' } });
  },
);
