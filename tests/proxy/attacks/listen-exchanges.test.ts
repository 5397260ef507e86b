import type { BytesCaptured, Direction } from '#contract';
import { expect, test } from 'vitest';
import { exchangesOn } from '../../../proxy/attacks/listen-exchanges.ts';
import {
  loginInWords,
  pageInWords,
  pagesThatFit,
  passwordLengthFrom,
} from '../../../proxy/attacks/listen-guess.ts';

const UP = 'client-to-server';
const DOWN = 'server-to-client';

/** A ClientHello and a ServerHello as short as they can be, which settle on TLS 1.3 (RFC 8446, 4.1). */
const random = '00'.repeat(32);
const HELLO = `16 0301 0032 01 00002e 0303 ${random} 00 0002 1301 01 00 0003`;
const clientHello = bytes(
  HELLO.replace('0032', '0036').replace('00002e', '000032').replace(' 0003', ' 0007 002b 0003 02 0304'),
);
const serverHello = bytes(`16 0303 0032 02 00002e 0303 ${random} 00 1301 00 0006 002b 0002 0304`);

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

/** A sealed record of this many bytes, header included. */
function sealed(size: number): Buffer {
  const record = Buffer.alloc(size, 0xaa);
  bytes('170303').copy(record);
  record.writeUInt16BE(size - 5, 3);
  return record;
}

/** A captured connection: each entry one chunk, a millisecond after the one before. */
function captured(...chunks: readonly (readonly [Direction, ...Buffer[]])[]): readonly BytesCaptured[] {
  const offsets = { [UP]: 0, [DOWN]: 0 };
  return chunks.map(([direction, ...records], index) => {
    const chunk = Buffer.concat(records);
    const offset = offsets[direction];
    offsets[direction] += chunk.length;
    return {
      ...{ epoch: 1, seq: index + 1, time: (index + 1) * 1e6, vantage: 'wire', hop: 'cafe' },
      ...{ type: 'bytes-captured', connection: 1, direction, offset, bytes: chunk },
    };
  });
}

const handshake = [
  [UP, clientHello],
  [DOWN, serverHello, sealed(900)],
] as const;
const sizes = (events: readonly BytesCaptured[]) =>
  exchangesOn(events, 1).map(({ request, answer }) => [request.bytes, answer?.bytes]);

test('requests and answers are paired by direction and order, without the handshake and the tickets', () => {
  const events = captured(
    ...handshake,
    [UP, sealed(58), sealed(120)],
    [DOWN, sealed(255), sealed(255), sealed(5000)],
    [UP, sealed(130)],
    [DOWN, sealed(300), sealed(16_406)],
    [DOWN, sealed(77)],
    [UP, sealed(90), sealed(101)],
    [DOWN, sealed(200), sealed(24)],
  );
  expect(sizes(events)).toEqual([
    [120, 5000],
    [130, 300 + 16_406 + 77],
    [191, 200],
  ]);
  expect(exchangesOn(events, 1).map(({ milliseconds }) => milliseconds)).toEqual([1, 1, 1]);
  expect(exchangesOn(events, 1)[1]?.answer).toMatchObject({ end: serverHello.length + 900 + 5510 + 16_783 });
  expect(exchangesOn(events, 2)).toEqual([]);
});

test('tickets that come before the first request are part of no answer', () => {
  const events = captured(
    ...handshake,
    [UP, sealed(58)],
    [DOWN, sealed(255), sealed(255)],
    [UP, sealed(120)],
    [DOWN, sealed(5000)],
  );
  expect(sizes(events)).toEqual([[120, 5000]]);
});

test('an exchange is the same however the network has cut it up', () => {
  const whole = captured(
    ...handshake,
    [UP, sealed(58), sealed(120)],
    [DOWN, sealed(5000)],
    [UP, sealed(130)],
  );
  const cut = whole.flatMap((event) =>
    Array.from({ length: Math.ceil(event.bytes.length / 7) }, (_, index) => ({
      ...event,
      offset: event.offset + index * 7,
      bytes: event.bytes.subarray(index * 7, index * 7 + 7),
    })),
  );
  expect(sizes(cut)).toEqual(sizes(whole));
  expect(sizes(cut)).toEqual([
    [120, 5000],
    [130, undefined],
  ]);
});

const table = [
  { path: '/a', title: 'A', bytes: 6000 },
  { path: '/b', title: 'B', bytes: 7000 },
  { path: '/c', title: 'C', bytes: 7000 },
];

test('a page is told when no other is as long, and not otherwise', () => {
  expect(pagesThatFit(table, 6000).map(({ path }) => path)).toEqual(['/a']);
  expect(pageInWords(pagesThatFit(table, 6000), 3, 6000)).toContain('fits one of 3 pages, “A”');
  expect(pageInWords(pagesThatFit(table, 7000), 3, 7000)).toContain('fits 2 of 3 pages: which');
  expect(pageInWords(pagesThatFit(table, 7001), 3, 7001)).toContain('none of 3 pages: which');
});

test('one more byte is one more character, unless all logins are as long', () => {
  const bare = [
    { passwordLength: 1, bytes: 176 },
    { passwordLength: 24, bytes: 199 },
  ];
  // The sizes that passwords of 4, 7, 14 and 34 characters were measured to make.
  expect([179, 182, 189, 209].map((size) => passwordLengthFrom(bare, size))).toEqual([4, 7, 14, 34]);
  expect(passwordLengthFrom(bare, 175)).toBeUndefined();
  const padded = bare.map((login) => ({ ...login, bytes: 640 }));
  expect(passwordLengthFrom(padded, 640)).toBeUndefined();
  expect(loginInWords(padded, 640, undefined)).toContain('say nothing of its length');
  expect(loginInWords(bare, 182, 7)).toContain(
    '6 more than one with a password of 1 character: 7 characters',
  );
});
