import { frameOf } from '#dissectors/websocket/frame-message.ts';
import type { GrowingMessage, MessageSink } from '#dissectors/message.ts';
import { WebSocketSplitter } from '#dissectors/websocket/splitter.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VectorChunk } from '../../../vectors/vector.ts';
import { dissect, inPieces, timeless } from '../feeding.ts';
import { fromClient, fromServer, handshake } from './frames.ts';

const COMPRESSION = { extensions: 'permessage-deflate; client_max_window_bits' };

/** The frames that follow a handshake; the same whole and byte by byte. */
function frames(chunks: readonly VectorChunk[], change = {}) {
  const all = [...handshake(change), ...chunks];
  const messages = dissect(all);
  expect(timeless(dissect(inPieces(all, 1)))).toEqual(timeless(messages));
  return messages.slice(2);
}

function titles(chunks: readonly VectorChunk[], change = {}): readonly string[] {
  return frames(chunks, change).map(({ title }) => title);
}

/** A masked frame with a key that changes something. */
function masked(first: number, payload: Uint8Array): VectorChunk {
  const key = [0x11, 0x22, 0x33, 0x44];
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
  const body = payload.map((byte, index) => byte ^ (key[index & 3] ?? 0));
  return { direction: 'client-to-server', bytes: Uint8Array.from([first, ...length, ...key, ...body]) };
}

describe('the frames of RFC 6455, 5.7', () => {
  test.each([
    ['a text', fromServer('81 05 48 65 6c 6c 6f'), ['Text “Hello”']],
    ['a masked text', fromClient('81 85 37 fa 21 3d 7f 9f 4d 51 58'), ['Text “Hello”']],
    ['a text in two parts', fromServer('01 03 48 65 6c 80 02 6c 6f'), ['Text “Hel”', 'Continuation “lo”']],
    ['a ping', fromServer('89 05 48 65 6c 6c 6f'), ['Ping']],
    ['a pong', fromClient('8a 85 37 fa 21 3d 7f 9f 4d 51 58'), ['Pong']],
    ['256 bytes', fromServer(`82 7e 01 00 ${'00'.repeat(256)}`), ['Binary, 256 bytes']],
    ['64 KB', fromServer(`82 7f 00 00 00 00 00 01 00 00 ${'00'.repeat(65_536)}`), ['Binary, 65536 bytes']],
  ])('%s', (_case, chunk, expected) => {
    const found = frames([chunk]);
    expect(found.map(({ title }) => title)).toEqual(expected);
    expect(found.every(({ complete }) => complete)).toBe(true);
    expect(found.flatMap((frame) => frameOf(frame)?.faults)).toEqual([]);
  });
});

describe('a title', () => {
  test('of Close has the code, where there is one', () => {
    expect(titles([fromServer('88 00')])).toEqual(['Close']);
    expect(titles([fromServer('88 05 03 e8 62 79 65')])).toEqual(['Close 1000']);
  });

  test('of one byte, of none, and of a text with line ends stays one line', () => {
    expect(titles([fromServer('82 01 00 82 00 81 00 81 03 61 0d 0a')])).toEqual([
      'Binary, 1 byte',
      'Binary, 0 bytes',
      'Text “”',
      'Text “a ”',
    ]);
  });

  test('stays short however long the text, and never ends in half a character', () => {
    for (const character of ['a', 'ü', '€', '😀']) {
      for (let count = 30; count < 60; count++) {
        const [title = ''] = titles([masked(0x81, new TextEncoder().encode(character.repeat(count)))]);
        expect(title.length).toBeLessThanOrEqual(90);
        expect(Array.from(title).length).toBeLessThanOrEqual(60);
        expect(title).not.toContain('\uFFFD');
        expect(title.endsWith(count > 40 ? `${character}…”` : `${character}”`)).toBe(true);
      }
    }
  });

  test('says who sent it and whether it is masked', () => {
    const [client, server] = frames([masked(0x81, new Uint8Array(2)), fromServer('01 01 61')]);
    expect(client?.detail).toBe('masked, from the client');
    expect(server?.detail).toBe('not masked, from the server, first part of a message');
  });
});

