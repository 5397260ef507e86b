import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { findField, findFields } from '#dissectors/byte-reader.ts';
import { explainContent } from '#dissectors/http1/content.ts';
import type { Message } from '#dissectors/message.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { hasTool } from '../../../support/tools.ts';
import { streamOf, type VectorChunk } from '../../../vectors/vector.ts';
import { dissect, explain, malformations } from '../feeding.ts';
import { overhear } from './overheard.ts';

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function overheardServer(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const pipe = await overhear((server.address() as AddressInfo).port);
  closing.push(pipe.close);
  return { port: pipe.port, chunks: () => pipe.connections[0] ?? [], server };
}

async function ask(options: RequestOptions, body?: string): Promise<IncomingMessage> {
  const asking = request({ host: '127.0.0.1', ...options });
  if (options.headers && 'Expect' in options.headers) {
    asking.flushHeaders();
    await once(asking, 'continue');
  }
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response;
}

function bytesOf(message: Message, chunks: readonly VectorChunk[]): Uint8Array {
  return streamOf({ name: '', source: '', chunks }, message.direction).subarray(message.start, message.end);
}

/** The trees of all messages, none of them with anything malformed. */
function trees(chunks: readonly VectorChunk[]) {
  return dissect(chunks).map((message) => {
    expect(message.complete).toBe(true);
    const field = explain(message, streamOf({ name: '', source: '', chunks }, message.direction))?.field;
    if (!field) throw new Error(`${message.title} is not explained`);
    expect(malformations(field)).toEqual([]);
    return field;
  });
}

describe('what a real server sends', () => {
  test('trailers behind chunks are read as trailers', async () => {
    const { port, chunks } = await overheardServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain', Trailer: 'X-Sum' });
      response.write('one');
      response.addTrailers({ 'X-Sum': '42' });
      response.end('two');
    });
    const { trailers } = await ask({ port });
    const field = trees(chunks()).at(-1);
    const trailer = field && findField(field, 'http.chunked_trailer_part');
    expect(trailer).toMatchObject({ label: 'X-Sum', value: trailers['x-sum'] });
    expect(field && findFields(field, 'http.chunk_size').map(({ value }) => value)).toEqual([3, 3, 0]);
  });

  test('100 and 103 come before the answer to the same request', async () => {
    const { port, chunks } = await overheardServer((asked, response) => {
      response.writeEarlyHints({ link: '</app.css>; rel=preload' });
      asked.resume().on('end', () => response.end('ok'));
    });
    await ask(
      { port, method: 'POST', path: '/pay', headers: { Expect: '100-continue', 'Content-Length': 2 } },
      'hi',
    );
    const responses = dissect(chunks()).filter(({ kind }) => kind === 'response');
    expect(responses.map(({ title, answers }) => `${title} to ${answers?.title}`)).toEqual([
      '100 Continue to POST /pay',
      '103 Early Hints to POST /pay',
      '200 OK to POST /pay',
    ]);
    expect(trees(chunks())).toHaveLength(4);
  });

  test('pipelined requests get their answers in order, those to HEAD without a body', async () => {
    const { port, chunks } = await overheardServer((asked, response) => {
      const body = `you asked for ${asked.url}`;
      response.setHeader('Content-Length', body.length);
      response.end(body);
    });
    const socket = connect(port, '127.0.0.1');
    const requests = ['GET /a', 'HEAD /b', 'GET /c'].map(
      (line) => `${line} HTTP/1.1\r\nHost: a.test\r\n\r\n`,
    );
    socket.write(requests.join('').replace(/\r\n\r\n$/, '\r\nConnection: close\r\n\r\n'));
    socket.resume();
    await once(socket, 'close');
    const responses = dissect(chunks()).filter(({ kind }) => kind === 'response');
    expect(responses.map(({ answers }) => answers?.title)).toEqual(['GET /a', 'HEAD /b', 'GET /c']);
    const bodies = responses.map(
      (message) => new TextDecoder().decode(bytesOf(message, chunks())).split('\r\n\r\n')[1],
    );
    expect(bodies).toEqual(['you asked for /a', '', 'you asked for /c']);
  });

  test('compressed answers are undone to what was said', async () => {
    const texts = {
      '/gzip': 'é'.repeat(5000),
      '/br': JSON.stringify({ list: Array.from({ length: 500 }, (_, at) => at) }),
    };
    const { port, chunks } = await overheardServer(({ url }, response) => {
      const body = url === '/gzip' ? gzipSync(texts['/gzip']) : brotliCompressSync(texts['/br']);
      response.setHeader('Content-Encoding', url === '/gzip' ? 'gzip' : 'br');
      response.write(body.subarray(0, 20));
      response.end(body.subarray(20));
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closing.push(() => agent.destroy());
    await ask({ port, agent, path: '/gzip' });
    await ask({ port, agent, path: '/br' });
    const bodies = dissect(chunks()).flatMap((message) => explainContent(bytesOf(message, chunks())));
    expect(bodies.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(Object.values(texts));
  });
});

describe.skipIf(!hasTool('curl'))('what curl sends', () => {
  const run = promisify(execFile);

  test('a form with a file is taken apart to its parts', async () => {
    const { port, chunks } = await overheardServer((asked, response) => {
      asked.resume().on('end', () => response.end());
    });
    const url = `http://127.0.0.1:${port}/`;
    const sending = execFile('curl', [
      '-sS',
      '-F',
      'mobile=9800000012',
      '-F',
      'card=@-;filename=card.txt',
      url,
    ]);
    sending.stdin?.end('4200 0000');
    await once(sending, 'close');
    const [posted] = trees(chunks());
    const parts = posted ? findFields(posted, 'mime_multipart.part') : [];
    expect(parts.map(({ label }) => label)).toEqual(['mobile', 'card']);
    expect(posted && findField(posted, 'plainsight.multipart.value')).toMatchObject({
      label: 'mobile',
      value: '9800000012',
    });
  });

  test('a name and a password are read out of Authorization', async () => {
    const { port, chunks } = await overheardServer((_, response) => response.end());
    await run('curl', ['-sS', '-u', 'asha:monsoon-42', `http://127.0.0.1:${port}/`]);
    const [asked] = trees(chunks());
    expect(asked && findField(asked, 'http.authbasic')?.value).toBe('asha:monsoon-42');
  });

  test('a form sent in chunks is put together to the value', async () => {
    const { port, chunks } = await overheardServer((asked, response) => {
      asked.resume().on('end', () => response.end());
    });
    const form = `password=monsoon-42&note=${'x'.repeat(200_000)}`;
    const sending = execFile('curl', [
      '-sS',
      '-H',
      'Transfer-Encoding: chunked',
      '-H',
      'Expect:',
      '--data-binary',
      '@-',
      `http://127.0.0.1:${port}/`,
    ]);
    sending.stdin?.end(form);
    await once(sending, 'close');
    const [asked] = dissect(chunks());
    const [body] = asked ? explainContent(bytesOf(asked, chunks())) : [];
    expect(body?.title).toMatch(/^Body, put together from \d+ chunks$/);
    expect(body && findField(body.field, 'urlencoded-form.value')).toMatchObject({
      label: 'password',
      value: 'monsoon-42',
    });
  });
});
