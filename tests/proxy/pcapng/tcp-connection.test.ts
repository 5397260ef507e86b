import type { Direction, LogEvent } from '#contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { internetChecksum } from '../../../proxy/pcapng/checksum.ts';
import { Playing } from '../folds/events.ts';
import { readSegments, reassemble, type Segment } from './reading.ts';

const UP: Direction = 'client-to-server';
const DOWN: Direction = 'server-to-client';
const VICTIM = '192.168.4.11:50001';
const SITE = '192.0.2.1:80';

const write = (events: Iterable<LogEvent>) => Buffer.concat([...captureFile(events)]);
const segments = (playing: Playing) => readSegments(write(playing.events));
/** A closing that `Playing` does not play. */
const closing = (
  by: 'client' | 'server' | 'relay',
  how: 'end' | 'reset' | 'error',
  error?: string,
): LogEvent => ({
  ...{ epoch: 1000, seq: 99, time: 99e6, type: 'connection-closed', vantage: 'wire', hop: 'cafe' },
  ...{ connection: 1, by, how, ...(error !== undefined && { error }) },
});
const shape = ({ from, flags, payload }: Segment) =>
  `${from === VICTIM ? '>' : '<'} ${flags}${payload.length > 0 ? ` ${payload.length}` : ''}`;

describe('a TCP connection', () => {
  test('opens with a handshake, closes with FIN from both sides, and says of all of it that it is synthesised', () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.send(connection, UP, 'GET');
    playing.send(connection, DOWN, 'answer');
    playing.close(connection);
    const all = segments(playing);
    expect(all.map(shape)).toEqual(['> S', '< SA', '> A', '> PA 3', '< PA 6', '> FA', '< FA', '> A']);
    for (const { packet } of all) expect(packet.comments.join()).toMatch(/synthesised/i);
    expect(all[0]?.packet.comments[0]).toMatch(/connection 1.*scripted-victim.*piggypay\.test/);
  });

  test('acknowledges what was captured of the other side so far', () => {
    const playing = new Playing();
    const connection = playing.open();
    for (const [direction, length] of [
      [UP, 10],
      [DOWN, 3000],
      [UP, 5],
      [UP, 7],
      [DOWN, 1],
    ] as const) {
      playing.send(connection, direction, new Uint8Array(length));
    }
    playing.close(connection);
    const all = segments(playing);
    const begin: Record<string, number> = { [VICTIM]: all[0]?.sequence ?? 0, [SITE]: all[1]?.sequence ?? 0 };
    const relative = all
      .slice(2)
      .map(({ from, to, sequence, acknowledgement }) => [
        (sequence - (begin[from] ?? 0)) >>> 0,
        (acknowledgement - (begin[to] ?? 0)) >>> 0,
      ]);
    expect(relative).toEqual([
      [1, 1],
      [1, 1],
      [1, 11],
      [1461, 11],
      [2921, 11],
      [11, 3001],
      [16, 3001],
      [3001, 23],
      [23, 3002],
      [3002, 24],
      [24, 3003],
    ]);
  });

  test('interleaved with another keeps its own numbers', () => {
    const playing = new Playing();
    const [one, other] = [playing.open(), playing.open({ port: 443 })];
    for (const piece of ['ab', 'cd', 'ef']) {
      playing.send(one, UP, piece);
      playing.send(other, UP, piece.toUpperCase());
    }
    const all = segments(playing);
    expect(reassemble(all, VICTIM).toString()).toBe('abcdef');
    expect(reassemble(all, '192.168.4.11:50002').toString()).toBe('ABCDEF');
    const first = all.filter(({ flags }) => flags === 'S').map(({ sequence }) => sequence);
    expect(new Set(first).size).toBe(2);
  });

  test('cuts a chunk into segments of at most 1460 bytes and pushes the last', () => {
    const playing = new Playing();
    playing.send(playing.open(), DOWN, new Uint8Array(2 * 1460 + 1));
    expect(segments(playing).slice(3).map(shape)).toEqual(['< A 1460', '< A 1460', '< PA 1']);
  });

  test.each([
    ['client', 'reset', undefined, '> RA'],
    ['server', 'reset', undefined, '< RA'],
    ['relay', 'reset', undefined, '< RA'],
    ['server', 'error', 'ECONNREFUSED', '< RA'],
  ] as const)('that is over by %s with %s ends with one RST', (by, how, error, expected) => {
    const playing = new Playing();
    playing.send(playing.open(), UP, 'cut off');
    const all = readSegments(write([...playing.events, closing(by, how, error)]));
    expect(all.slice(4).map(shape)).toEqual([expected]);
    expect(all.at(-1)?.packet.comments[0]).toContain(error ?? `reset by ${by}`);
  });

  test('that the server ended first has the first FIN from there', () => {
    const playing = new Playing();
    playing.open();
    const all = readSegments(write([...playing.events, closing('server', 'end')]));
    expect(all.slice(3).map(shape)).toEqual(['< FA', '> FA', '< A']);
  });

  test('jumps over bytes that the log has dropped, and says so', () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.send(connection, UP, 'request');
    playing.send(connection, DOWN, 'the rest', 5000);
    playing.evict(connection, DOWN, 0, 5000);
    playing.close(connection);
    const all = segments(playing);
    const rest = all.find(({ payload }) => payload.toString() === 'the rest');
    expect(((rest?.sequence ?? 0) - (all[1]?.sequence ?? 0)) >>> 0).toBe(5001);
    expect(rest?.packet.comments).toContain('The capture has dropped the 5000 bytes before these');
    expect(all.find(({ flags }) => flags === 'FA')?.packet.comments.join()).toMatch(
      /dropped bytes 0 to 5000/,
    );
  });

  test('never jumps so far that it would look like a step back', () => {
    const playing = new Playing();
    playing.send(playing.open(), DOWN, 'late', 3e9);
    const all = segments(playing);
    expect(((all.at(-1)?.sequence ?? 0) - (all[1]?.sequence ?? 0)) >>> 0).toBeLessThan(2 ** 30);
    expect(all.at(-1)?.packet.comments.join()).toContain('3000000000 bytes');
  });

  test('whose beginning is not in the log is passed over', () => {
    const playing = new Playing();
    playing.send(7, UP, 'from nowhere');
    playing.close(7);
    expect(segments(playing)).toEqual([]);
  });
});

