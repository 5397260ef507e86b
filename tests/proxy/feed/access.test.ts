import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLabProcess, type LabProcess } from '../../support/lab-process.ts';

let lab: LabProcess;
let port: number;
let cookie: string;

beforeAll(async () => {
  lab = await startLabProcess();
  port = Number(new URL(lab.lab.dashboard).port);
  const answer = await raw('GET', `/?token=${lab.lab.token}`, { Host: `127.0.0.1:${port}` });
  expect(answer).toMatch(/^HTTP\/1\.1 303 /);
  const line = /^Set-Cookie: (.+)\r$/im.exec(answer)?.[1] ?? '';
  expect(line).toMatch(/; HttpOnly; SameSite=Strict$/);
  cookie = line.split(';', 1)[0] ?? '';
});
afterAll(() => lab.stop());

/** A request written by hand: no client library corrects its Host or Origin. */
async function raw(method: string, path: string, headers: Record<string, string>): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries({ Connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const answer = await text(socket);
  socket.destroy();
  return answer;
}

const status = (answer: string) => Number(answer.split(' ')[1]);
const upgrade = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const socketPath = '/socket.io/?EIO=4&transport=websocket';

test('the page needs the token', async () => {
  expect(status(await raw('GET', '/', { Host: `127.0.0.1:${port}` }))).toBe(401);
  expect(status(await raw('GET', '/?token=wrong', { Host: `127.0.0.1:${port}` }))).toBe(401);
  expect(status(await raw('GET', '/', { Host: `127.0.0.1:${port}`, Cookie: cookie }))).toBe(200);
});

test.each([
  () => 'evil.example',
  () => `evil.example:${port}`,
  () => '127.0.0.1',
  () => `127.0.0.2:${port}`,
  () => `[::1]:${port}`,
])('another Host is refused, token or not (%#)', async (host) => {
  const headers = { Host: host(), Cookie: cookie, Authorization: `Bearer ${lab.lab.token}` };
  expect(status(await raw('GET', '/api/lab', headers))).toBe(403);
  expect(status(await raw('GET', `/?token=${lab.lab.token}`, { Host: host() }))).toBe(403);
  expect(status(await raw('GET', socketPath, { ...headers, ...upgrade }))).toBe(403);
});

describe.each([
  ['foreign', 'http://evil.example'],
  ['null', 'null'],
  ['another port', 'http://127.0.0.1:1'],
  ['another scheme', 'https://127.0.0.1'],
  ['another name for loopback', 'http://127.0.0.2'],
])('an Origin that is %s', (_, origin) => {
  test('is refused on writes and on upgrades', async () => {
    const headers = { Host: `127.0.0.1:${port}`, Cookie: cookie, Origin: origin };
    expect(status(await raw('POST', '/api/reset', headers))).toBe(403);
    expect(status(await raw('GET', socketPath, { ...headers, ...upgrade }))).toBe(403);
  });
});

test('a cookie without an Origin neither writes nor upgrades', async () => {
  const headers = { Host: `127.0.0.1:${port}`, Cookie: cookie };
  expect(status(await raw('POST', '/api/reset', headers))).toBe(403);
  expect(status(await raw('GET', socketPath, { ...headers, ...upgrade }))).toBe(403);
});

test('the dashboard itself writes and upgrades', async () => {
  const headers = { Host: `127.0.0.1:${port}`, Cookie: cookie, Origin: `http://127.0.0.1:${port}` };
  expect(status(await raw('POST', '/api/reset', headers))).toBe(200);
  const socket = connect(port, '127.0.0.1');
  const lines = Object.entries({ ...headers, ...upgrade }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${socketPath} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const [first] = (await new Promise<Buffer>((resolve) => socket.once('data', resolve)))
    .toString()
    .split('\r\n');
  socket.destroy();
  expect(first).toBe('HTTP/1.1 101 Switching Protocols');
});

test('a script with the token needs no Origin; a wrong token is refused', async () => {
  const host = { Host: `127.0.0.1:${port}` };
  expect(status(await raw('POST', '/api/reset', { ...host, Authorization: `Bearer ${lab.lab.token}` }))).toBe(
    200,
  );
  expect(status(await raw('POST', '/api/reset', { ...host, Authorization: 'Bearer wrong' }))).toBe(401);
  expect(
    status(await raw('GET', '/api/lab', { ...host, Authorization: 'Bearer wrong', Cookie: cookie })),
  ).toBe(401);
});

test('polling, which would send no Origin, does not exist', async () => {
  const headers = { Host: `127.0.0.1:${port}`, Authorization: `Bearer ${lab.lab.token}` };
  expect(status(await raw('GET', '/socket.io/?EIO=4&transport=polling', headers))).toBe(404);
});

test('every answer carries the policy and none invites other origins', async () => {
  const answer = await raw('GET', '/', { Host: `127.0.0.1:${port}`, Cookie: cookie });
  expect(answer).toMatch(
    /content-security-policy: .*default-src 'none'.*require-trusted-types-for 'script'/i,
  );
  expect(answer).not.toMatch(/access-control-allow|strict-transport-security|unsafe-(inline|eval)/i);
});
