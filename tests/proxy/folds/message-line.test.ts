import type { Message } from '#dissectors/message.ts';
import { MessageLine } from '#folds/message-line.ts';
import { WireConnection } from '#folds/wire-connection.ts';
import { WireMessage } from '#folds/wire-message.ts';
import { expect, test } from 'vitest';

const connection = new WireConnection({
  connection: 7,
  hop: 'cafe',
  opener: 'other',
  transport: 'tcp',
  server: { name: 'piggypay.test', port: 80, address: '127.0.0.1' },
  time: 0,
});

function messageAt(start: number): Message {
  const place = { direction: 'client-to-server', start, end: start + 10, time: 0, endTime: 0 } as const;
  return { ...place, protocol: 'http1', kind: 'request', title: 'GET /', sealed: false, complete: true };
}

function lineOf(messages: readonly Message[]): MessageLine {
  const line = new MessageLine();
  messages.forEach((message, order) => line.add(new WireMessage(message, connection, order)));
  return line;
}

test('a message is found again, whether it is the last or not', () => {
  const messages = [messageAt(0), messageAt(10), messageAt(20), messageAt(30)];
  const line = lineOf(messages);
  expect(messages.map((message) => line.find(message)?.message)).toEqual(messages);
  expect(line.at(20)?.key).toBe('7:client-to-server:20');
  expect(line.at(25)).toBeUndefined();
});

test('what begins behind all others is new, what was dropped is neither new nor found', () => {
  const [first, second, next] = [messageAt(0), messageAt(10), messageAt(20)];
  const line = lineOf([first, second]);
  expect(line.isNew(next)).toBe(true);
  expect(line.drop(({ end }) => end <= 20).map(({ message }) => message)).toEqual([first, second]);
  expect(line.find(second)).toBeUndefined();
  expect(line.isNew(second)).toBe(false);
  expect(line.isNew(next)).toBe(true);
});
