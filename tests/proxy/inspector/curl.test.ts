import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { curlCommand, type RequestPlace } from '../../../dashboard/src/lib/format/inspector/curl.ts';
import { hasTool } from '../../support/tools.ts';

/** Stands where curl does and says what it was given: each argument and, where it is asked for, its input, in hex. */
const STUB = `#!/bin/sh
hex() { od -An -v -tx1 | tr -d ' \\n'; }
for word in "$@"; do printf 'word %s\\n' "$(printf '%s' "$word" | hex)"; done
case "$*" in *'--data-binary @-'*) printf 'input %s\\n' "$(hex)" ;; esac
`;

const folder = mkdtempSync(join(tmpdir(), 'plainsight-curl-'));
const bin = join(folder, 'bin');
execFileSync('mkdir', [bin, join(folder, 'work')]);
writeFileSync(join(bin, 'curl'), STUB);
chmodSync(join(bin, 'curl'), 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

const HTTP: RequestPlace = {
  ...{ scheme: 'http', name: 'piggypay.test', port: 80 },
  ...{ listen: 41_000, ca: "/tmp/it's here/ca.pem" },
};

/** A request with a body of its own length; a text as UTF-8. */
function request(head: readonly string[], body?: string | Uint8Array): Uint8Array {
  const content = Buffer.from(body ?? '');
  const lines = body === undefined ? head : [...head, `Content-Length: ${content.length}`];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content]);
}

function command(bytes: Uint8Array, place = HTTP): string {
  const made = curlCommand(bytes, place);
  if (made === undefined) throw new Error('no command line was made');
  return made;
}

/** What a real shell hands to curl. */
function run(line: string): { words: readonly Buffer[]; input: Buffer | undefined } {
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const printed = execFileSync('sh', ['-c', line], { env, cwd: join(folder, 'work') }).toString();
  // Nothing in a request may make the shell do anything else, such as write a file.
  expect(readdirSync(join(folder, 'work'))).toEqual([]);
  const of = (kind: string) =>
    printed
      .split('\n')
      .filter((said) => said.startsWith(`${kind} `))
      .map((said) => Buffer.from(said.slice(kind.length + 1), 'hex'));
  return { words: of('word'), input: of('input')[0] };
}

/** All words but those that lead it to loopback, which every command has. */
function words(bytes: Uint8Array, place = HTTP): readonly string[] {
  const [url = '', ...others] = run(command(bytes, place)).words.map((word) => word.toString());
  expect(others.slice(0, 4)).toEqual(['--connect-to', `::127.0.0.1:${place.listen}`, '--noproxy', '*']);
  if (place.scheme === 'http') return [url, ...others.slice(4)];
  expect(others.slice(4, 6)).toEqual(['--cacert', place.ca]);
  return [url, ...others.slice(6)];
}

test('sends the login again as the victim sent it', () => {
  const body = '{"mobile":"9800000012","password":"monsoon-42"}';
  const bytes = request(
    ['POST /api/v1/login HTTP/1.1', 'Host: piggypay.test', 'Content-Type: application/json', 'Accept: */*'],
    body,
  );
  expect(words(bytes)).toEqual([
    'http://piggypay.test/api/v1/login',
    ...['-H', 'Content-Type: application/json'],
    ...['-H', 'Accept: */*'],
    ...['-H', 'User-Agent:'],
    ...['--data-raw', body],
  ]);
});

test('names the site as the victim does: its scheme, and its port where that is another one', () => {
  const bytes = request(['GET / HTTP/1.1', 'Host: piggypay.test']);
  expect(words(bytes, { ...HTTP, scheme: 'https', port: 443 })[0]).toBe('https://piggypay.test/');
  expect(words(bytes, { ...HTTP, port: 8080 })[0]).toBe('http://piggypay.test:8080/');
  expect(words(bytes, { ...HTTP, name: '::1' }).slice(0, 2)).toEqual(['http://[::1]/', '--globoff']);
});

const NASTY = [
  `'; touch owned; '`,
  `"$(touch owned)"`,
  '`touch owned`',
  `$HOME ~ * ? [a] {a,b} !! !$ # & | < > \\ \\n %s %n`,
  `-o owned`,
  `@/etc/passwd`,
  `tab\tbell\x07escape\x1b[201~`,
  `right-to-left \u202e and zero\u200bwidth`,
  `piggy 🐖 日本`,
];

