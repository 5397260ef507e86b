import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type ConnectionOptions } from 'node:tls';
import type { ConnectionId, LogEvent, LoginAnswer } from '#contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startLabProcess, type LabProcess } from '../../support/lab-process.ts';

let lab: LabProcess;
beforeAll(async () => (lab = await startLabProcess()));
afterAll(() => lab.stop());
beforeEach(() => lab.call('POST', '/api/reset', {}));

function linesOf(events: readonly LogEvent[], connection: ConnectionId | undefined): string[] {
  return events.flatMap((event) =>
    event.type === 'secrets-logged' && event.connection === connection ? [event.line] : [],
  );
}

/** One request through the relay; the client's own key log, and its port. */
async function visit(
  options: ConnectionOptions = {},
): Promise<{ lines: string[]; port: number | undefined }> {
  const route = lab.lab.routes.find(({ name, port }) => name === 'piggypay.test' && port === 443);
  const client = connect({
    host: '127.0.0.1',
    port: route?.listen ?? 0,
    servername: 'piggypay.test',
    ca: readFileSync(lab.lab.ca),
    ...options,
  });
  const lines: string[] = [];
  client.on('keylog', (line: Buffer) => lines.push(line.toString().trimEnd()));
  await once(client, 'secureConnect');
  const { localPort: port } = client;
  client.end('GET / HTTP/1.1\r\nHost: piggypay.test\r\nConnection: close\r\n\r\n').resume();
  await once(client, 'close');
  return { lines, port };
}

test('each connection’s lines are joined to it, and are those of its client', async () => {
  const versions = [{}, { maxVersion: 'TLSv1.2' }, {}, { maxVersion: 'TLSv1.2' }] as const;
  const clients = await Promise.all(versions.map(visit));
  const events = await lab.events();
  for (const [index, { lines, port }] of clients.entries()) {
    const opening = events.find((event) => event.type === 'connection-opened' && event.client.port === port);
    const connection = opening?.type === 'connection-opened' ? opening.connection : 0;
    expect(lines).toHaveLength(index % 2 === 0 ? 5 : 1);
    expect(linesOf(events, connection).toSorted()).toEqual(lines.toSorted());
  }
  const logged = events.filter((event) => event.type === 'secrets-logged');
  expect(logged).toHaveLength(12);
  for (const event of logged) expect(event.vantage).toBe('site');
});

test('the keys of a login and of its lookup are told by both ends alike, none of them to the terminal', async () => {
  const login = { mobile: '9800000012', password: 'monsoon-42', site: 'both', resolve: 'doh' };
  const { https } = (await lab.call('POST', '/api/victim/login', login)).body as Required<LoginAnswer>;
  const events = await lab.events();
  const toldBy = (end: string) =>
    linesOf(
      events.filter(({ vantage }) => vantage === end),
      https.connection,
    ).toSorted();
  expect(toldBy('site')).toHaveLength(5);
  expect(toldBy('victim')).toEqual(toldBy('site'));
  const logged = events.flatMap((event) => (event.type === 'secrets-logged' ? [event.line] : []));
  expect(logged).toHaveLength(20);
  for (const line of logged) {
    const [label, clientRandom, secret = ''] = line.split(' ');
    expect(label).toMatch(/^[A-Z_0-9]+$/);
    expect(clientRandom).toMatch(/^[0-9a-f]{64}$/);
    expect(secret).toMatch(/^[0-9a-f]{96}$/);
    expect(lab.printed()).not.toContain(secret);
  }
});

test('a handshake that the client breaks off has told its keys too', async () => {
  const route = lab.lab.routes.find(({ name, port }) => name === 'piggypay.test' && port === 443);
  const client = connect({ host: '127.0.0.1', port: route?.listen ?? 0, servername: 'piggypay.test' });
  await once(client, 'error');
  await expect
    .poll(async () => (await lab.events()).some(({ type }) => type === 'handshake-failed'))
    .toBe(true);
  expect(linesOf(await lab.events(), 1).length).toBeGreaterThanOrEqual(4);
});

test('after a reset no key of before is told, however many handshakes were under way', async () => {
  for (let round = 0; round < 5; round += 1) {
    const clients = Array.from({ length: 8 }, () => visit().catch(() => undefined));
    if (round > 0) await Promise.race(clients);
    await lab.call('POST', '/api/reset', {});
    const before = (await Promise.all(clients)).flatMap((client) => client?.lines ?? []);
    // Whoever came after the reset, began after it: its lines are joined to a connection of the new capture.
    const events = await lab.events();
    const opened = new Set(
      events.flatMap((event) => (event.type === 'connection-opened' ? [event.connection] : [])),
    );
    for (const event of events) {
      if (event.type !== 'secrets-logged') continue;
      expect(opened).toContain(event.connection);
      expect(before).toContain(event.line);
    }
  }
});
