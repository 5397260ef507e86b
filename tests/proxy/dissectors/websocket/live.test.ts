import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { frameOf } from '#dissectors/websocket/frame-message.ts';
import { explainUnmasked } from '#dissectors/websocket/explain.ts';
import type { Message } from '#dissectors/message.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { streamOf, type VectorChunk } from '../../../vectors/vector.ts';
import { dissect } from '../feeding.ts';
import { overhear } from '../http1/overheard.ts';

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A real chat between a client and a server that answers each message with itself, and all bytes of it. */
async function chat(
  lines: readonly (string | Buffer)[],
  perMessageDeflate: boolean,
): Promise<{ readonly said: readonly string[]; readonly chunks: readonly VectorChunk[] }> {
  const http = createServer();
  const server = new WebSocketServer({
    server: http,
    perMessageDeflate: perMessageDeflate && { threshold: 0 },
  });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closing.push(() => {
    server.close();
    http.close();
  });
  const pipe = await overhear((http.address() as AddressInfo).port);
  closing.push(pipe.close);
  const client = new WebSocket(`ws://127.0.0.1:${pipe.port}/chat`, { perMessageDeflate });
  await once(client, 'open');
  const said: string[] = [];
  for (const line of lines) {
    client.send(line);
    const [data] = (await once(client, 'message')) as [Buffer];
    said.push(data.toString());
  }
  const closed = once(client, 'close');
  client.close(1000, 'thank you');
  await closed;
  return { said, chunks: pipe.connections[0] ?? [] };
}

/** What the messages of a direction carry, as the wire shows it once the mask is undone. */
function payloads(
  messages: readonly Message[],
  chunks: readonly VectorChunk[],
  direction: Message['direction'],
) {
  const stream = streamOf({ name: '', source: '', chunks }, direction);
  return messages
    .filter((message) => message.protocol === 'websocket' && message.direction === direction)
    .map((message) => {
      const frame = frameOf(message);
      const bytes = stream.subarray(message.start, message.end);
      const payload = explainUnmasked(bytes, frame)?.bytes ?? bytes.subarray(frame?.headLength);
      return new TextDecoder().decode(payload);
    });
}

const LINES = ['Hello', '{"text":"my card is lost"}', '', 'ä€😀'.repeat(50), 'x'.repeat(70_000)];

describe('a chat of a real client and a real server', () => {
  test('is read from the wire word for word, in both directions', async () => {
    const { said, chunks } = await chat(LINES, false);
    expect(said).toEqual(LINES);
    const messages = dissect(chunks);
    expect(messages.every(({ protocol, complete }) => protocol !== 'unknown' && complete)).toBe(true);
    const sent = payloads(messages, chunks, 'client-to-server');
    expect(sent.slice(0, -1)).toEqual(LINES);
    expect(payloads(messages, chunks, 'server-to-client').slice(0, -1)).toEqual(LINES);
    const frames = messages.filter(({ protocol }) => protocol === 'websocket');
    expect(frames.flatMap((message) => frameOf(message)?.faults)).toEqual([]);
    expect(frames.map((message) => frameOf(message)?.masked)).toEqual(
      frames.map(({ direction }) => direction === 'client-to-server'),
    );
    expect(frames.at(-1)?.title).toBe('Close 1000');
  });

  test('that compresses shows that it does', async () => {
    const { said, chunks } = await chat(['Hello', 'Hello', 'Hello'], true);
    expect(said).toEqual(['Hello', 'Hello', 'Hello']);
    const frames = dissect(chunks).filter(({ protocol }) => protocol === 'websocket');
    const texts = frames.filter((message) => frameOf(message)?.kind === 'text');
    expect(texts).toHaveLength(6);
    expect(texts.every((message) => frameOf(message)?.compressed)).toBe(true);
    expect(texts[0]?.title).toMatch(/^Text, \d+ bytes compressed$/);
  });
});