test('any chunking gives the same streams, whole segments and right checksums', () => {
  const chunk = fc.record({ isUp: fc.boolean(), bytes: fc.uint8Array({ minLength: 1, maxLength: 4000 }) });
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 12 }), fc.boolean(), (chunks, isClosed) => {
      const playing = new Playing();
      const connection = playing.open();
      for (const { isUp, bytes } of chunks) playing.send(connection, isUp ? UP : DOWN, bytes);
      if (isClosed) playing.close(connection);
      const all = segments(playing);
      const streams = [true, false].map((up) =>
        Buffer.concat(chunks.filter(({ isUp }) => isUp === up).map(({ bytes }) => bytes)),
      );
      expect(reassemble(all, VICTIM).equals(streams[0] ?? Buffer.of())).toBe(true);
      expect(reassemble(all, SITE).equals(streams[1] ?? Buffer.of())).toBe(true);
      for (const { payload, packet } of all) {
        expect(payload.length).toBeLessThanOrEqual(1460);
        const { frame } = packet;
        expect(internetChecksum(frame, 14, 34)).toBe(0);
        expect(internetChecksum(frame, 26, frame.length, 6 + frame.length - 34)).toBe(0);
      }
      expect(all.filter(({ flags }) => flags.includes('P'))).toHaveLength(chunks.length);
    }),
    { numRuns: 60 },
  );
});
