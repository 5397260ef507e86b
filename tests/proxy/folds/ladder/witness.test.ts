import type { LogEvent } from '#contract';
import { CaptureFold } from '#folds/capture.ts';
import type { Ladder } from '#folds/ladder/ladder.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLabProcess, type LabProcess } from '../../../support/lab-process.ts';
import { hasTool } from '../../../support/tools.ts';
import { isTsharkMissing, tsharkFields } from '../../../support/tshark.ts';

const isOpensslMissing = !hasTool('openssl');

let lab: LabProcess;
let folder: string;

beforeAll(async () => {
  [lab, folder] = await Promise.all([startLabProcess(), mkdtemp(join(tmpdir(), 'ladder-'))]);
});
afterAll(async () => {
  await lab.stop();
  await rm(folder, { recursive: true, force: true });
});

function folded(events: readonly LogEvent[]): CaptureFold {
  const fold = new CaptureFold();
  for (const event of events) fold.apply(event);
  return fold;
}

/** Names of what the handshake holds, sealed or not, from the client (`>`) and from the site (`<`). */
function handshakeOf({ steps, client }: Ladder): readonly string[] {
  return steps
    .filter(({ kind, evidence }) => kind === 'handshake' && evidence === 'captured')
    .flatMap(({ holds, from }) => holds.map((name) => `${from === client ? '>' : '<'} ${name}`));
}

/** A connection by openssl through the relay, closed when the answer has come; what it says it sent and got. */
async function openssl(...args: string[]): Promise<readonly string[]> {
  const route = lab.lab.routes.find(({ name, tls }) => name === 'piggypay.test' && tls);
  const at = ['-connect', `127.0.0.1:${String(route?.listen)}`, '-servername', 'piggypay.test'];
  const child = spawn('openssl', ['s_client', ...at, '-CAfile', lab.lab.ca, '-msg', '-ign_eof', ...args]);
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stdin.end('GET /login HTTP/1.1\r\nHost: piggypay.test\r\nConnection: close\r\n\r\n');
  const [code] = (await once(child, 'close')) as [number];
  expect([code, printed.slice(-200)]).toEqual([0, expect.anything()]);
  const messages = printed.matchAll(/^(>>>|<<<) TLS 1\.\d, Handshake \[length [0-9a-f]+\], (\w+)/gm);
  return [...messages].map(([, way, name]) => `${way === '>>>' ? '>' : '<'} ${String(name)}`);
}

async function newestLadder(): Promise<Ladder> {
  const fold = folded(await lab.events());
  const newest = fold.ladders.entries().at(-1);
  const ladder = newest && fold.ladders.of(newest.connection);
  if (!ladder) throw new Error('nothing was captured');
  return ladder;
}

describe.skipIf(isOpensslMissing)(
  'openssl sent and got the same handshake messages in the same order',
  () => {
    test.each([
      ['-tls1_3', 'TLS 1.3', 1],
      ['-tls1_2', 'TLS 1.2', 2],
    ])('with %s, and resumed', async (version, protocol, roundTrips) => {
      const session = join(folder, `session${version}`);
      const full = await openssl(version, '-sess_out', session);
      const first = await newestLadder();
      expect(first).toMatchObject({ protocol, resumed: false, client: 'program' });
      expect(first.roundTrips).toEqual({ connect: 1, handshake: roundTrips, total: roundTrips + 1 });
      expect(beforeTickets(handshakeOf(first))).toEqual(beforeTickets(full));

      const short = await openssl(version, '-sess_in', session);
      const second = await newestLadder();
      expect(second.resumed).toBe(true);
      expect(second.roundTrips).toEqual({ connect: 1, handshake: 1, total: 2 });
      expect(beforeTickets(handshakeOf(second))).toEqual(beforeTickets(short));
      expect(short).not.toContain('< Certificate');
    });
  },
);

/** In TLS 1.3 tickets come when the site likes, and cannot be told from data when they come behind a request. */
function beforeTickets(names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== '< NewSessionTicket');
}

describe.skipIf(isTsharkMissing)('tshark sees the same', () => {
  test('handshake messages in clear, alerts and look-up of a login over both, and no more', async () => {
    const { persona } = (await lab.call('GET', '/api/victim')).body as {
      persona: { mobile: string; password: string };
    };
    await lab.call('POST', '/api/reset');
    const { mobile, password } = persona;
    const { body } = await lab.call('POST', '/api/victim/login', { mobile, password, site: 'both' });
    const { http, https } = body as Record<'http' | 'https', { connection: number }>;
    const fold = folded(await lab.events());
    const ladders = [http.connection, https.connection].map((id) => fold.ladders.of(id));
    const file = join(folder, 'login.pcapng');
    await writeFile(file, await capture());

    const inClear = ladders[1]?.steps.filter(({ kind, sealed }) => kind === 'handshake' && !sealed);
    const types = await tsharkFields(file, 'tls.handshake.type', 'tls.handshake.type');
    expect(inClear?.map(({ title }) => title)).toEqual(
      types.flat().flatMap((type) => type.split(',').map((value) => NAMES[value] ?? value)),
    );

    const requests = ladders[0]?.steps.filter(({ kind }) => kind === 'message');
    const seen = await tsharkFields(file, 'http', 'http.request.method', 'http.response.code');
    expect(requests?.map(({ title }) => title.split(' ', 1)[0])).toEqual(
      seen.map(([method, status]) => (method === '' ? status : method)),
    );

    const queries = await tsharkFields(file, 'dns.flags.response == 0', 'dns.qry.name');
    for (const ladder of ladders) {
      expect(ladder?.steps.slice(0, 2).map(({ phase }) => phase)).toEqual(['lookup', 'lookup']);
      expect(ladder?.steps[0]?.title).toBe(`Query A ${String(queries[0]?.[0])}`);
      expect(ladder?.roundTrips.lookup).toBe(1);
      expect(ladder?.untilRequest).toBeGreaterThan(0);
    }
    expect(ladders.map((ladder) => ladder?.roundTrips.total)).toEqual([2, 3]);
  });
});

const NAMES: Readonly<Record<string, string>> = { 1: 'ClientHello', 2: 'ServerHello' };

async function capture(): Promise<Uint8Array> {
  const response = await fetch(`${lab.lab.dashboard}/api/capture.pcapng`, {
    headers: { Authorization: `Bearer ${lab.lab.token}` },
  });
  return new Uint8Array(await response.arrayBuffer());
}
