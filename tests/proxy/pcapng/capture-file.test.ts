import type { Direction, LogEvent } from '#contract';
import { describe, expect, test } from 'vitest';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { Playing } from '../folds/events.ts';
import { comments, readBlocks, readPackets, readSegments } from './reading.ts';

const UP: Direction = 'client-to-server';
const DOWN: Direction = 'server-to-client';

/** What is not a statement of an event, for people to read. */
const words = (all: readonly string[]) => all.filter((comment) => !comment.startsWith('plainsight: {'));

const write = (events: Iterable<LogEvent>) => Buffer.concat([...captureFile(events)]);

describe('a file', () => {
  test('begins with the section, one interface a hop and the names of the sites', () => {
    const blocks = readBlocks(write(new Playing().events));
    expect(blocks.map(({ type }) => type)).toEqual([0x0a0d0d0a, 1, 1, 1, 4]);
    expect(blocks.slice(1, 4).map(({ options }) => options[0]?.value.toString())).toEqual([
      'cafe',
      'resolver',
      'onward',
    ]);
    expect(comments(blocks[0]?.options ?? [])[0]).toMatch(/1000.*2026-11-22T00:00:00Z.*synthesised/);
  });

  test('names who takes part when they first do', () => {
    const playing = new Playing();
    playing.open();
    playing.open({ port: 443, opener: 'other' });
    const named = readBlocks(write(playing.events))
      .filter(({ type }) => type === 4)
      .flatMap(({ options }) =>
        options.map(({ value }) => [...value.subarray(0, 4), value.toString('utf8', 4)]),
      );
    expect(named).toEqual([
      [192, 0, 2, 1, 'piggypay.test\0'],
      [192, 168, 4, 11, 'scripted-victim\0'],
      [192, 168, 4, 13, 'other\0'],
    ]);
  });

  test('has the wall clock of each event, to the nanosecond', () => {
    const playing = new Playing();
    playing.open();
    const opened = playing.events.at(-1);
    const later = { ...opened, time: 1_234_567_891 } as LogEvent;
    const times = readPackets(write([...playing.events.slice(0, -1), later])).map(({ time }) => time);
    const expected = BigInt(Date.parse('2026-11-22T00:00:00Z')) * 1_000_000n + 1_234_567_891n;
    expect(times).toEqual([expected, expected, expected]);
  });

  test('is made while the events are read, not before', () => {
    let read = 0;
    const playing = new Playing();
    playing.open();
    playing.open();
    const events = (function* () {
      for (const event of playing.events) {
        read += 1;
        yield event;
      }
    })();
    const blocks = captureFile(events);
    blocks.next();
    expect(read).toBe(1);
  });
});

describe('datagrams', () => {
  test('are UDP packets on their hop, each whole', () => {
    const playing = new Playing();
    const connection = playing.open({ transport: 'udp', port: 53 });
    playing.send(connection, UP, 'question');
    playing.send(connection, DOWN, new Uint8Array(5000));
    playing.close(connection);
    const packets = readPackets(write(playing.events));
    expect(packets.map(({ interfaceId, frame }) => [interfaceId, frame[23], frame.length])).toEqual([
      [1, 17, 42 + 8],
      [1, 17, 42 + 5000],
    ]);
    expect(packets[0]?.frame.toString('latin1', 42)).toBe('question');
    expect(packets[0]?.frame.readUInt16BE(36)).toBe(53);
  });

  test('that the log has dropped are told of', () => {
    const playing = new Playing();
    playing.send(playing.open({ transport: 'udp', port: 53 }), DOWN, 'late', 80);
    expect(readPackets(write(playing.events))[0]?.comments[1]).toMatch(/dropped the 80 bytes/);
  });
});

describe('what the ends told', () => {
  test('is a comment on the next packet, with the connection it belongs to', () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.handled(1);
    playing.failed('CERT_UNTRUSTED');
    playing.send(connection, DOWN, 'answer');
    playing.send(connection, DOWN, 'more');
    const [answer, more] = readSegments(write(playing.events)).slice(3);
    expect(words(answer?.packet.comments ?? []).slice(1)).toEqual([
      'Told by the site, on unknown connection: request 1 handled: POST /, answered 200',
      'Told by the victim, on unknown connection: handshake failed: CERT_UNTRUSTED no',
    ]);
    expect(words(more?.packet.comments ?? [])).toHaveLength(1);
  });

  test('is in a block of its own when no packet follows', () => {
    const playing = new Playing();
    playing.open();
    playing.handled(1);
    const last = readBlocks(write(playing.events)).at(-1);
    expect(last?.type).toBe(5);
    expect(words(comments(last?.options ?? []))).toEqual([expect.stringContaining('request 1 handled')]);
  });

  test('does not pile up while no packet comes', () => {
    const playing = new Playing();
    playing.open();
    for (let count = 1; count <= 1000; count += 1) playing.handled(count);
    const blocks = readBlocks(write(playing.events)).filter(({ type }) => type === 5);
    expect(blocks.flatMap(({ options }) => words(comments(options)))).toHaveLength(1000);
    for (const { options } of blocks) expect(options.length).toBeLessThanOrEqual(64);
  });

  test('cannot fake a line of its own, nor turn the text around', () => {
    const playing = new Playing();
    playing.open();
    playing.handled(1);
    const told = { ...playing.events.at(-1), path: '/a\nTold by\u202e\0' } as LogEvent;
    const last = readBlocks(write([...playing.events.slice(0, -1), told])).at(-1);
    expect(comments(last?.options ?? [])[0]).toContain('POST /a\\u{a}Told by\\u{202e}\\u{0}, answered');
  });

  test('of names and errors that a file made up cannot do so either', () => {
    const playing = new Playing();
    const connection = playing.open({ name: 'a\u202e\n.test' });
    playing.close(connection);
    const closed = { ...playing.events.at(-1), how: 'error', error: 'E\u202eX\n' } as LogEvent;
    const file = write([...playing.events.slice(0, -1), closed]);
    const said = readPackets(file).flatMap(({ comments: lines }) => lines);
    expect(said.filter((comment) => /[\p{Cc}\p{Cf}]/u.test(comment))).toEqual([]);
    expect(file.includes('\u202e')).toBe(false);
    expect(said.join('\n')).toContain('to a\\u{202e}\\u{a}.test');
    expect(said.join('\n')).toContain('failed at client: E\\u{202e}X\\u{a}');
  });

  test('never includes a secret that was entered', () => {
    const playing = new Playing();
    playing.secret('password', 'monsoon-42');
    playing.open();
    expect(write(playing.events).includes('monsoon-42')).toBe(false);
  });
});
