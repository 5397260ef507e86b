import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impersonateSite, type ImpersonatedSite, NAME, restOf, textOf } from './impersonated-site.ts';

interface Arrived {
  readonly head: string;
  readonly body: string;
}

let lab: ImpersonatedSite;
let arrived: Arrived[];
/** Told of each body as it comes to the site. */
let progress: (bytes: number) => void = () => undefined;

beforeAll(async () => {
  lab = await impersonateSite({ path: '/pay', members: { amount: 900000, payee: 'The stranger' } });
  lab.site.on('request', (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      progress(Buffer.concat(chunks).length);
    });
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method, url, headers } = request;
      const { 'content-length': length = '-', 'transfer-encoding': coding = '-' } = headers;
      arrived.push({ head: `${method} ${url} ${length} ${coding}`, body: Buffer.concat(chunks).toString() });
      response.end('booked');
    });
  });
});
afterAll(() => lab.close());
beforeEach(() => {
  arrived = [];
  lab.readings.length = 0;
});

const order = '{"payee":"Meera","amount":100,"note":"₹"}';
const changed = '{"payee":"The stranger","amount":900000,"note":"₹"}';
const lengthOf = (text: string) => Buffer.byteLength(text);

/** Sends these pieces, each once the one before has left, and answers what came back. */
async function send(...pieces: readonly string[]): Promise<string> {
  const client = await lab.connect();
  const answer = restOf(client);
  for (const piece of pieces) await new Promise((resolve) => client.write(piece, resolve));
  return answer;
}

function head(path: string, ...fields: readonly string[]): string {
  return [`POST ${path} HTTP/1.1`, `Host: ${NAME}`, 'Connection: close', ...fields, '', ''].join('\r\n');
}

function changes(): readonly (readonly [string, string])[] {
  const text = (bytes: string) => Buffer.from(bytes, 'base64').toString();
  return lab.readings.flatMap(({ bytes, after }) =>
    after === undefined ? [] : [[text(bytes), text(after)] as const],
  );
}

test('a value that is longer goes on, with a length that fits', async () => {
  const sent = head('/pay?now', `Content-Length: ${lengthOf(order)}`) + order;
  expect(await send(sent)).toMatch(/^HTTP\/1\.1 200 OK[^]*booked$/);
  expect(arrived).toEqual([{ head: `POST /pay?now ${lengthOf(changed)} -`, body: changed }]);
  // Told by a process of its own, beside the answer.
  await expect.poll(changes).toEqual([[order, changed]]);
  // What was said is read as it was said.
  await expect
    .poll(() => textOf(lab.readings, 'client-to-server'))
    .toBe(Buffer.from(sent).toString('latin1'));
});

test('byte by byte, and in chunks, it is the same', async () => {
  await send(head('/pay', `Content-Length: ${lengthOf(order)}`), ...Array.from(order));
  const chunks = Array.from(order).map((text) => `${lengthOf(text).toString(16)}\r\n${text}\r\n`);
  await send(head('/pay', 'Transfer-Encoding: chunked'), ...chunks, '0\r\n\r\n');
  expect(arrived).toEqual(Array(2).fill({ head: `POST /pay ${lengthOf(changed)} -`, body: changed }));
});

test.each([
  ['another path', '/other', order],
  ['no JSON', '/pay', 'amount=100'],
  ['a list', '/pay', '[100]'],
  ['JSON without these members', '/pay', '{"sum":100,"nested":{"amount":100}}'],
  ['what it is to become already', '/pay', changed],
  ['a prototype', '/pay', '{"__proto__":{"amount":1}}'],
  ['nothing', '/pay', ''],
])('%s passes as it is', async (_what, path, body) => {
  await send(head(path, `Content-Length: ${lengthOf(body)}`) + body);
  expect(arrived).toEqual([{ head: `POST ${path} ${lengthOf(body)} -`, body }]);
  expect(changes()).toEqual([]);
});

test('what is longer than is held passes as it is, whether it says so beforehand or not', async () => {
  const long = `{"amount":100,"note":"${'n'.repeat(64 << 10)}"}`;
  await send(head('/pay', `Content-Length: ${lengthOf(long)}`) + long);
  const chunk = `${lengthOf(long).toString(16)}\r\n${long}\r\n`;
  await send(head('/pay', 'Transfer-Encoding: chunked'), chunk, chunk, '0\r\n\r\n');
  expect(arrived).toEqual([
    { head: `POST /pay ${lengthOf(long)} -`, body: long },
    { head: 'POST /pay - chunked', body: long + long },
  ]);
  expect(changes()).toEqual([]);
});

test('of one that is too long what has come goes on, though the end has not', async () => {
  const come = new Promise<void>((resolve) => (progress = (bytes) => bytes > 64 << 10 && resolve()));
  const client = await lab.connect();
  const text = 'n'.repeat(70 << 10);
  client.write(`${head('/pay', 'Transfer-Encoding: chunked')}${text.length.toString(16)}\r\n${text}\r\n`);
  await come;
  const answer = restOf(client);
  client.write('0\r\n\r\n');
  expect(await answer).toContain('booked');
});

test('of one that is broken off nothing goes on, and the next is served', async () => {
  const dials = lab.dials();
  const client = await lab.connect();
  await new Promise((resolve) => client.write(head('/pay', 'Content-Length: 100') + order, resolve));
  client.destroy();
  await restOf(client);
  expect(lab.dials()).toBe(dials);
  expect(await send(head('/pay', `Content-Length: ${lengthOf(order)}`) + order)).toContain('booked');
  expect(arrived.map(({ body }) => body)).toEqual([changed]);
});

test('requests behind it on the same connection are answered behind it', async () => {
  const last = `GET /last HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`;
  const first = head('/pay', `Content-Length: ${lengthOf(order)}`).replace('Connection: close\r\n', '');
  const answer = await send(first + order + last);
  expect(answer.match(/booked/g)).toHaveLength(2);
  expect(arrived.map(({ head: line }) => line.split(' ', 2).join(' ')).toSorted()).toEqual([
    'GET /last',
    'POST /pay',
  ]);
});