describe.each(NASTY)('%j reaches curl as it was on the wire', (text) => {
  test('in a header', () => {
    const bytes = request(['GET / HTTP/1.1', 'Host: piggypay.test', `X-Payload: ${text}`]);
    expect(words(bytes)).toContain(`X-Payload: ${text}`);
  });

  test('in a body', () => {
    const bytes = request(['POST / HTTP/1.1', 'Host: piggypay.test'], text);
    const { words: given, input } = run(command(bytes));
    const raw = given.findIndex((word) => word.toString() === '--data-raw');
    expect((raw === -1 ? input : given[raw + 1])?.toString()).toBe(text);
  });

  test('in a target', () => {
    const bytes = request([`GET /${text} HTTP/1.1`, 'Host: piggypay.test']);
    const given = words(bytes);
    const asked = given.indexOf('--request-target');
    expect(asked === -1 ? given[0] : given[asked + 1]).toMatch(new RegExp(`${escaped(`/${text}`)}$`));
  });
});

test('hands over every byte there is, in bodies of any kind', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const { input } = run(command(request(['PUT /blob HTTP/1.1', 'Host: piggypay.test'], all)));
  expect(input).toEqual(Buffer.from(all));
  const digits = Uint8Array.from([1, 0x31, 0x32, 0, 0x25, 0x64, 0x5c, 0x30]);
  expect(run(command(request(['PUT / HTTP/1.1'], digits))).input).toEqual(Buffer.from(digits));
});

test('hands over the bytes of a header that are no UTF-8', () => {
  const head = Buffer.from('GET / HTTP/1.1\r\nX-Raw: caf\xe9\r\n\r\n', 'latin1');
  expect(run(command(head)).words).toContainEqual(Buffer.from('X-Raw: caf\xe9', 'latin1'));
});

test('keeps the lines of a readable body readable', () => {
  const body = '{\n  "password": "it\'s"\n}\n';
  const line = command(request(['POST / HTTP/1.1', 'Host: piggypay.test'], body));
  expect(line).toContain('"password"');
  expect(run(line).words.at(-1)?.toString()).toBe(body);
});

test('hands over a body that is longer than an argument may be', () => {
  const body = 'a'.repeat(300_000);
  const line = command(request(['POST / HTTP/1.1'], body));
  // As a file: the test's own shell cannot be given as long a line either.
  const script = join(folder, 'long.sh');
  writeFileSync(script, line);
  const { input } = run(`. ${script}`);
  expect(input?.length).toBe(body.length);
});

test('undoes the chunked coding, which curl does again', () => {
  const bytes = Buffer.from(
    'POST / HTTP/1.1\r\nHost: piggypay.test\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n',
  );
  const given = words(bytes);
  expect(given).toContain('Transfer-Encoding: chunked');
  expect(given.at(-1)).toBe('hello world');
});

test.each([
  ['HEAD', ['--head']],
  ['GET', []],
  ['DELETE', ['-X', 'DELETE']],
  ['POST', ['-X', 'POST']],
])('asks with %s', (method, expected) => {
  const given = words(request([`${method} / HTTP/1.1`, 'Host: piggypay.test']));
  expect(given.slice(1, given.indexOf('-H'))).toEqual(expected);
});

test('a header whose name is none is left out: curl would read a file of that name', () => {
  const given = words(request(['GET / HTTP/1.1', 'Host: piggypay.test', '@/etc/passwd: x', 'X-Empty:']));
  expect(given.filter((word) => word.startsWith('@'))).toEqual([]);
  expect(given).toContain('X-Empty;');
});

test.each([
  ['a head without an end', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ['a body cut short', 'POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc'],
  ['chunks cut short', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc'],
  ['a response', 'HTTP/1.1 200 OK\r\n\r\n'],
  ['no HTTP', '\x16\x03\x01'],
])('%s makes no command line', (_, text) => {
  expect(curlCommand(Buffer.from(text, 'latin1'), HTTP)).toBeUndefined();
});

test.skipIf(!hasTool('curl'))('a real curl sends the request that was captured', async () => {
  const body = '{"password":"it\'s $HOME"}';
  const bytes = request(
    [
      'PUT /a/../b?q=[1]&x={y} HTTP/1.1',
      'Host: piggypay.test',
      'User-Agent: Victim/1.0',
      'Accept: text/plain',
      'Content-Type: application/json',
    ],
    body,
  );
  const received = new Promise<Buffer>((resolve) => {
    const server = createServer((socket) => {
      let sent = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        sent = Buffer.concat([sent, chunk]);
        if (!sent.includes(body)) return;
        socket.end('HTTP/1.1 204 No Content\r\n\r\n');
        server.close();
        resolve(sent);
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      execFile('sh', ['-c', `${command(bytes, { ...HTTP, listen: port })} --silent`]);
    });
  });
  const lines = (text: string) => text.split('\r\n').sort();
  expect(lines((await received).toString())).toEqual(lines(Buffer.from(bytes).toString()));
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
