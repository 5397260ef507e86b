import type { ConnectionOpened, LogEvent, LoginAnswer } from '#contract';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { capturedBytes, startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { isTsharkMissing, tshark, tsharkFields, tsharkStream } from '../../support/tshark.ts';
import { TestViewer } from '../../support/viewer.ts';
import { Playing } from '../folds/events.ts';

const directions = ['client-to-server', 'server-to-client'] as const;
const flawed =
  '_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0';
const large = randomBytes(2 << 20);

/** Resets whoever sends `reset`; answers everybody else when they have ended, and not before. */
const ownSite = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    if (chunk.toString() === 'reset') socket.resetAndDestroy();
  });
  socket.on('end', () => socket.end(large));
});

describe.skipIf(isTsharkMissing)('tshark, where it is installed, reads the capture file', () => {
  let folder: string;
  let file: string;
  let lab: LabProcess;
  let events: LogEvent[];
  let login: Required<LoginAnswer>;
  let opened: ConnectionOpened[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plainsight-capture-file-'));
    file = join(folder, 'lab.pcapng');
    ownSite.listen(0, '127.0.0.1');
    await once(ownSite, 'listening');
    // Port 7 is the echo protocol's, which takes any bytes; elsewhere tshark would guess at random ones.
    lab = await startLabProcess([
      '--route',
      `own.test:7=127.0.0.1:${(ownSite.address() as AddressInfo).port}`,
    ]);
    const credentials = { mobile: PERSONA.mobile, password: PERSONA.password, site: 'both' };
    login = (await lab.call('POST', '/api/victim/login', credentials)).body as Required<LoginAnswer>;
    await halfClose();
    await resetByServer();
    await resetByClient();
    // The login's two, the half-closed one, and the two that were reset.
    await untilSeen((event) => event.type === 'connection-closed' && event.hop === 'cafe', 5);
    const response = await fetch(`${lab.lab.dashboard}/api/capture.pcapng`, {
      headers: { Authorization: `Bearer ${lab.lab.token}` },
    });
    expect(response.headers.get('content-type')).toBe('application/x-pcapng');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="plainsight-\d{8}-\d{6}\.pcapng"$/,
    );
    writeFileSync(file, Buffer.from(await response.arrayBuffer()));
    events = await lab.events();
    opened = events.filter((event) => event.type === 'connection-opened');
  });
  afterAll(async () => {
    await lab.stop();
    ownSite.close();
    rmSync(folder, { recursive: true });
  });

  function dial(): Socket {
    const listen = lab.lab.routes.find(({ name }) => name === 'own.test')?.listen ?? 0;
    return connect({ host: '127.0.0.1', port: listen, allowHalfOpen: true });
  }

  async function halfClose(): Promise<void> {
    const client = dial();
    client.resume();
    client.end(large.subarray(0, 300_000));
    await once(client, 'close');
  }

  async function resetByServer(): Promise<void> {
    const client = dial();
    client.on('error', () => undefined);
    client.resume();
    client.write('reset');
    // `once` of node:events would take the error that is expected here for its own.
    await new Promise((resolve) => client.once('close', resolve));
  }

  async function resetByClient(): Promise<void> {
    const client = dial();
    client.write('gone');
    await untilSeen(
      (event) => event.type === 'bytes-captured' && Buffer.from(event.bytes).equals(Buffer.from('gone')),
      1,
    );
    client.resetAndDestroy();
  }

  async function untilSeen(wanted: (event: LogEvent) => boolean, count: number): Promise<void> {
    const viewer = new TestViewer(lab.lab);
    await viewer.until(() => viewer.events.filter(wanted).length >= count);
    viewer.close();
  }

  test('and finds nothing wrong with it: no checksum, no sequence number, no malformed byte', async () => {
    expect(await tsharkFields(file, flawed, 'frame.number', '_ws.expert.message')).toEqual([]);
    const verified = await tsharkFields(
      file,
      'ip.checksum.status == 1',
      'tcp.checksum.status',
      'udp.checksum.status',
    );
    expect(verified.length).toBeGreaterThan(1500);
    expect(new Set(verified.map((row) => row.join(' ').trim()))).toEqual(new Set(['1']));
    expect((await tsharkFields(file, 'frame', 'frame.number')).length).toBe(verified.length);
  });

  test('and would have found it: one byte changed is a wrong checksum', async () => {
    const bytes = readFileSync(file);
    bytes[bytes.indexOf('monsoon-42')] = 0x4d;
    const changed = join(folder, 'changed.pcapng');
    writeFileSync(changed, bytes);
    expect(await tsharkFields(changed, flawed, 'tcp.checksum.status')).toEqual([['0']]);
  });

  test('and sees the requests and answers of the HTTP lane, the password among them', async () => {
    expect(await tsharkFields(file, 'http.request', 'http.request.method', 'http.request.uri')).toEqual([
      ['GET', '/'],
      ['POST', '/api/v1/login'],
      ['GET', '/api/v1/balance'],
    ]);
    const statuses = await tsharkFields(file, 'http.response', 'http.response.code', 'tcp.srcport');
    expect(statuses).toEqual([
      ['200', '80'],
      ['200', '80'],
      ['200', '80'],
    ]);
    const [found, ...others] = await tsharkFields(
      file,
      'http contains "monsoon-42"',
      'ip.dst_host',
      'tcp.dstport',
    );
    expect(others).toEqual([]);
    expect(found).toEqual(['piggypay.test', '80']);
  });

  test('and sees the password in no frame of the HTTPS lane, and in no comment', async () => {
    expect((await tsharkFields(file, 'tcp.port == 443', 'frame.number')).length).toBeGreaterThan(20);
    expect(
      await tsharkFields(file, 'tcp.port == 443 && frame contains "monsoon-42"', 'frame.number'),
    ).toEqual([]);
    expect(await tsharkFields(file, 'frame.comment contains "monsoon-42"', 'frame.number')).toEqual([]);
  });

  test('and sees the same TLS records, in the same order, and the name the client asked for', async () => {
    for (const direction of directions) {
      const ours = records(capturedBytes(events, login.https.connection ?? 0, direction));
      const side = direction === 'client-to-server' ? 'tcp.dstport == 443' : 'tcp.srcport == 443';
      const fields = ['tls.record.content_type', 'tls.record.opaque_type', 'tls.record.length'];
      const theirs = await tsharkFields(file, `tls && ${side}`, ...fields);
      const column = (...at: number[]) =>
        theirs
          .flatMap((row) => at.flatMap((index) => row[index]?.split(',') ?? []))
          .filter((value) => value !== '');
      expect(ours.length).toBeGreaterThan(3);
      expect(column(2)).toEqual(ours.map(({ length }) => String(length)));
      // The type of a TLS 1.3 record goes by another name, so that only the numbers of each can be compared.
      expect(column(0, 1).sort()).toEqual(ours.map(({ type }) => String(type)).sort());
    }
    const name = 'tls.handshake.extensions_server_name';
    expect(await tsharkFields(file, name, name)).toEqual([['piggypay.test']]);
  });

  test('and sees the DNS query on the hop to the resolver', async () => {
    const queries = await tsharkFields(
      file,
      'dns',
      'dns.qry.name',
      'frame.interface_name',
      'ip.src_host',
      'ip.dst_host',
    );
    expect(queries.length).toBeGreaterThanOrEqual(2);
    for (const [name, hop, ...hosts] of queries) {
      expect([name, hop]).toEqual(['piggypay.test', 'resolver']);
      expect(hosts.sort()).toEqual(['resolver.test', 'scripted-victim']);
    }
  });

  test('and puts every stream together as the log holds it', async () => {
    const overTcp = opened.filter(({ transport }) => transport === 'tcp');
    expect(overTcp).toHaveLength(5);
    for (const [index, { connection }] of overTcp.entries()) {
      const { client, server } = await tsharkStream(file, index);
      const [up, down] = directions.map((direction) => capturedBytes(events, connection, direction));
      expect([sha256(client), sha256(server)]).toEqual([sha256(up), sha256(down)]);
    }
    const halfClosed = await tsharkStream(file, 2);
    expect(sha256(halfClosed.server)).toBe(sha256(large));
    expect(halfClosed.client).toHaveLength(300_000);
  });

  test('and sees how each connection ended', async () => {
    const ends = await tsharkFields(
      file,
      'tcp.port == 7 && (tcp.flags.fin == 1 || tcp.flags.reset == 1)',
      ...['tcp.stream', 'tcp.flags.reset', 'tcp.dstport'],
    );
    // Unset is 0 or False, as the version likes.
    const seen = ends.map(([stream, reset, port]) => [
      stream,
      /1|True/.test(reset ?? ''),
      port === '7' ? 'client' : 'server',
    ]);
    expect(seen).toEqual([
      ['2', false, 'client'],
      ['2', false, 'server'],
      ['3', true, 'server'],
      ['4', true, 'client'],
    ]);
  });

  test('and is told of every packet that it was synthesised', async () => {
    expect(await tsharkFields(file, '!(frame.comment contains "ynthesised")', 'frame.number')).toEqual([]);
    const told = await tsharkFields(file, 'frame.comment contains "Told by the site"', 'frame.comment');
    expect(told.join()).toContain(`connection ${login.https.connection ?? 0}: request`);
  });

  test('and has the time of every chunk, to the nanosecond', async () => {
    const began = events[0]?.type === 'epoch-started' ? Date.parse(events[0].wallClock) : 0;
    const first = events.find((event) => event.type === 'connection-opened' && event.transport === 'tcp');
    const [[time] = []] = await tsharkFields(file, 'tcp.flags.syn == 1', 'frame.time_epoch');
    const nanoseconds = BigInt(began) * 1_000_000n + BigInt(first?.time ?? 0);
    expect(time?.replace('.', '')).toBe(nanoseconds.toString());
  });

  test('and misses what the log has dropped, and nothing else', async () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.send(connection, 'client-to-server', 'GET / HTTP/1.1\r\n\r\n');
    playing.send(connection, 'server-to-client', 'the rest', 70_000);
    playing.evict(connection, 'server-to-client', 0, 70_000);
    playing.close(connection);
    const dropped = join(folder, 'dropped.pcapng');
    writeFileSync(dropped, Buffer.concat([...captureFile(playing.events)]));
    const comment = expect.stringContaining('dropped the 70000 bytes') as string;
    const missed = await tsharkFields(dropped, 'tcp.analysis.lost_segment', 'tcp.seq', 'frame.comment');
    expect(missed).toEqual([['70001', comment]]);
    // That the end acknowledges bytes which the file does not have is true, and the only other thing to remark.
    const otherwise = `(${flawed}) && !tcp.analysis.lost_segment && !tcp.analysis.ack_lost_segment`;
    expect(await tsharkFields(dropped, otherwise, 'frame.number')).toEqual([]);
    expect(await tshark(dropped, '-q', '-z', 'expert,warn')).toMatch(/Previous segment\(s\) not captured/);
  });
});

function records(stream: Buffer): { type: number; length: number }[] {
  const found: { type: number; length: number }[] = [];
  for (let at = 0; at + 5 <= stream.length;) {
    const length = stream.readUInt16BE(at + 3);
    found.push({ type: stream[at] ?? 0, length });
    at += 5 + length;
  }
  return found;
}

function sha256(bytes: Uint8Array | undefined): string {
  return createHash('sha256')
    .update(bytes ?? Buffer.of())
    .digest('hex');
}
