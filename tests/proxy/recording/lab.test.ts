import type { Findings, ImportAnswer, LogEvent } from '#contract';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { isTsharkMissing, tsharkFields } from '../../support/tshark.ts';
import { hasTool } from '../../support/tools.ts';
import { TestViewer } from '../../support/viewer.ts';

const isEditcapMissing = !hasTool('editcap');
const MEGABYTE = 1 << 20;
const ends = new Set(['secret-entered', 'secrets-logged']);
const credentials = { mobile: PERSONA.mobile, password: PERSONA.password, site: 'both' };

/** Resets whoever sends `reset`; sends everybody else a lot. */
const ownSite = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    if (chunk.toString() === 'reset') socket.resetAndDestroy();
    else for (let count = 0; count < 80; count += 1) socket.write(Buffer.alloc(MEGABYTE, count));
    if (chunk.toString() !== 'reset') socket.end();
  });
});

let lab: LabProcess;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plainsight-round-trip-'));
  ownSite.listen(0, '127.0.0.1');
  await once(ownSite, 'listening');
  lab = await startLabProcess(['--route', `own.test:7=127.0.0.1:${(ownSite.address() as AddressInfo).port}`]);
});
afterAll(async () => {
  await lab.stop();
  ownSite.close();
  rmSync(folder, { recursive: true });
});

const authorization = () => ({ Authorization: `Bearer ${lab.lab.token}` });

