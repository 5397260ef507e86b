import { limits } from '#recording/limits.ts';
import { readCapture } from '#recording/read-capture.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ethernet, ipv4, pcap, stamped, tcp, type Segment } from './packets.ts';
import { stream, told } from './told.ts';

const UP = 'client-to-server';
const DOWN = 'server-to-client';

const read = (segments: readonly Segment[], ports = {}) =>
  readCapture(pcap(stamped(segments.map((segment) => ethernet(ipv4(segment.from, tcp(segment, ports)))))));

const handshake = (client = 1000, server = 5000): readonly Segment[] => [
  { from: 'client', sequence: client, flags: 'S' },
  { from: 'server', sequence: server, acknowledgement: client + 1, flags: 'S' },
  { from: 'client', sequence: client + 1, acknowledgement: server + 1 },
];
/** What the client sends, `at` bytes into its stream. */
const up = (at: number, data: string, flags = ''): Segment => ({
  ...{ from: 'client', sequence: 1001 + at, acknowledgement: 5001, data, flags },
});
const down = (at: number, data: string, acknowledged = 0): Segment => ({
  ...{ from: 'server', sequence: 5001 + at, acknowledgement: 1001 + acknowledged, data },
});

describe('segments', () => {
  test.each<[string, readonly Segment[], string]>([
    ['in order', [up(0, 'abc'), up(3, 'def')], 'abcdef'],
    ['out of order', [up(3, 'def'), up(6, 'ghi'), up(0, 'abc')], 'abcdefghi'],
    ['twice', [up(0, 'abc'), up(0, 'abc'), up(3, 'def'), up(0, 'abc')], 'abcdef'],
    ['sent again with more', [up(0, 'abc'), up(0, 'abcdef')], 'abcdef'],
    ['overlapping', [up(0, 'abcd'), up(2, 'cdef')], 'abcdef'],
    ['overlapping ahead of time', [up(4, 'efgh'), up(2, 'cdef'), up(0, 'ab')], 'abcdefgh'],
    ['with keep-alives between', [up(0, 'abc'), up(2, '\0'), up(2, ''), up(3, 'def')], 'abcdef'],
    ['that differ when repeated: the first stay', [up(0, 'abc'), up(0, 'ABCdef')], 'abcdef'],
    ['with one missing', [up(0, 'abc'), up(6, 'ghi')], 'abc…ghi'],
    ['from far outside the window', [up(0, 'abc'), up(2 ** 31 - 5, 'wild'), up(3, 'def')], 'abcdef'],
  ])('%s', (_name, segments, expected) => {
    expect(stream(read([...handshake(), ...segments]), 1, UP)).toBe(expected);
  });

  test('missing from the capture are told of in numbers', () => {
    const { notes } = read([...handshake(), up(0, 'abc'), up(6, 'ghi')]);
    expect(notes).toEqual(['Of connection 1, client-to-server, 3 bytes are missing from the capture.']);
  });

  test('that their receiver has are not waited for until the end', () => {
    const answers = Array.from({ length: 20 }, (_, index) => down(index, 'x', 9));
    const recording = read([...handshake(), up(6, 'ghi'), ...answers, up(9, 'jkl')]);
    const lines = told(recording);
    const request = lines.indexOf('1 > 6 ghi');
    expect(request).toBeGreaterThan(0);
    expect(request).toBeLessThan(lines.indexOf('1 < 19 x'));
    expect(stream(recording, 1, UP)).toBe('…ghijkl');
  });

  test('captured a little late still find their place', () => {
    const segments = [up(3, 'def'), down(0, 'x', 6), down(1, 'y', 6), up(0, 'abc')];
    expect(stream(read([...handshake(), ...segments]), 1, UP)).toBe('abcdef');
  });

  test('whose sequence numbers wrap around go on', () => {
    const near = 2 ** 32 - 4;
    const at = (offset: number, data: string): Segment => ({
      ...{ from: 'client', sequence: (near + 1 + offset) % 2 ** 32, acknowledgement: 5001, data },
    });
    const segments = [at(3, 'def'), at(0, 'abc'), at(6, 'ghi')];
    expect(stream(read([...handshake(near), ...segments]), 1, UP)).toBe('abcdefghi');
  });

  test('of a packet that the capture cut off leave a gap', () => {
    const frames = [...handshake(), up(0, 'abcdef'), up(6, 'ghi')].map((segment) =>
      ethernet(ipv4(segment.from, tcp(segment))),
    );
    const file = pcap(
      stamped(frames).map((packet, index) => (index === 3 ? { ...packet, kept: 57 } : packet)),
    );
    const recording = readCapture(file);
    expect(stream(recording, 1, UP)).toBe('abc…ghi');
    expect(recording.notes).toEqual([
      'Of connection 1, client-to-server, 3 bytes are missing from the capture.',
    ]);
  });

  test('that wait are bounded in number', () => {
    const holes = Array.from({ length: limits.waitingSegments + 50 }, (_, index) => up(10 + 2 * index, 'x'));
    const recording = read([...handshake(), ...holes, up(0, 'late')]);
    expect(stream(recording, 1, UP)).not.toContain('late');
    expect(stream(recording, 1, UP)).toMatch(/^…x…x/);
  });
});