describe('fragments', () => {
  test('may have control frames between them, and keep the kind of the first', () => {
    const found = frames([fromServer('02 01 00 89 00 00 01 00 80 01 00 81 01 61')]);
    expect(found.map(({ title }) => title)).toEqual([
      'Binary, 1 byte',
      'Ping',
      'Continuation, 1 byte',
      'Continuation, 1 byte',
      'Text “a”',
    ]);
    expect(found.map((frame) => frameOf(frame)?.part)).toEqual(['first', 'whole', 'middle', 'last', 'whole']);
    expect(found.flatMap((frame) => frameOf(frame)?.faults)).toEqual([]);
  });
});

describe('compression', () => {
  test('that was agreed on marks a message and its parts, not the control frames between them', () => {
    const found = frames([fromServer('41 02 aa bb 89 00 80 01 cc 81 01 61')], COMPRESSION);
    expect(found.map(({ title }) => title)).toEqual([
      'Text, 2 bytes compressed',
      'Ping',
      'Continuation, 1 byte compressed',
      'Text “a”',
    ]);
    expect(found.flatMap((frame) => frameOf(frame)?.faults)).toEqual([]);
  });

  test('that was not agreed on is a fault', () => {
    expect(frames([fromServer('c1 01 61')])[0]?.detail).toContain('reserved bit');
  });

  test('of a continuation on its own is a fault', () => {
    expect(frames([fromServer('01 01 61 c0 01 61')], COMPRESSION)[1]?.detail).toContain('first frame');
  });
});

describe('a rule that is broken is named, and the frames behind it are still told apart', () => {
  test.each([
    ['a client that does not mask', fromClient('81 01 61'), 'A client must mask'],
    ['a server that masks', fromServer('81 81 00 00 00 00 61'), 'A server may not mask'],
    ['a reserved bit', fromServer('91 01 61'), 'reserved bit'],
    ['a reserved opcode', fromServer('83 01 61'), 'Opcode 3 is reserved'],
    ['a reserved control opcode', fromServer('8b 00'), 'Opcode 11 is reserved'],
    ['a control frame in parts', fromServer('09 00'), 'may not be spread'],
    ['a long control frame', fromServer(`89 7e 00 7e ${'61'.repeat(126)}`), '125 bytes at most'],
    ['a continuation of nothing', fromServer('80 01 61'), 'was not begun'],
    ['a length in two bytes that fits in one', fromServer('81 7e 00 01 61'), 'more bytes than it needs'],
    [
      'a length in eight bytes that fits in two',
      fromServer(`81 7f ${'00'.repeat(7)}01 61`),
      'more bytes than',
    ],
    ['half a close code', fromServer('88 01 03'), 'two bytes of code'],
  ])('%s', (_case, chunk, reason) => {
    const found = frames([chunk, { ...chunk, bytes: Uint8Array.from([0x8a, 0x00]) }]);
    expect(found[0]?.detail).toContain(reason);
    expect(found.at(-1)).toMatchObject({ title: 'Pong', complete: true });
  });

  test('a message begun inside another', () => {
    expect(frames([fromServer('01 01 61 81 01 61')])[1]?.detail).toContain('before the last one has ended');
  });

  test('a frame behind Close', () => {
    expect(frames([fromServer('88 00 81 01 61')])[1]?.detail).toContain('Close frame');
  });

  test('bytes that break one rule after another are no frames any more', () => {
    const found = frames([fromServer('00'.repeat(4000))]);
    expect(found).toHaveLength(17);
    expect(found.at(-1)).toMatchObject({ protocol: 'unknown', complete: true });
    expect(found.at(-1)?.detail).toContain('hardly WebSocket');
  });

  test.each(['81 7f 80 00 00 00 00 00 00 00', '81 7f 00 20 00 00 00 00 00 00', `81 7f ${'ff'.repeat(8)}`])(
    'a length that cannot be (%s) leaves the rest unknown',
    (head) => {
      const found = frames([fromServer(`${head} 61 62`)]);
      expect(found.map(({ protocol, complete }) => [protocol, complete])).toEqual([
        ['websocket', false],
        ['unknown', true],
      ]);
      expect(found[0]?.detail).toContain('cannot be told');
    },
  );
});

