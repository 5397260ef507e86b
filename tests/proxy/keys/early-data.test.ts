import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfSigned } from '../../support/own-servers.ts';
import { hasTool } from '../../support/tools.ts';
import { dataOf, decrypt, recordsOf, tap, type Tap } from './tap.ts';

const withoutOpenssl = !hasTool('openssl');
const EARLY = 'said before the handshake\n';
const LATER = 'said after it\n';
let folder = '';
let server: Openssl | undefined;
let between: Tap | undefined;

/** An openssl that is talked to over its standard streams. */
class Openssl {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<unknown>;
  printed = '';

  constructor(...args: string[]) {
    this.#child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#ended = once(this.#child, 'close');
    this.#child.stdout.on('data', (bytes: Buffer) => (this.printed += bytes.toString()));
  }

  say(text: string): void {
    this.#child.stdin.write(text);
  }

  async prints(text: string): Promise<void> {
    while (!this.printed.includes(text)) await once(this.#child.stdout, 'data');
  }

  async end(): Promise<void> {
    this.#child.stdin.end('Q\n');
    await this.#ended;
  }

  async kill(): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }
}

beforeAll(async () => {
  if (withoutOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  const { key, certificate } = selfSigned(folder, 'ec');
  const files = ['-key', key, '-cert', certificate];
  server = new Openssl('s_server', '-accept', '127.0.0.1:0', '-early_data', '-tls1_3', ...files);
  await server.prints('ACCEPT 127.0.0.1:');
  await server.prints('\n');
  between = await tap(Number(/ACCEPT 127\.0\.0\.1:(\d+)/.exec(server.printed)?.[1]));
});
afterAll(async () => {
  await between?.close();
  await server?.kill();
  if (folder !== '') rmSync(folder, { recursive: true });
});

function connect(keys: string, ...flags: string[]): Openssl {
  const place = ['-connect', `127.0.0.1:${between?.port ?? 0}`, '-tls1_3', '-keylogfile', keys];
  return new Openssl('s_client', ...place, ...flags);
}

test.skipIf(withoutOpenssl)(
  'early data opens with its own secret, and what follows with the others',
  async () => {
    const [session, early, keys] = [join(folder, 'session'), join(folder, 'early'), join(folder, 'keys.txt')];
    writeFileSync(early, EARLY);
    const first = connect(join(folder, 'first.txt'), '-sess_out', session);
    await first.prints('Early data was not sent');
    // What the server says comes behind its tickets.
    server?.say('go on\n');
    await first.prints('go on\n');
    await first.end();
    const second = connect(keys, '-sess_in', session, '-early_data', early);
    await second.prints('Early data was accepted');
    second.say(LATER);
    await server?.prints(LATER);
    await second.end();

    const records = recordsOf(between?.connections[1] ?? []);
    const keyLog = readFileSync(keys, 'utf8');
    const { read } = decrypt(records, keyLog);
    expect(read.filter(({ reading }) => reading.state === 'sealed')).toEqual([]);
    expect(dataOf(read, 'client-to-server')).toBe(EARLY + LATER);
    const types = read.flatMap(({ reading, direction }) =>
      direction === 'client-to-server' && reading.state === 'opened' ? reading.handshake : [],
    );
    // EndOfEarlyData, then Finished.
    expect(types.map(({ bytes }) => bytes[0])).toEqual([5, 20]);

    // Without that secret it stays sealed, and so does the message that ends it; what follows opens all the same.
    const without = decrypt(records, keyLog.replace(/^CLIENT_EARLY_TRAFFIC_SECRET.*\n/m, '')).read;
    const sealed = without.flatMap(({ reading }) => (reading.state === 'sealed' ? [reading.reason] : []));
    const reason = 'The key log has no CLIENT_EARLY_TRAFFIC_SECRET for this connection.';
    expect(sealed).toEqual([reason, reason]);
    expect(dataOf(without, 'client-to-server')).toBe(LATER);
  },
);