describe('a connection', () => {
  test('that is reset ends at once, after what was still missing', () => {
    const reset: Segment = { from: 'server', sequence: 5001, acknowledgement: 1001, flags: 'R' };
    const lines = told(read([...handshake(), up(0, 'abc'), up(6, 'ghi'), reset, up(3, 'def')]));
    expect(lines.slice(1)).toEqual(['1 > 0 abc', '1 > 6 ghi', '1 closed by server, reset']);
  });

  test('that is refused was opened, and reset', () => {
    const refused: Segment = { from: 'server', sequence: 0, acknowledgement: 1001, flags: 'R' };
    expect(told(read([{ from: 'client', sequence: 1000, flags: 'S' }, refused])).slice(1)).toEqual([
      '1 closed by server, reset',
    ]);
  });

  test('that nobody ended stays open', () => {
    expect(told(read([...handshake(), up(0, 'abc')])).at(-1)).toBe('1 > 0 abc');
  });

  test('is ended first by whose FIN came first, even when it comes with bytes', () => {
    const lines = told(
      read([
        ...handshake(),
        up(0, 'bye', 'F'),
        { from: 'server', sequence: 5001, acknowledgement: 1005, data: 'bye' },
        { from: 'server', sequence: 5004, acknowledgement: 1005, flags: 'F' },
        { from: 'client', sequence: 1005, acknowledgement: 5005 },
      ]),
    );
    expect(lines.slice(1)).toEqual(['1 > 0 bye', '1 < 0 bye', '1 closed by client, end']);
  });

  test('whose SYN is sent again is still one', () => {
    expect(told(read([...handshake().slice(0, 1), ...handshake(), up(0, 'abc')]))).toHaveLength(2);
  });

  test('on a port that was used before is another one', () => {
    const again: readonly Segment[] = [
      ...handshake(70_000, 90_000),
      { from: 'client', sequence: 70_001, acknowledgement: 90_001, data: 'second' },
    ];
    const recording = read([...handshake(), up(0, 'first'), ...again]);
    expect(stream(recording, 1, UP)).toBe('first');
    expect(stream(recording, 2, UP)).toBe('second');
  });

  test('whose beginning the capture missed begins where it came in', () => {
    const recording = read([down(100, 'answer', 7), up(7, 'next')]);
    expect(told(recording)).toEqual([
      '1 opened 10.0.0.7:50000 → 93.184.215.14:80',
      '1 < 0 answer',
      '1 > 0 next',
    ]);
  });

  test('of which only the farewell was captured is nothing to show', () => {
    const farewell: Segment = { from: 'client', sequence: 9, acknowledgement: 9, flags: 'F' };
    expect(() => read([farewell])).toThrow(/no TCP or UDP/);
  });

  test.each([
    ['the known port is the server’s', { client: 79, server: 8443 }, '10.0.0.7:79 → 93.184.215.14:8443'],
    ['else the lower', { client: 900, server: 700 }, '10.0.0.7:900 → 93.184.215.14:700'],
  ])('of unknown opener has a client and a server: %s', (_name, ports, ends) => {
    expect(told(read([up(0, 'abc')], ports))[0]).toBe(`1 opened ${ends}`);
    expect(told(read([down(0, 'abc')], ports))[0]).toBe(`1 opened ${ends}`);
  });
});

test('whatever order and repetition the segments come in, within reach, the stream is the same', () => {
  const text = Array.from({ length: 600 }, (_, index) => String.fromCharCode(97 + (index % 26))).join('');
  const scenario = fc.record({
    cuts: fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 40 }),
    delays: fc.array(fc.nat(12), { minLength: 45, maxLength: 45 }),
    doubles: fc.array(fc.nat(3), { minLength: 45, maxLength: 45 }),
    overlap: fc.nat(5),
    first: fc.constantFrom(1000, 2 ** 32 - 300),
  });
  fc.assert(
    fc.property(scenario, ({ cuts, delays, doubles, overlap, first }) => {
      const edges = [0, ...cuts.sort((one, other) => one - other), text.length];
      const pieces = edges.slice(1).flatMap((end, index): { order: number; segment: Segment }[] => {
        const start = Math.max(0, (edges[index] ?? 0) - overlap);
        const sequence = (first + 1 + start) % 2 ** 32;
        const segment: Segment = {
          from: 'client',
          sequence,
          acknowledgement: 5001,
          data: text.slice(start, end),
        };
        const order = index + (delays[index] ?? 0);
        return doubles[index] === 0
          ? [
              { order, segment },
              { order: order + 5, segment },
            ]
          : [{ order, segment }];
      });
      const sent = pieces.sort((one, other) => one.order - other.order).map(({ segment }) => segment);
      const recording = read([...handshake(first), ...sent]);
      expect(stream(recording, 1, UP)).toBe(text);
      expect(stream(recording, 1, DOWN)).toBe('');
      expect(recording.notes).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
