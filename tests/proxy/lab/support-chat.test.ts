import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ChatAnswer, Findings, LogEvent } from '#contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { capturedBytes, startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { recordPipe, type PipeRecorder } from '../../support/pipe-recorder.ts';
import { TestViewer } from '../../support/viewer.ts';

const DIRECTIONS = ['client-to-server', 'server-to-client'] as const;
let lab: LabProcess;
/** Between the relay and the site, in front of each twin. */
let atSite: Record<'ws' | 'wss', PipeRecorder>;

const sitePort = (port: number) => {
  const route = lab.lab.routes.find((one) => one.name === 'piggypay.test' && one.port === port);
  return Number(route?.address.split(':')[1]);
};

beforeAll(async () => {
  atSite = { ws: await recordPipe(() => sitePort(80)), wss: await recordPipe(() => sitePort(443)) };
  lab = await startLabProcess([
    ...['--route', `chat.test:80=127.0.0.1:${atSite.ws.port}`],
    ...['--route', `chat.test:443=127.0.0.1:${atSite.wss.port}`],
  ]);
});
afterAll(async () => {
  await lab.stop();
  for (const pipe of Object.values(atSite)) pipe.close();
});
beforeEach(() => lab.call('POST', '/api/reset', {}));

/** What a client's frames say, their masks taken off (RFC 6455, 5.2 and 5.3); short frames only. */
function unmasked(frames: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < frames.length;) {
    const length = frames.readUInt8(at + 1) & 0x7f;
    const mask = frames.subarray(at + 2, at + 6);
    const payload = frames.subarray(at + 6, at + 6 + length);
    const opcode = frames.readUInt8(at) & 0x0f;
    if (opcode === 1) texts.push(Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))).toString());
    at += 6 + length;
  }
  return texts;
}

test('the victim says a line on both sites and tells what was answered', async () => {
  const line = 'Is my balance safe with you?';
  const { status, body } = await lab.call('POST', '/api/victim/chat', { text: line, site: 'both' });
  expect(status).toBe(200);
  const { http, https } = body as Required<ChatAnswer>;
  const reply = 'Log in on this site first, then I can see your account.';
  expect(http).toEqual({ ok: true, reply, connection: expect.any(Number) as number });
  expect(https).toEqual({ ok: true, reply, connection: expect.any(Number) as number });

  const events = await lab.events();
  const stream = (connection: number | undefined, direction: string) =>
    capturedBytes(events, connection ?? 0, direction);
  const said = stream(http.connection, 'client-to-server');
  const endOfHead = said.indexOf('\r\n\r\n') + 4;
  expect(said.subarray(0, endOfHead).toString()).toMatch(/^GET \/support HTTP\/1\.1\r\n/);
  // Masked by the client, the line is nowhere in the bytes as they are; the answer is.
  expect(said.includes(line)).toBe(false);
  expect(unmasked(said.subarray(endOfHead))).toEqual([line]);
  expect(stream(http.connection, 'server-to-client').includes(reply)).toBe(true);
  for (const direction of DIRECTIONS) {
    const sealed = stream(https.connection, direction);
    expect(sealed.length).toBeGreaterThan(500);
    for (const text of [line, reply, 'Upgrade', '/support']) expect(sealed.includes(text)).toBe(false);
  }
});

test('a chat is one request that the site handled, answered with 101, and no secret was entered', async () => {
  await lab.call('POST', '/api/victim/chat', { text: 'Hello', site: 'both' });
  const events = await lab.events();
  const handled = events.filter((event) => event.type === 'request-handled');
  expect(handled.map(({ path, status, count }) => [path, status, count])).toEqual([
    ['/support', 101, 1],
    ['/support', 101, 2],
  ]);
  expect(events.some(({ type }) => type === 'secret-entered')).toBe(false);
  const closed = events.filter((event) => event.type === 'connection-closed' && event.hop === 'cafe');
  expect(closed).toHaveLength(2);
  for (const event of closed) expect(event).toMatchObject({ how: 'end' });
});

