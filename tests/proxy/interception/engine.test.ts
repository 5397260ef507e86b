import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../../support/own-servers.ts';
import { deafPort } from '../../support/ports.ts';
import { hasTool } from '../../support/tools.ts';
import { Engine } from '../../../proxy/interception/engine.ts';
import { defaultLimits } from '../../../proxy/interception/explicit-proxy.ts';
import { RouteTable } from '../../../proxy/interception/route-table.ts';
import {
  answering,
  clientHello,
  closed,
  exchange,
  openDoor,
  openTunnel,
  startProxy,
  type Door,
  type RunningProxy,
} from './harness.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const home = process.cwd();
let scratch: string;
let good: Door;
let running: RunningProxy;

// The engine's process starts in a folder like the one the library looks for, with a CA that it cannot read.
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'engine-test-'));
  const folder = join(scratch, 'inner', '.http-mitm-proxy');
  for (const name of ['certs', 'keys']) mkdirSync(join(folder, name), { recursive: true });
  if (hasTool('openssl')) {
    const { key, certificate } = selfSigned(scratch, 'ec');
    writeFileSync(join(folder, 'certs/ca.pem'), readFileSync(certificate));
    writeFileSync(join(folder, 'keys/ca.private.key'), readFileSync(key));
    writeFileSync(join(folder, 'keys/ca.public.key'), '');
  }
  process.chdir(join(scratch, 'inner'));
  good = await openDoor(answering(ok));
  running = await startProxy({ 'own.test:80': good.port, 'own.test:443': good.port });
});
afterAll(async () => {
  await running.proxy.close();
  await good.close();
  process.chdir(home);
  rmSync(scratch, { recursive: true });
});

