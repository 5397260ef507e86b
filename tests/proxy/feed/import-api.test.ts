import { limits } from '#recording/limits.ts';
import express from 'express';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { formParts } from '../../../proxy/feed/form-parts.ts';
import { importRouter } from '../../../proxy/feed/import-api.ts';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { Playing } from '../folds/events.ts';

type Body = NonNullable<NonNullable<Parameters<typeof fetch>[1]>['body']>;

let log: CaptureLog;
let server: Server;
let address: string;

function aFile(): Uint8Array<ArrayBuffer> {
  const playing = new Playing();
  const lookup = playing.open({ transport: 'udp', port: 53 });
  playing.send(lookup, 'client-to-server', 'question');
  const connection = playing.open();
  playing.send(connection, 'client-to-server', 'GET / HTTP/1.1\r\nHost: piggypay.test\r\n\r\n');
  playing.send(connection, 'server-to-client', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  playing.close(connection);
  return new Uint8Array(Buffer.concat([...captureFile(playing.events)]));
}

beforeAll(async () => {
  const app = express();
  app.use((incoming, response, next) => importRouter(log)(incoming, response, next));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/import`;
});
afterAll(() => server.close());
beforeEach(() => {
  log = new CaptureLog();
  log.begin({ routes: [] });
});

async function post(body: Body, query = ''): Promise<{ status: number; body: unknown }> {
  const response = await fetch(address + query, { method: 'POST', body });
  return { status: response.status, body: await response.json() };
}

const line = `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}`;

describe('an import', () => {
  test('begins an epoch that is recorded, and counts what is in it', async () => {
    const before = log.epoch;
    const { status, body } = await post(aFile());
    expect(status).toBe(200);
    expect(body).toEqual({ epoch: log.epoch, connections: 2, messages: 3, notes: [] });
    expect(log.epoch).toBeGreaterThan(before);
    expect(log.isRecorded).toBe(true);
    expect(log.after(0)[0]).toMatchObject({ type: 'epoch-started', source: 'recorded', epoch: log.epoch });
  });

  test.each<[string, () => [Body, string?]]>([
    [
      'as a second part of a form',
      () => {
        const form = new FormData();
        form.set('capture', new Blob([aFile()]), '../../etc/passwd');
        form.set('keylog', new Blob([`${line}\n`]), 'keys\0.txt');
        return [form];
      },
    ],
    [
      'as text in a form',
      () => {
        const form = new FormData();
        form.set('keylog', `${line}\n`);
        form.set('capture', new Blob([aFile()]));
        return [form];
      },
    ],
    ['in the query', () => [aFile(), `?keylog=${encodeURIComponent(line)}`]],
  ])('takes a key log %s', async (_name, sent) => {
    const [body, query] = sent();
    expect((await post(body, query)).status).toBe(200);
    expect(log.after(0).at(-1)).toMatchObject({ type: 'secrets-logged', line });
  });

  test('of what is none changes nothing, and says why', async () => {
    const before = log.epoch;
    const { status, body } = await post('GET / HTTP/1.1');
    expect(status).toBe(422);
    expect(body).toMatchObject({ error: { code: 'unknown-format', hint: expect.any(String) as string } });
    const form = new FormData();
    form.set('something', 'else');
    expect(await post(form)).toMatchObject({ status: 422, body: { error: { code: 'unknown-format' } } });
    expect(log.epoch).toBe(before);
    expect(log.isRecorded).toBe(false);
  });

  test('with a key log that is too large is refused', async () => {
    const before = log.epoch;
    const form = new FormData();
    form.set('capture', new Blob([aFile()]));
    form.set('keylog', new Blob([new Uint8Array(limits.keyLogBytes + 1).fill(10)]));
    expect(await post(form)).toMatchObject({ status: 413, body: { error: { code: 'file-too-large' } } });
    expect(log.epoch).toBe(before);
  });

  test('that says it is too large is refused at once', async () => {
    const length = limits.fileBytes * 2;
    const sending = request(address, { method: 'POST', headers: { 'Content-Length': length } });
    sending.on('error', () => undefined);
    sending.flushHeaders();
    const [response] = (await once(sending, 'response')) as [{ statusCode: number }];
    expect(response.statusCode).toBe(413);
    sending.destroy();
  });

  test('that is broken off leaves the log as it was, and the next one works', async () => {
    const before = log.epoch;
    const sending = request(address, { method: 'POST', headers: { 'Content-Length': 1000 } });
    const closed = once(server, 'connection');
    sending.on('error', () => undefined);
    sending.write('half');
    const [socket] = (await closed) as [NodeJS.EventEmitter];
    sending.destroy();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(log.epoch).toBe(before);
    expect((await post(aFile())).status).toBe(200);
  });
});

describe('a form', () => {
  const type = 'multipart/form-data; boundary=edge';
  const part = (head: string, body: string) => `--edge\r\n${head}\r\n\r\n${body}\r\n`;
  const named = (name: string) => `Content-Disposition: form-data; name="${name}"`;

  test.each<[string, string, string, Record<string, string> | undefined]>([
    [
      'two parts',
      type,
      `${part(named('a'), 'one')}${part(named('b'), 'two')}--edge--`,
      { a: 'one', b: 'two' },
    ],
    ['an empty part', type, `${part(named('a'), '')}--edge--`, { a: '' }],
    ['text before the first', type, `hello\r\n${part(named('a'), '1')}--edge--`, { a: '1' }],
    [
      'a file name that looks like a name',
      type,
      `${part('content-disposition: form-data; filename="x; name="; name="a"', '1')}--edge--`,
      { a: '1' },
    ],
    [
      'bytes like a boundary within',
      type,
      `${part(named('a'), 'x\r\n--edg e')}--edge--`,
      { a: 'x\r\n--edg e' },
    ],
    [
      'a quoted boundary',
      'multipart/form-data; boundary="edge"',
      `${part(named('a'), '1')}--edge--`,
      { a: '1' },
    ],
    ['no end', type, part(named('a'), '1'), undefined],
    ['no boundary', 'multipart/form-data', `${part(named('a'), '1')}--edge--`, undefined],
    ['no part', type, '', undefined],
    ['parts without end', type, part(named('a'), '1').repeat(10_000), undefined],
    [
      'more parts than anybody sends, whatever they are called',
      type,
      `${part('', 'x').repeat(20)}${part(named('a'), '1')}--edge--`,
      undefined,
    ],
  ])('of %s', (_name, contentType, body, expected) => {
    const parts = formParts(contentType, Buffer.from(body));
    const found = parts && Object.fromEntries([...parts].map(([name, bytes]) => [name, bytes.toString()]));
    expect(found).toEqual(expected);
  });
});