async function download(path: string): Promise<Buffer> {
  const response = await fetch(lab.lab.dashboard + path, { headers: authorization() });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

async function open(file: Buffer, keylog?: string): Promise<ImportAnswer> {
  const form = new FormData();
  form.set('capture', new Blob([new Uint8Array(file)]));
  if (keylog !== undefined) form.set('keylog', keylog);
  const response = await fetch(`${lab.lab.dashboard}/api/import`, {
    method: 'POST',
    headers: authorization(),
    body: form,
  });
  expect(response.status).toBe(200);
  return (await response.json()) as ImportAnswer;
}

async function talk(word: string): Promise<void> {
  const listen = lab.lab.routes.find(({ name }) => name === 'own.test')?.listen ?? 0;
  const client = connect({ host: '127.0.0.1', port: listen });
  client.on('error', () => undefined);
  client.resume();
  client.write(word);
  await new Promise((resolve) => client.once('close', resolve));
}

/** Once every connection has closed, those to the resolver among them, nothing more is added to the log. */
async function untilQuiet(): Promise<void> {
  const viewer = new TestViewer(lab.lab);
  await viewer.until(({ events }) => {
    const open = new Set<number>();
    for (const event of events) {
      if (event.type === 'connection-opened') open.add(event.connection);
      if (event.type === 'connection-closed') open.delete(event.connection);
    }
    return events.length > 1 && open.size === 0;
  });
  viewer.close();
}

/** What stays when a log is written and read again: all but which epoch it is. */
const same = (events: readonly LogEvent[]): readonly LogEvent[] =>
  events.map((event) => ({
    ...event,
    epoch: 0,
    ...(event.type === 'epoch-started' && { source: 'recorded' as const }),
  }));

describe('a lab with logins, lookups and a reset', () => {
  let events: LogEvent[];
  let withKeys: Buffer;
  let without: Buffer;
  let keyLog: string;
  let findings: Findings;

  beforeAll(async () => {
    await lab.call('POST', '/api/reset', {});
    await lab.call('POST', '/api/victim/login', credentials);
    await talk('reset');
    await untilQuiet();
    events = await lab.events();
    findings = (await lab.call('GET', '/api/findings')).body as Findings;
    withKeys = await download('/api/capture.pcapng?keys=1');
    without = await download('/api/capture.pcapng');
    keyLog = (await download('/api/keylog')).toString();
  });

  test('gives the same events back from a file with keys, and the same findings', async () => {
    const { epoch, connections, messages } = await open(withKeys);
    const back = await lab.events();
    expect(same(back)).toEqual(same(events));
    expect(back.every((event) => event.epoch === epoch)).toBe(true);
    expect(connections).toBe(events.filter(({ type }) => type === 'connection-opened').length);
    expect(messages).toBeGreaterThan(20);
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set([
        ...['epoch-started', 'connection-opened', 'bytes-captured', 'connection-closed'],
        ...['secret-entered', 'secrets-logged', 'request-handled', 'certificate-received'],
      ]),
    );
    expect((await lab.call('GET', '/api/findings')).body).toEqual({ ...findings, epoch });
  });

  test('gives all but the secrets back from a file without, and finds the same in both lanes', async () => {
    const { epoch } = await open(without);
    const back = await lab.events();
    expect(same(back)).toEqual(same(events.filter(({ type }) => !ends.has(type))));
    const { lanes } = (await lab.call('GET', '/api/findings')).body as Findings;
    expect(epoch).toBe(back[0]?.epoch);
    expect(lanes.http.findings).toEqual(findings.lanes.http.findings);
    expect(lanes.https.findings).toEqual(findings.lanes.https.findings);
  });

  test('takes the key log beside the file without keys', async () => {
    expect(keyLog.trim().split('\n').length).toBeGreaterThanOrEqual(4);
    await open(without, keyLog);
    // Both ends told the same lines; a key log has each once.
    const lines = (all: readonly LogEvent[]) =>
      [...new Set(all.flatMap((event) => (event.type === 'secrets-logged' ? [event.line] : [])))].sort();
    expect(lines(await lab.events())).toEqual(lines(events));
  });

  test('goes on relaying while a recording is shown, mixes nothing in, and comes back with a reset', async () => {
    await open(without);
    const before = await lab.events();
    const login = (await lab.call('POST', '/api/victim/login', credentials)).body;
    expect(login).toMatchObject({ http: { ok: true }, https: { ok: true } });
    expect(await lab.events()).toEqual(before);
    await lab.call('POST', '/api/reset', {});
    expect((await lab.events())[0]).toMatchObject({ type: 'epoch-started', source: 'live' });
    await lab.call('POST', '/api/victim/login', credentials);
    expect((await lab.events()).length).toBeGreaterThan(10);
  });

  test('hands out nothing secret in the file without keys but what crossed in clear', () => {
    const lines = keyLog.split('\n').filter((line) => line !== '');
    for (const line of lines) {
      const secret = line.split(' ')[2] ?? line;
      expect(withKeys.includes(secret)).toBe(true);
      expect(without.includes(secret)).toBe(false);
    }
    expect(without.includes('secret-entered')).toBe(false);
  });

  describe.skipIf(isTsharkMissing)('tshark, where it is installed', () => {
    const save = (name: string, bytes: Buffer) => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };

    test('reads the login of the HTTPS lane with the keys in the file, and not without', async () => {
      const filter = 'http.request.method == "POST" && tcp.port == 443';
      const fields = ['http.request.uri', 'tcp.dstport'];
      expect(await tsharkFields(save('without.pcapng', without), filter, ...fields)).toEqual([]);
      expect(await tsharkFields(save('with-keys.pcapng', withKeys), filter, ...fields)).toEqual([
        ['/api/v1/login', '443'],
      ]);
    });

    test.skipIf(isEditcapMissing)(
      'as another program saves it, the capture still falls into the two lanes',
      async () => {
        const bare = join(folder, 'bare.pcap');
        execFileSync('editcap', ['-F', 'nsecpcap', save('without.pcapng', without), bare]);
        await open(readFileSync(bare));
        const [started] = await lab.events();
        expect(started).toMatchObject({ type: 'epoch-started', routes: [], source: 'recorded' });
        const { lanes } = (await lab.call('GET', '/api/findings')).body as Findings;
        const read = ({ http, https }: Findings['lanes']) =>
          [http, https].map((lane) =>
            lane.findings
              .filter(({ kind }) => kind !== 'time')
              .map(({ kind, status, value }) => ({ kind, status, value })),
          );
        expect(read(lanes)).toEqual(read(findings.lanes));
        expect(lanes.http.findings.length).toBeGreaterThan(5);
      },
    );

    test('finds the password in the HTTP lane, and in no frame or comment of the HTTPS lane', async () => {
      const file = save('without.pcapng', without);
      expect(await tsharkFields(file, 'http contains "monsoon-42"', 'tcp.dstport')).toEqual([['80']]);
      const sealed =
        'tcp.port == 443 && (frame contains "monsoon-42" || frame.comment contains "monsoon-42")';
      expect(await tsharkFields(file, sealed, 'frame.number')).toEqual([]);
    });
  });
});