const onDisk = () =>
  readdirSync(scratch, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${entry.isFile() ? sha256(readFileSync(path)) : ''}`;
    })
    .toSorted();
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const get = (port: number, path = '/') =>
  exchange(port, `GET http://own.test${path} HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n`);

/** The same process still serves. */
async function expectAlive(pid: number | undefined): Promise<void> {
  expect((await get(running.port)).answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
  expect(running.proxy.pid).toBe(pid);
}

describe('nothing that is asked for', () => {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  const hostile: [what: string, bytes: string, answer: RegExp][] = [
    [
      'a name that every object has, then TLS',
      'CONNECT constructor:443 HTTP/1.1\r\nHost: constructor:443\r\n\r\n\x16',
      / 403 /,
    ],
    ['the prototype, then TLS', 'CONNECT __proto__:443 HTTP/1.1\r\nHost: __proto__:443\r\n\r\n\x16', / 403 /],
    ['a path', 'CONNECT ../../x:443 HTTP/1.1\r\nHost: ../../x:443\r\n\r\n\x16', / 40[03] /],
    ['the name of the CA', 'CONNECT ca:443 HTTP/1.1\r\nHost: ca:443\r\n\r\n\x16', / 403 /],
    ['a target without a port', 'CONNECT own.test HTTP/1.1\r\nHost: own.test\r\n\r\n', / 403 /],
    ['a tunnel to an address', 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n', / 403 /],
    ['a tunnel to an IPv6 address', 'CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n', / 403 /],
    [
      'a tunnel with two hosts',
      'CONNECT own.test:443 HTTP/1.1\r\nHost: own.test:443\r\nHost: own.test:443\r\n\r\n',
      / 400 /,
    ],
    ['an upgrade without Host', `GET / HTTP/1.1\r\n${upgrade}\r\n`, / 400 /],
    ['an upgrade of HTTP/1.0 without Host', `GET / HTTP/1.0\r\n${upgrade}\r\n`, / 403 /],
    ['an upgrade with half a Host', `GET / HTTP/1.1\r\nHost: [\r\n${upgrade}\r\n`, / 403 /],
    ['an upgrade of half a Host', `GET http://own.test/ HTTP/1.1\r\nHost: [\r\n${upgrade}\r\n`, / 421 /],
    ['an impossible port', 'GET / HTTP/1.1\r\nHost: x:99999\r\n\r\n', / 403 /],
    ['an impossible port in Host', 'GET http://own.test/ HTTP/1.1\r\nHost: own.test:99999\r\n\r\n', / 421 /],
    [
      'an impossible port in the target',
      'GET http://own.test:99999/ HTTP/1.1\r\nHost: own.test:99999\r\n\r\n',
      / 403 /,
    ],
    ['another name', 'GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n', / 403 /],
    ['another port', 'GET http://own.test:81/ HTTP/1.1\r\nHost: own.test:81\r\n\r\n', / 403 /],
    ['another Host', 'GET http://own.test/ HTTP/1.1\r\nHost: example.com\r\n\r\n', / 421 /],
    ['two Hosts', 'GET http://own.test/ HTTP/1.1\r\nHost: own.test\r\nHost: own.test\r\n\r\n', / 400 /],
    ['a name behind a name', 'GET http://own.test@example.com/ HTTP/1.1\r\nHost: own.test\r\n\r\n', / 403 /],
    ['https in the clear', 'GET https://own.test/ HTTP/1.1\r\nHost: own.test\r\n\r\n', / 403 /],
    [
      'coded beyond chunks',
      'POST http://own.test/ HTTP/1.1\r\nHost: own.test\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      / 400 /,
    ],
    [
      'two framings',
      'POST http://own.test/ HTTP/1.1\r\nHost: own.test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      / 400 /,
    ],
    [
      'endless headers',
      `GET http://own.test/ HTTP/1.1\r\nHost: own.test\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      / 431 /,
    ],
    ['TLS to the proxy itself', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00', / 400 /],
    ['garbage', '\x00\xff\x00\xff\r\n\r\n', / 400 /],
  ];

  test.each(hostile)('ends the process, dials or writes: %s', async (_what, bytes, expected) => {
    const before = { dials: good.dials(), disk: onDisk(), pid: running.proxy.pid };
    expect((await exchange(running.port, bytes, { end: true })).answer).toMatch(expected);
    expect(good.dials()).toBe(before.dials);
    await expectAlive(before.pid);
    expect(onDisk()).toEqual(before.disk);
  });

  test('leads back into the proxy, nor to the dashboard', async () => {
    const { pid } = running.proxy;
    for (const host of [`127.0.0.1:${running.port}`, `localhost:${running.port}`, '127.0.0.1:7878']) {
      for (const bytes of [
        `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
        `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
        `GET http://own.test/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
        `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      ]) {
        expect((await exchange(running.port, bytes, { end: true })).answer).toMatch(/ (403|421) /);
      }
    }
    await expectAlive(pid);
  });

  test('goes round in a circle: a request that was here before is turned away', async () => {
    const port = running.port;
    const looping = await startProxy({ 'loop.test:80': port });
    // From one proxy to the other and back.
    running.proxy.route([
      { name: 'own.test', port: 80, listen: good.port },
      { name: 'own.test', port: 443, listen: good.port },
      { name: 'loop.test', port: 80, listen: looping.port },
    ]);
    const via = `Via: 1.1 plainsight-${port}\r\n`;
    const { answer } = await exchange(port, `GET http://own.test/ HTTP/1.1\r\nHost: own.test\r\n${via}\r\n`);
    expect(answer).toMatch(/ 508 /);
    expect(
      (await exchange(port, 'GET http://loop.test/ HTTP/1.1\r\nHost: loop.test\r\nConnection: close\r\n\r\n'))
        .answer,
    ).toMatch(/ 403 /);
    await looping.proxy.close();
    await expect.poll(() => running.refusals.map(({ reason }) => reason)).toContain('loop');
  });
});

describe('whatever a site answers', () => {
  const answers: [what: string, bytes: string][] = [
    ['a status that cannot be written', 'HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['no HTTP', 'hello\r\n\r\n'],
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['less than it announced', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok'],
    ['half a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok'],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    [
      'a switch nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    ],
  ];

  test.each(answers)(
    '%s: the client sees it broken off, not a word of ours, and the engine lives',
    async (_what, bytes) => {
      const { pid } = running.proxy;
      const site = await openDoor(answering(bytes));
      const bad = await startProxy({ 'own.test:80': site.port });
      const badPid = bad.proxy.pid;
      const { answer } = await get(bad.port);
      expect(answer).not.toMatch(/ERROR|Error|plainsight:/);
      expect(answer).not.toMatch(/0\r\n\r\n$/);
      const [, body = ''] = answer.split('\r\n\r\n');
      expect(['', 'ok', '2\r\nok\r\n']).toContain(body);
      expect(bad.proxy.pid).toBe(badPid);
      await expectAlive(pid);
      await bad.proxy.close();
      await site.close();
    },
  );

  test('an answer that ends with the connection is whole', async () => {
    const site = await openDoor(answering('HTTP/1.1 200 OK\r\n\r\nok'));
    const proxied = await startProxy({ 'own.test:80': site.port });
    expect((await get(proxied.port)).answer).toMatch(/\r\n2\r\nok\r\n0\r\n\r\n$/);
    expect((await exchange(proxied.port, 'GET http://own.test/ HTTP/1.0\r\n\r\n')).answer).toMatch(
      /\r\n\r\nok$/,
    );
    await proxied.proxy.close();
    await site.close();
  });

  test('an answer cut short arrives as a reset where its end would have looked like a whole one', async () => {
    let cutShort: () => void = () => undefined;
    const site = await openDoor((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nok'));
      cutShort = () => socket.resetAndDestroy();
    });
    const cut = await startProxy({ 'own.test:80': site.port });
    const client = connect({ port: cut.port, host: '127.0.0.1' });
    client.write('GET http://own.test/ HTTP/1.0\r\n\r\n');
    let answer = '';
    client.on('data', (chunk) => (answer += chunk.toString()));
    await expect.poll(() => answer).toMatch(/ok$/);
    const failed = once(client, 'error') as Promise<[NodeJS.ErrnoException]>;
    cutShort();
    expect((await failed)[0].code).toBe('ECONNRESET');
    await cut.proxy.close();
    await site.close();
  });

  test('a door that is shut breaks the connection off', async () => {
    const site = await deafPort();
    const shut = await startProxy({ 'own.test:80': site.port });
    expect((await get(shut.port)).answer).toBe('');
    expect((await get(shut.port)).answer).toBe('');
    await shut.proxy.close();
    await site.close();
  });
});

describe('a plain request', () => {
  test('goes on in origin form, its own field lines as they were and those of the connection gone', async () => {
    const asked: string[] = [];
    const site = await openDoor(
      answering((request) => {
        asked.push(request);
        return 'HTTP/1.1 201 Very Good\r\nX-CaSe: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nPublic: 1\r\nKeep-Alive: timeout=9\r\nContent-Length: 2\r\n\r\nok';
      }),
    );
    const proxied = await startProxy({ 'own.test:80': site.port });
    const { answer } = await exchange(
      proxied.port,
      'POST http://OWN.test/a?b=c HTTP/1.1\r\nHost: own.test\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\n' +
        'X-OdD: 1\r\nX-Hop: 2\r\nConnection: close, X-Hop\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 3\r\n\r\nabc',
    );
    const via = `Via: 1.1 plainsight-${proxied.port}\r\n`;
    expect(asked).toEqual([
      `POST /a?b=c HTTP/1.1\r\nHost: own.test\r\nX-OdD: 1\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 3\r\n${via}Connection: close\r\n\r\nabc`,
    ]);
    expect(answer).toBe(
      `HTTP/1.1 201 Very Good\r\nX-CaSe: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nPublic: 1\r\nContent-Length: 2\r\n${via}Connection: close\r\n\r\nok`,
    );
    await proxied.proxy.close();
    await site.close();
  });

  test('of 100 MB waits for a client that does not read, and then all of it arrives', async () => {
    const size = 100 << 20;
    const pattern = randomBytes(1 << 20);
    let written = 0;
    const site = await openDoor((socket: Socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        const more = () => {
          while (written < size) {
            written += pattern.length;
            if (!socket.write(pattern)) return;
          }
          socket.end();
        };
        socket.on('drain', more);
        more();
      });
    });
    const proxied = await startProxy({ 'own.test:80': site.port });
    const client = connect({ port: proxied.port, host: '127.0.0.1' });
    client.write('GET http://own.test/ HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n');
    client.pause();
    await expect.poll(() => written).toBeGreaterThan(0);
    // Settled when two looks in a row see the same.
    let before = -1;
    await expect.poll(() => before === (before = written), { interval: 300 }).toBe(true);
    expect(written).toBeLessThan(32 << 20);
    const hash = createHash('sha256');
    let received = 0;
    let head = Buffer.alloc(0);
    client.on('data', (chunk) => {
      if (received === 0) {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        chunk = head.subarray(end + 4);
      }
      received += chunk.length;
      hash.update(chunk);
    });
    client.resume();
    await once(client, 'close');
    const expected = createHash('sha256');
    for (let at = 0; at < size; at += pattern.length) expected.update(pattern);
    expect(received).toBe(size);
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
    await proxied.proxy.close();
    await site.close();
  });

  test('with 100 MB to send waits for a site that does not read', async () => {
    const size = 100 << 20;
    const pattern = Buffer.alloc(1 << 20, 'u');
    let resume: () => void = () => undefined;
    let received = 0;
    const site = await openDoor((socket: Socket) => {
      socket.pause();
      resume = () => {
        socket.on('data', (chunk) => {
          received += chunk.length;
          if (received >= size) socket.end(ok);
        });
        socket.resume();
      };
    });
    const proxied = await startProxy({ 'own.test:80': site.port });
    const client = connect({ port: proxied.port, host: '127.0.0.1' });
    client.write(
      `POST http://own.test/ HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`,
    );
    let written = 0;
    const more = () => {
      while (written < size) {
        written += pattern.length;
        if (!client.write(pattern)) return;
      }
    };
    client.on('drain', more);
    more();
    await expect.poll(() => site.dials()).toBe(1);
    let before = -1;
    await expect.poll(() => before === (before = written), { interval: 300 }).toBe(true);
    expect(written).toBeLessThan(32 << 20);
    resume();
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(received).toBeGreaterThanOrEqual(size);
    client.destroy();
    await proxied.proxy.close();
    await site.close();
  });
});

describe('a tunnel', () => {
  test('passes half-close on as half-close, and every byte both ways', async () => {
    const sent = randomBytes(3_000_000);
    const answer = randomBytes(3_000_000);
    const received: Buffer[] = [];
    const site = await openDoor((socket) => {
      socket.on('data', (chunk) => received.push(chunk));
      socket.on('end', () => socket.end(answer));
    });
    const proxied = await startProxy({ 'own.test:9000': site.port });
    const { socket, head } = await openTunnel(proxied.port, 'own.test:9000');
    expect(head).toBe('HTTP/1.1 200 Connection Established\r\n\r\n');
    const delivered: Buffer[] = [];
    socket.on('data', (chunk) => delivered.push(chunk));
    sent[0] = 0;
    socket.end(sent);
    await closed(socket);
    expect(sha256(Buffer.concat(received))).toBe(sha256(sent));
    expect(sha256(Buffer.concat(delivered))).toBe(sha256(answer));
    await proxied.proxy.close();
    await site.close();
  });

  test('delivers what was sent even where the site has had its say before it reads', async () => {
    // As much as the systems of both ends take in unread.
    const sent = Buffer.alloc(300_000, 'u');
    let read: () => void = () => undefined;
    let received = 0;
    const site = await openDoor((socket) => {
      socket.pause();
      socket.end('bye');
      read = () => socket.on('data', (chunk) => (received += chunk.length)).resume();
    });
    const proxied = await startProxy({ 'own.test:9000': site.port });
    const { socket, head } = await openTunnel(proxied.port, 'own.test:9000');
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    sent[0] = 0;
    socket.end(sent);
    await closed(socket);
    read();
    await expect.poll(() => received).toBe(sent.length);
    await proxied.proxy.close();
    await site.close();
  });

  test('passes a reset on as a reset, whoever resets', async () => {
    const ends: Promise<unknown>[] = [];
    const site = await openDoor((socket) => {
      ends.push(
        new Promise((resolve) => socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))),
      );
      socket.once('data', (chunk) => {
        if (chunk[0] === 1) socket.resetAndDestroy();
        else socket.write('here');
      });
    });
    const proxied = await startProxy({ 'own.test:9000': site.port });
    const first = await openTunnel(proxied.port, 'own.test:9000');
    first.socket.write(Buffer.from([1]));
    const [error] = (await once(first.socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    const second = await openTunnel(proxied.port, 'own.test:9000');
    second.socket.write(Buffer.from([2]));
    await once(second.socket, 'data');
    second.socket.resetAndDestroy();
    expect(await ends[1]).toBe('ECONNRESET');
    await proxied.proxy.close();
    await site.close();
  });

  test('lets a site speak first where no client does', async () => {
    const site = await openDoor((socket) => socket.write('220 own.test\r\n'));
    const proxied = await startProxy({ 'own.test:25': site.port });
    const { socket, head } = await openTunnel(proxied.port, 'own.test:25');
    const rest = head.includes('220') ? head : ((await once(socket, 'data')) as [Buffer])[0].toString();
    expect(rest).toContain('220 own.test');
    socket.destroy();
    await proxied.proxy.close();
    await site.close();
  });

  test('of a hello in single bytes reaches the site whole; of half a hello nothing does', async () => {
    const hello = await clientHello('own.test');
    const received: Buffer[] = [];
    const site = await openDoor((socket) => socket.on('data', (chunk) => received.push(chunk)));
    const proxied = await startProxy({ 'own.test:443': site.port });
    const { socket } = await openTunnel(proxied.port, 'own.test:443');
    socket.setNoDelay(true);
    for (const byte of hello.subarray(0, -1)) socket.write(Buffer.from([byte]));
    expect(site.dials()).toBe(0);
    socket.write(hello.subarray(-1));
    await expect.poll(() => Buffer.concat(received).length).toBe(hello.length);
    expect(Buffer.concat(received)).toEqual(hello);
    socket.destroy();
    const half = await openTunnel(proxied.port, 'own.test:443');
    half.socket.end(hello.subarray(0, 100)).resume();
    await closed(half.socket);
    expect(site.dials()).toBe(1);
    await proxied.proxy.close();
    await site.close();
  });
});

describe('its limits', () => {
  // In milliseconds; long enough to ask for a tunnel on a busy machine.
  const soon = 1500;

  test('whoever does not finish a head, or does not begin in a tunnel, is let go of', async () => {
    const slow = await startProxy({ 'own.test:443': good.port }, { limits: { headerMilliseconds: soon } });
    const dials = good.dials();
    expect((await exchange(slow.port, 'GET http://own.test/ HTTP/1.1\r\nHo')).answer).toMatch(
      /^(HTTP\/1\.1 408 |$)/,
    );
    const { socket } = await openTunnel(slow.port, 'own.test:443');
    socket.write(Buffer.from('160301', 'hex'));
    await closed(socket);
    expect(good.dials()).toBe(dials);
    await expect.poll(() => slow.refusals.map(({ reason }) => reason)).toEqual(['too-slow']);
    await slow.proxy.close();
  });

  test('whoever says nothing for long is let go of', async () => {
    const site = await openDoor((socket) => socket.resume());
    const idle = await startProxy(
      { 'own.test:9000': site.port, 'own.test:80': site.port },
      { limits: { idleMilliseconds: soon } },
    );
    const { socket } = await openTunnel(idle.port, 'own.test:9000');
    socket.write('\x00');
    await closed(socket);
    expect((await get(idle.port)).answer).toBe('');
    await idle.proxy.close();
    await site.close();
  });

  test('whoever asks for much at once gets it in turn, and leaves nothing behind by leaving', async () => {
    let open = 0;
    const site = await openDoor((socket) => {
      open += 1;
      socket.once('close', () => (open -= 1));
      socket.on('end', () => socket.end()).resume();
    });
    const asked = await startProxy({ 'own.test:80': site.port });
    const client = connect({ port: asked.port, host: '127.0.0.1' });
    client.on('error', () => undefined);
    const line = 'GET http://own.test/ HTTP/1.1\r\nHost: own.test\r\n\r\n';
    client.write(line.repeat(16));
    await expect.poll(() => open).toBe(16);
    client.destroy();
    await expect.poll(() => open).toBe(0);
    const pid = asked.proxy.pid;
    await exchange(asked.port, line.repeat(5000));
    await expect.poll(() => open).toBe(0);
    expect(site.dials()).toBeLessThanOrEqual(32);
    expect(asked.proxy.pid).toBe(pid);
    await asked.proxy.close();
    await site.close();
  });

  test('whoever comes when it is full is let go of, and it goes on for the others', async () => {
    const site = await openDoor((socket) => socket.on('data', (chunk) => socket.write(chunk)));
    const full = await startProxy({ 'own.test:9000': site.port }, { limits: { connections: 3 } });
    const tunnels = [];
    for (let count = 0; count < 3; count += 1)
      tunnels.push((await openTunnel(full.port, 'own.test:9000')).socket);
    expect(
      (await exchange(full.port, 'CONNECT own.test:9000 HTTP/1.1\r\nHost: own.test:9000\r\n\r\n')).answer,
    ).toBe('');
    for (const socket of tunnels) {
      socket.write('\x00still here');
      const [echo] = (await once(socket, 'data')) as [Buffer];
      expect(echo.toString()).toBe('\x00still here');
    }
    tunnels[0]?.resetAndDestroy();
    await expect
      .poll(async () => (await exchange(full.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).answer)
      .toMatch(/ 403 /);
    await full.proxy.close();
    await site.close();
  });
});

test('of the library’s own doors none opens: no listening, no TLS server, no certificate, no file', async () => {
  const engine = new Engine({ table: new RouteTable(), limits: defaultLimits, refused: () => undefined });
  expect(() => engine.listen()).toThrow();
  expect(() => engine._createHttpsServer()).toThrow();
  const errors: unknown[] = [];
  engine.onCertificateRequired('../../x', (error) => errors.push(error));
  engine.onCertificateMissing({}, {}, (error) => errors.push(error));
  expect(errors).toEqual([expect.any(Error), expect.any(Error)]);
  expect(existsSync('.http-mitm-proxy/keys/../../x.key')).toBe(false);
  const port = await engine.open(0);
  expect((await exchange(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).answer).toMatch(/ 403 /);
  engine.close();
});