test('a chat after a login is not taken for the login', async () => {
  const login = { mobile: '9800000012', password: 'monsoon-42', site: 'both' };
  const { http, https } = (await lab.call('POST', '/api/victim/login', login)).body as Required<ChatAnswer>;
  await lab.call('POST', '/api/victim/chat', { text: 'x'.repeat(300), site: 'both' });
  const { lanes } = (await lab.call('GET', '/api/findings')).body as Findings;
  expect(new Set(lanes.http.findings.map(({ connection }) => connection))).toEqual(
    new Set([http.connection]),
  );
  expect(new Set(lanes.https.findings.map(({ connection }) => connection))).toEqual(
    new Set([https.connection]),
  );
});

test.each([
  ['ws', 80],
  ['wss', 443],
] as const)(
  'over %s, what the client sent, what the log holds and what the site received are the same bytes, both ways',
  async (scheme, port) => {
    const listen =
      lab.lab.routes.find((route) => route.name === 'chat.test' && route.port === port)?.listen ?? 0;
    const atClient = await recordPipe(() => listen);
    // `servername` is Node's; the types of ws leave it out.
    const options: ClientOptions & { servername: string } = {
      headers: { Host: 'piggypay.test' },
      servername: 'piggypay.test',
      ca: readFileSync(lab.lab.ca),
    };
    const socket = new WebSocket(`${scheme}://127.0.0.1:${atClient.port}/support`, options);
    await once(socket, 'message');
    for (let size = 1; size <= 16_384; size *= 4) {
      const answer = once(socket, 'message');
      socket.send('é'.repeat(size / 2));
      await answer;
    }
    const closed = closedEvents('chat.test');
    socket.close();
    const events = await closed;
    atClient.close();
    for (const direction of DIRECTIONS) {
      const logged = createHash('sha256')
        .update(capturedBytes(events, 1, direction))
        .digest('hex');
      expect(logged).toBe(atClient.sha256(direction));
      expect(logged).toBe(atSite[scheme].sha256(direction));
    }
    expect(atClient.bytes('client-to-server').length).toBeGreaterThan(20_000);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  },
);

/** The log, once the first connection of this name has closed. */
async function closedEvents(name: string): Promise<LogEvent[]> {
  const viewer = new TestViewer(lab.lab);
  await viewer.until(({ events }) =>
    events.some(
      (event) =>
        event.type === 'connection-closed' &&
        events.some(
          (other) =>
            other.type === 'connection-opened' &&
            other.connection === event.connection &&
            other.server.name === name,
        ),
    ),
  );
  viewer.close();
  return viewer.events;
}

test('a reset in the middle of a chat is told to whoever asked for it', async () => {
  const chat = lab.call('POST', '/api/victim/chat', { text: 'Hello', site: 'both' });
  const viewer = new TestViewer(lab.lab);
  await viewer.until(({ events }) => events.some((event) => event.type === 'connection-opened'));
  viewer.close();
  await lab.call('POST', '/api/reset', {});
  const { http, https } = (await chat).body as Required<ChatAnswer>;
  for (const result of [http, https]) {
    if (!result.ok) expect(result.error?.code).toBe('reset');
  }
  expect((await lab.events()).map(({ type }) => type)).toEqual(['epoch-started']);
});

test('a bad call gets a status, a code, and a hint that does not repeat what was typed', async () => {
  for (const body of [
    {},
    { text: '', site: 'both' },
    { text: '   ', site: 'both' },
    { text: 'x'.repeat(501), site: 'both' },
    { text: 'canary', site: 'ftp' },
    { text: 7, site: 'http' },
  ]) {
    const answer = await lab.call('POST', '/api/victim/chat', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad-chat-request' } } });
    expect(JSON.stringify(answer.body)).not.toContain('canary');
  }
  const login = { mobile: '1', password: '2', site: 'both', resolve: 'carrier pigeon' };
  expect((await lab.call('POST', '/api/victim/login', login)).status).toBe(400);
});