describe('what is kept', () => {
  test('a frame of gigabytes costs a counter, and may miss bytes inside', () => {
    const opened: GrowingMessage[] = [];
    const sink: MessageSink = {
      open: (start, time, protocol, kind, title) => {
        const direction = 'server-to-client' as const;
        opened.push({
          direction,
          start,
          end: start,
          time,
          endTime: time,
          protocol,
          kind,
          title,
          sealed: false,
          complete: false,
        });
        return opened.at(-1) as GrowingMessage;
      },
      touch: () => undefined,
    };
    const splitter = new WebSocketSplitter(sink, 'server-to-client', { compression: false });
    splitter.push(Uint8Array.from([0x82, 0x7f, 0, 0, 0, 1, 0, 0, 0, 0]), 0, 1);
    const megabyte = new Uint8Array(1 << 20);
    for (let at = 0; at < 2 ** 31; at += megabyte.length) splitter.push(megabyte, 10 + at, 2);
    expect(splitter.skip(2 ** 31, 10 + 2 ** 31, 3)).toBe(true);
    expect(opened).toMatchObject([{ title: 'Binary, 4294967296 bytes', end: 10 + 2 ** 32, complete: true }]);
    expect(splitter.skip(1, 10 + 2 ** 32, 4)).toBe(false);
  });

  test('a text whose beginning is missing is not quoted', () => {
    const opened: { title: string }[] = [];
    const sink: MessageSink = {
      open: (start, time, protocol, kind, title) => {
        const message = {
          direction: 'server-to-client' as const,
          start,
          end: start,
          time,
          endTime: time,
          protocol,
          kind,
          title,
          sealed: false,
          complete: false,
        };
        opened.push(message);
        return message;
      },
      touch: () => undefined,
    };
    const splitter = new WebSocketSplitter(sink, 'server-to-client', { compression: false });
    splitter.push(Uint8Array.from([0x81, 5, 0x48]), 0, 1);
    splitter.skip(2, 3, 1);
    splitter.push(Uint8Array.from([0x6c, 0x6f]), 5, 1);
    expect(opened.map(({ title }) => title)).toEqual(['Text, 5 bytes']);
  });
});

test('any frames in any chunks are told apart as they were written', () => {
  const frame = fc.record({
    first: fc.constantFrom(0x81, 0x82, 0x89, 0x8a),
    payload: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), fc.integer({ min: 1, max: 400 }), (written, size) => {
      const chunks = written.map(({ first, payload }) =>
        masked(first, first > 0x88 ? payload.subarray(0, 125) : payload),
      );
      const found = dissect([...handshake(), ...inPieces(chunks, size)]).slice(2);
      let at = found[0]?.start ?? 0;
      const ends = chunks.map(({ bytes }) => (at += bytes.length));
      expect(found.map(({ end, complete }) => [end, complete])).toEqual(ends.map((end) => [end, true]));
    }),
    { numRuns: 200 },
  );
});

test('random bytes behind a 101 are covered by messages without gap', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }), (pieces) => {
      const chunks = pieces.map((bytes) => ({ direction: 'server-to-client' as const, bytes }));
      const [, head] = handshake();
      let at = head?.bytes.length ?? 0;
      for (const { start, end } of dissect([...handshake(), ...chunks]).slice(2)) {
        expect(start).toBe(at);
        at = end;
      }
      expect(at).toBe((head?.bytes.length ?? 0) + pieces.reduce((sum, { length }) => sum + length, 0));
    }),
    { numRuns: 300 },
  );
});
