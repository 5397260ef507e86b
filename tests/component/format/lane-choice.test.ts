import { expect, test } from 'vitest';
import { chatMessage, defaultMessage, messageAt } from '../../../dashboard/src/lib/format/lane-choice.ts';
import { lane, message } from '../support/bytes.ts';

const sealed = { protocol: 'tls', kind: 'record', title: 'Application Data', sealed: true } as const;

test('shows the message that carries the password, read or sealed', () => {
  const messages = [message({ start: 0, end: 100 }), message({ start: 100, end: 300 })];
  const stream = { connection: 1, direction: 'client-to-server' } as const;
  const findings = [
    { kind: 'password', status: 'read', value: 'x', ...stream, start: 250, end: 260 } as const,
  ];
  expect(defaultMessage(lane({ messages, findings }))).toBe(messages[1]);
});

test('falls back to the newest sealed bytes of the client', () => {
  const messages = [
    message({ ...sealed, start: 0, end: 50 }),
    message({ ...sealed, start: 50, end: 90 }),
    message({ ...sealed, direction: 'server-to-client', start: 0, end: 70 }),
  ];
  expect(defaultMessage(lane({ messages }))).toBe(messages[1]);
});

test('of a newest login over TLS that came to nothing it shows the last message, not the login before it', () => {
  const findings = [{ kind: 'site', status: 'leaks', connection: 2, direction: 'client-to-server' } as const];
  const tls = { protocol: 'tls', kind: 'record', connection: 2 } as const;
  const messages = [
    message({ ...sealed, connection: 1, start: 500, end: 700 }),
    message({ ...tls, title: 'ClientHello', start: 0, end: 300 }),
    message({ ...tls, title: 'Alert', start: 300, end: 307 }),
  ];
  const given = lane({ messages, findings: findings.map((finding) => ({ ...finding, start: 0, end: 300 })) });
  expect(defaultMessage(given)).toBe(messages[2]);
});

test('chooses nothing while nothing tells which message matters', () => {
  expect(defaultMessage(lane({ messages: [message()] }))).toBeUndefined();
});

test('finds the message by its first byte, also when a range goes on into the next', () => {
  const messages = [message({ start: 0, end: 100 }), message({ start: 100, end: 200 })];
  const range = { connection: 1, direction: 'client-to-server', start: 99, end: 150 } as const;
  expect(messageAt(messages, range)).toBe(messages[0]);
});

test('finds the line of a chat: the client’s first frame, and its like among sealed records', () => {
  const frame = { protocol: 'websocket', kind: 'frame', connection: 4 } as const;
  const open = [
    message({ connection: 4 }),
    message({ ...frame, direction: 'server-to-client', title: 'Text “Hello”' }),
    message({ ...frame, start: 100, end: 130, title: 'Text “When?”' }),
    message({ ...frame, start: 130, end: 138, title: 'Close 1000' }),
  ];
  expect(chatMessage(open, 4)).toBe(open[2]);
  expect(chatMessage(open, 5)).toBeUndefined();
  const record = { ...sealed, connection: 5 };
  const shut = [
    message({ ...record, start: 0, end: 74, detail: 'by its place, Finished' }),
    message({ ...record, start: 74, end: 290 }),
    message({ ...record, direction: 'server-to-client', start: 0, end: 200 }),
    message({ ...record, start: 290, end: 336 }),
    message({ ...record, start: 336, end: 366 }),
  ];
  expect(chatMessage(shut, 5)).toBe(shut[3]);
  expect(chatMessage(shut.slice(0, 3), 5)).toBeUndefined();
});