describe('a lab in which a stranger has sent sealed records again', () => {
  let events: LogEvent[];
  let withKeys: Buffer;
  let keyLog: string[];
  const told = (all: readonly LogEvent[]) => all.filter((event) => event.type === 'secrets-logged');
  const nameOf = (line: string) => line.split(' ').slice(0, 2).join(' ');

  beforeAll(async () => {
    await lab.call('POST', '/api/reset', {});
    expect(await lab.call('POST', '/api/attacks/replay/run', {})).toMatchObject({ status: 200 });
    await untilQuiet();
    events = await lab.events();
    withKeys = await download('/api/capture.pcapng?keys=1');
    keyLog = (await download('/api/keylog')).toString().trim().split('\n');
  });

  test('hands out one line for each secret of a client random: that of the connection that was completed', () => {
    const opened = events.filter((event) => event.type === 'connection-opened');
    const strangers = new Set(
      opened.filter(({ opener }) => opener === 'stranger').map(({ connection }) => connection),
    );
    const lines = [false, true].map((isStrangers) =>
      told(events).filter(({ connection }) => strangers.has(connection ?? 0) === isStrangers),
    );
    const [victims = new Set(), others = new Set()] = lines.map(
      (each) => new Set(each.map(({ line }) => line)),
    );
    expect(others.size).toBeGreaterThan(0);
    expect([...others].every((line) => !victims.has(line))).toBe(true);
    expect(new Set(keyLog)).toEqual(victims);
    expect(new Set(keyLog.map(nameOf)).size).toBe(keyLog.length);
  });

  test.skipIf(isTsharkMissing)('lets tshark read the victim’s transfer over HTTPS', async () => {
    const file = join(folder, 'replayed.pcapng');
    writeFileSync(file, withKeys);
    const filter = 'http.request.method == "POST" && tcp.port == 443';
    expect(await tsharkFields(file, filter, 'http.request.uri')).toEqual([
      ['/api/v1/login'],
      ['/api/v1/transfer'],
    ]);
  });

  test('gives the same events back, the lines that are left out of the key log among them', async () => {
    await open(withKeys);
    expect(same(await lab.events())).toEqual(same(events));
  });
});

test('a lab that had to drop bytes gives back what it still had, and what it said of the rest', async () => {
  await lab.call('POST', '/api/reset', {});
  await lab.call('POST', '/api/victim/login', credentials);
  await talk('much');
  await untilQuiet();
  const events = await lab.events();
  expect(events.filter(({ type }) => type === 'bytes-evicted').length).toBeGreaterThan(0);
  expect(events.some(({ seq }, index) => seq !== index + 1)).toBe(true);
  await open(await download('/api/capture.pcapng?keys=1'));
  const back = await lab.events();
  expect(back.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq));
  // One by one: a difference in 60 MB would take for ever to print.
  for (const [index, event] of same(events).entries()) {
    const other = same([back[index] ?? event])[0];
    if (event.type !== 'bytes-captured' || other?.type !== 'bytes-captured') {
      expect(other).toEqual(event);
      continue;
    }
    expect(Buffer.compare(other.bytes, event.bytes)).toBe(0);
    expect({ ...other, bytes: 0 }).toEqual({ ...event, bytes: 0 });
  }
});
