import { limits } from '#recording/limits.ts';
import { readCapture } from '#recording/read-capture.ts';
import { RecordingError } from '#recording/recording-error.ts';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { readVector } from '../../vectors/vector.ts';
import { Playing } from '../folds/events.ts';
import * as packets from './packets.ts';
import { stream, told } from './told.ts';

const { ethernet, ipv4, ipv6, pcap, pcapng, stamped, tcp, udp, writer, START } = packets;

/** A request and its answer, from handshake to farewell. */
const exchange: readonly packets.Segment[] = [
  { from: 'client', sequence: 1000, flags: 'S' },
  { from: 'server', sequence: 5000, acknowledgement: 1001, flags: 'S' },
  { from: 'client', sequence: 1001, acknowledgement: 5001 },
  { from: 'client', sequence: 1001, acknowledgement: 5001, data: 'GET /' },
  { from: 'server', sequence: 5001, acknowledgement: 1006, data: 'answer' },
  { from: 'server', sequence: 5007, acknowledgement: 1006, flags: 'F' },
  { from: 'client', sequence: 1006, acknowledgement: 5008, flags: 'F' },
  { from: 'server', sequence: 5008, acknowledgement: 1007 },
];
const frames = exchange.map((segment) => ethernet(ipv4(segment.from, tcp(segment))));
const expected = [
  '1 opened 10.0.0.7:50000 → 93.184.215.14:80',
  '1 > 0 GET /',
  '1 < 0 answer',
  '1 closed by server, end',
];

describe('any capture program', () => {
  test.each([
    ['pcap in microseconds', pcap(stamped(frames))],
    ['pcap of the other byte order', pcap(stamped(frames), { bigEndian: true })],
    ['pcap in nanoseconds', pcap(stamped(frames), { nanoseconds: true })],
    [
      'pcap in nanoseconds of the other byte order',
      pcap(stamped(frames), { nanoseconds: true, bigEndian: true }),
    ],
    ['pcapng', pcapng(stamped(frames))],
    ['pcapng of the other byte order', pcapng(stamped(frames), { bigEndian: true })],
    ['pcapng in nanoseconds', pcapng(stamped(frames), { resolution: 9, ticks: (time) => time })],
    [
      'pcapng in tenths of nanoseconds',
      pcapng(stamped(frames), { resolution: 10, ticks: (time) => time * 10n }),
    ],
    [
      'pcapng in 2^-20 seconds',
      pcapng(stamped(frames), { resolution: 0x94, ticks: (time) => (time << 20n) / 1_000_000_000n + 1n }),
    ],
    [
      'pcapng with an offset',
      pcapng(stamped(frames), { offset: 1_000_000n, ticks: (time) => time / 1000n - 1_000_000_000_000n }),
    ],
    ['pcapng with obsolete packet blocks', pcapng(stamped(frames), { form: 'obsolete' })],
  ])('is understood: %s', (_name, file) => {
    const recording = readCapture(file);
    expect(told(recording)).toEqual(expected);
    expect(recording.notes).toEqual([]);
    const [started] = recording.events;
    expect(started).toMatchObject({
      type: 'epoch-started',
      source: 'recorded',
      wallClock: new Date(Number(START / 1_000_000n)).toISOString(),
    });
    const times = recording.events.map(({ time }) => Math.round(time / 1e6));
    expect(times).toEqual([0, 0, 3, 4, 6]);
    expect(recording.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  test('pcapng with simple packets has no times, and says nothing of any', () => {
    const recording = readCapture(pcapng(stamped(frames), { form: 'simple' }));
    expect(told(recording)).toEqual(expected);
    expect(new Set(recording.events.map(({ time }) => time))).toEqual(new Set([0]));
  });

  test('sections of both byte orders may follow each other', () => {
    const [first, second] = [stamped(frames).slice(0, 4), stamped(frames).slice(4)];
    const file = Buffer.concat([
      pcapng(first),
      pcapng(second, { bigEndian: true, resolution: 9, ticks: (time) => time }),
    ]);
    expect(told(readCapture(file))).toEqual(expected);
  });

  test('blocks that are not known are passed over', () => {
    const before = [
      { type: 0x0bad, body: Buffer.from('whatever') },
      { type: 5, body: Buffer.alloc(12) },
    ];
    expect(told(readCapture(pcapng(stamped(frames), { before })))).toEqual(expected);
  });
});

describe('any link', () => {
  const ip = (segment: packets.Segment) => ipv4(segment.from, tcp(segment));
  const ip6 = (segment: packets.Segment) => ipv6(segment.from, tcp(segment));
  const behind = (header: string) => (segment: packets.Segment) =>
    Buffer.concat([Buffer.from(header, 'hex'), ip(segment)]);
  test.each<[string, number, (segment: packets.Segment) => Buffer]>([
    ['Ethernet', 1, (segment) => ethernet(ip(segment))],
    ['Ethernet with a VLAN tag', 1, (segment) => ethernet(ip(segment), [0x8100])],
    ['Ethernet with two', 1, (segment) => ethernet(ip(segment), [0x88a8, 0x8100])],
    ['Ethernet with padding', 1, (segment) => Buffer.concat([ethernet(ip(segment)), Buffer.alloc(9, 0xee)])],
    ['PPP over Ethernet', 1, behind('000000000000000000000000886411000001003c0021')],
    ['BSD loopback', 0, behind('02000000')],
    ['BSD loopback of the other byte order', 0, behind('00000002')],
    ['OpenBSD loopback', 108, behind('00000002')],
    ['raw IP', 101, ip],
    ['raw IP under an older number', 12, ip],
    ['IPv4', 228, ip],
    ['Linux cooked', 113, behind('00000001000600000000000000000800')],
    ['Linux cooked, version 2', 276, behind('0800000000000001000100060000000000000000')],
    ['IPv4 with options', 101, (segment) => ipv4(segment.from, tcp(segment), { options: 8 })],
  ])('is understood: %s', (_name, linkType, frame) => {
    const recording = readCapture(pcap(stamped(exchange.map(frame)), { linkType }));
    expect(told(recording)).toEqual(expected);
    expect(recording.notes).toEqual([]);
  });

  const hopByHop = { type: 0, header: Buffer.alloc(8) };
  const routing = { type: 43, header: Buffer.from('0001000000000000'.padEnd(32, '0'), 'hex') };
  const authentication = { type: 51, header: Buffer.from(`0004${'00'.repeat(22)}`, 'hex') };
  const only = { type: 44, header: Buffer.alloc(8) };
  test.each<[string, number, (segment: packets.Segment) => Buffer]>([
    ['Ethernet', 1, (segment) => ethernet(ip6(segment))],
    ['raw IP', 229, ip6],
    [
      'extension headers',
      101,
      (segment) => ipv6(segment.from, tcp(segment), { extensions: [hopByHop, routing, authentication] }),
    ],
    [
      'a fragment header around a whole packet',
      101,
      (segment) => ipv6(segment.from, tcp(segment), { extensions: [only] }),
    ],
  ])('and IPv6: %s', (_name, linkType, frame) => {
    const recording = readCapture(pcap(stamped(exchange.map(frame)), { linkType }));
    expect(told(recording)).toEqual(['1 opened 2001:db8::7:50000 → 2001:db8::ff00:80', ...expected.slice(1)]);
  });

  test('that is not read is named', () => {
    const file = pcap(stamped(frames), { linkType: 127 });
    expect(() => readCapture(file)).toThrow(/no TCP or UDP.*link type 127 is not read here/);
  });
});

describe('what is no TCP', () => {
  const query = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'Shop.test' }] });
  const answer = encode({
    ...{ type: 'response', id: 7, questions: [{ type: 'A', name: 'Shop.test' }] },
    answers: [
      { type: 'CNAME', name: 'Shop.test', data: 'edge.test' },
      { type: 'A', name: 'edge.test', data: '93.184.215.14' },
    ],
  });
  const lookup = [
    ethernet(ipv4('client', udp(40_000, 53, query), { protocol: 17 })),
    ethernet(ipv4('server', udp(53, 40_000, answer), { protocol: 17 })),
  ];

  test('is a connection over UDP, DNS on the way to the resolver, and its answer names the server', () => {
    const recording = readCapture(pcap(stamped([...lookup, ...frames])));
    const opened = recording.events.filter((event) => event.type === 'connection-opened');
    expect(opened).toMatchObject([
      { transport: 'udp', hop: 'resolver', client: { port: 40_000 }, server: { port: 53 } },
      {
        transport: 'tcp',
        hop: 'cafe',
        server: { name: 'shop.test', address: '93.184.215.14', port: 80 },
        opener: 'other',
      },
    ]);
  });

  test('may be told who is who by the file itself', () => {
    const name = Buffer.from('printer.test\0');
    const body = Buffer.concat([
      ...[writer(false).uint16(1), writer(false).uint16(4 + name.length)],
      packets.pad(Buffer.concat([Buffer.of(93, 184, 215, 14), name])),
      Buffer.alloc(4),
    ]);
    const recording = readCapture(pcapng(stamped([...lookup, ...frames]), { before: [{ type: 4, body }] }));
    expect(told(recording)).toContain('2 opened 10.0.0.7:50000 → printer.test:80');
  });

  test('is called as its client asked for it, where neither file nor lookup says more', () => {
    const asking = (data: string | Buffer, server: number) =>
      exchange
        .slice(0, 3)
        .concat({ from: 'client', sequence: 1001, acknowledgement: 5001, data })
        .map((segment) => ethernet(ipv4(segment.from, tcp(segment, { server }))));
    const opened = (data: string | Buffer, server = 80) =>
      told(readCapture(pcap(stamped(asking(data, server)))))[0];
    const request = (host: string) => `GET / HTTP/1.1\r\nAccept: */*\r\nhost: ${host}\r\n\r\n`;
    expect(opened(request('Own.test:8080'))).toBe('1 opened 10.0.0.7:50000 → own.test:80');
    const [hello] = readVector('tls13-login').chunks;
    expect(opened(Buffer.from(hello?.bytes ?? []), 443)).toBe('1 opened 10.0.0.7:50000 → piggypay.test:443');
    // No names, or none that a host could have.
    for (const host of ['127.0.0.1', '[::1]', 'a/b', '<b>', 'x'.repeat(300)])
      expect(opened(request(host))).toBe('1 opened 10.0.0.7:50000 → 93.184.215.14:80');
    expect(opened('Host: own.test\r\n\r\n')).toBe('1 opened 10.0.0.7:50000 → 93.184.215.14:80');
  });

  test('and no UDP either is counted', () => {
    const ping = ethernet(ipv4('client', Buffer.alloc(8), { protocol: 1 }));
    const arp = Buffer.concat([Buffer.alloc(12), Buffer.from('0806', 'hex'), Buffer.alloc(28)]);
    const { notes } = readCapture(pcap(stamped([ping, ping, arp, ...frames])));
    expect(notes).toEqual([
      '2 packets were passed over: neither TCP nor UDP in it.',
      '1 packet was passed over: no IP in it.',
    ]);
  });
});

describe('fragments', () => {
  const whole = udp(9999, 53, Buffer.from('x'.repeat(40)));
  const piece = (start: number, end: number, more: boolean, id = 1) =>
    ethernet(ipv4('client', whole.subarray(start, end), { protocol: 17, id, offset: start, more }));
  test.each([
    ['in order', [piece(0, 16, true), piece(16, 32, true), piece(32, 48, false)]],
    ['backwards', [piece(32, 48, false), piece(16, 32, true), piece(0, 16, true)]],
    ['one of them twice', [piece(0, 16, true), piece(0, 16, true), piece(16, 48, false)]],
  ])('are put together: %s', (_name, pieces) => {
    const recording = readCapture(pcap(stamped(pieces)));
    expect(stream(recording, 1, 'client-to-server')).toBe('x'.repeat(40));
  });

  test('of IPv6 are put together as well', () => {
    const fragment = (start: number, end: number, more: number) => {
      const header = Buffer.alloc(8);
      header.writeUInt16BE(start | more, 2);
      header.writeUInt32BE(77, 4);
      return ipv6('client', whole.subarray(start, end), { protocol: 17, extensions: [{ type: 44, header }] });
    };
    const file = pcap(stamped([fragment(24, 48, 0), fragment(0, 24, 1)]), { linkType: 101 });
    expect(stream(readCapture(file), 1, 'client-to-server')).toBe('x'.repeat(40));
  });

  test.each([
    [
      'one is missing',
      [piece(0, 16, true), piece(32, 48, false)],
      /2 packets.*others of its packet are missing/,
    ],
    ['they overlap', [piece(0, 24, true), piece(16, 48, false)], /overlap/],
  ])('are told of when %s', (_name, pieces, note) => {
    const { notes } = readCapture(pcap(stamped([...pieces, ...frames])));
    expect(notes.join()).toMatch(note);
  });

  test('that never become whole are bounded', () => {
    const lonely = Array.from({ length: 2000 }, (_, id) => piece(0, 16, true, id));
    const { notes } = readCapture(pcap(stamped([...lonely, ...frames])));
    expect(notes.join()).toMatch(/2000 packets were passed over: a fragment/);
  });
});

describe('keys', () => {
  const random = 'ab'.repeat(32);
  const hello = Buffer.from(`160301003801000034 0303${random}`.replaceAll(' ', ''), 'hex');
  const secret = `CLIENT_TRAFFIC_SECRET_0 ${random} ${'11'.repeat(32)}`;
  const tls = [
    ...exchange.slice(0, 3),
    { from: 'client' as const, sequence: 1001, acknowledgement: 5001, data: hello },
  ].map((segment) => ethernet(ipv4(segment.from, tcp(segment, { server: 443 }))));

  test('that come beside the file are told at the end, of the connection whose hello they name', () => {
    const other = `CLIENT_RANDOM ${'cd'.repeat(32)} ${'22'.repeat(48)}`;
    const { events } = readCapture(pcap(stamped(tls)), {
      keylog: `# comment\n${secret}\nnonsense\n${other}\n`,
    });
    expect(told({ events: events.slice(3) })).toEqual([`key of 1: ${secret}`, `key of unknown: ${other}`]);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(events.at(-1)).toMatchObject({ vantage: 'victim' });
  });

  test('that are in the file are told as well, each once', () => {
    const { uint32 } = writer(false);
    const text = Buffer.from(`${secret}\n${secret}\n`);
    const body = Buffer.concat([uint32(0x544c534b), uint32(text.length), text]);
    const { events } = readCapture(pcapng(stamped(tls), { before: [{ type: 10, body }] }), {
      keylog: secret,
    });
    expect(told({ events: events.slice(3) })).toEqual([`key of 1: ${secret}`]);
  });

  test('of a hello that two connections sent are told of neither, since nothing says of which', () => {
    const again = [
      ...exchange.slice(0, 3),
      { from: 'client' as const, sequence: 1001, acknowledgement: 5001, data: hello },
    ].map((segment) => ethernet(ipv4(segment.from, tcp(segment, { server: 8443 }))));
    const { events, notes } = readCapture(pcap(stamped([...tls, ...again])), { keylog: secret });
    expect(told({ events: events.slice(-1) })).toEqual([`key of unknown: ${secret}`]);
    expect(notes).toEqual([]);
  });

  const noteOf = (keylog: string, packetsOf = tls) => readCapture(pcap(stamped(packetsOf)), { keylog }).notes;

  test('that fit no connection are said to', () => {
    const other = `CLIENT_RANDOM ${'cd'.repeat(32)} ${'22'.repeat(48)}`;
    expect(noteOf(other)).toEqual(['The key log has no line for the TLS connection in this capture.']);
  });

  test('that lie in no usable line are none', () => {
    expect(noteOf('no key at all\n{"json": true}')).toEqual(['The key log has no usable line.']);
    expect(noteOf('\n')).toEqual(['The key log is empty.']);
  });

  test('are of no use without a TLS connection', () => {
    expect(noteOf(secret, frames)).toEqual([
      'There is no TLS handshake in this capture for the key log to open.',
    ]);
  });

  test('that fit are passed without a word, however the hello was cut', () => {
    expect(noteOf(secret)).toEqual([]);
    const cut = [
      ...exchange.slice(0, 3),
      { from: 'client' as const, sequence: 1001, acknowledgement: 5001, data: hello.subarray(0, 20) },
      { from: 'client' as const, sequence: 1021, acknowledgement: 5001, data: hello.subarray(20) },
    ].map((segment) => ethernet(ipv4(segment.from, tcp(segment, { server: 443 }))));
    expect(noteOf(secret, cut)).toEqual([]);
  });
});

describe('a file that cannot be shown', () => {
  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.of(), 'unknown-format'],
    ['text', Buffer.from('GET / HTTP/1.1'), 'unknown-format'],
    ['a compressed file', Buffer.from('1f8b0800', 'hex'), 'compressed'],
    ['a capture without packets', pcap([]), 'nothing-to-show'],
    ['half a header', pcap([]).subarray(0, 20), 'damaged'],
    ['a section of neither byte order', Buffer.from('0a0d0d0a1c0000000000000000000000', 'hex'), 'damaged'],
    [
      'a pcap packet of a gigabyte',
      Buffer.concat([pcap([]), Buffer.alloc(8), Buffer.from('0000004000000040', 'hex')]),
      'damaged',
    ],
    [
      'a pcapng block of a gigabyte',
      Buffer.concat([pcapng([]), Buffer.from('0600000000000040000000000000000000000040', 'hex')]),
      'damaged',
    ],
    [
      'a pcapng block of nothing',
      Buffer.concat([pcapng([]), Buffer.from('060000000000000000000000', 'hex')]),
      'damaged',
    ],
  ])('%s: says why, and what to do', (_name, file, code) => {
    let error: unknown;
    try {
      readCapture(file);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(RecordingError);
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(/^[A-Z].*\.$/s) as string,
      hint: expect.stringMatching(/\.$/) as string,
    });
  });

  test('one that is too large is refused before it is looked at', () => {
    const size = limits.fileBytes + 1;
    const huge = new Uint8Array(new ArrayBuffer(size));
    expect(() => readCapture(huge)).toThrow(/larger than 256 MiB/);
  });

  test.each([
    ['pcap', pcap(stamped(frames))],
    ['pcapng', pcapng(stamped(frames))],
  ])('one that ends too early is read up to there: %s', (_name, file) => {
    const { notes, events } = readCapture(file.subarray(0, file.length - 60));
    expect(notes.join()).toMatch(/ends in the middle of a (packet|block)/);
    expect(told({ events }).slice(0, 3)).toEqual(expected.slice(0, 3));
  });
});

describe('whatever the bytes are', () => {
  const ours = () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.send(connection, 'client-to-server', new Uint8Array(3000));
    playing.secret('password', 'monsoon-42');
    playing.handled(1);
    playing.close(connection);
    return Buffer.concat([...captureFile(playing.events, { secrets: [] })]);
  };
  test.each([
    ['pcap', pcap(stamped(frames))],
    ['pcapng', pcapng(stamped(frames), { before: [{ type: 4, body: Buffer.alloc(20, 1) }] })],
    ['one of ours', ours()],
    ['IPv6', pcap(stamped(exchange.map((segment) => ipv6(segment.from, tcp(segment)))), { linkType: 101 })],
  ])('it reads or refuses them, and keeps its promises: %s', (_name, file) => {
    const change = fc.record({ at: fc.nat(file.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(file.length), (changes, cut) => {
        const bytes = Buffer.from(file.subarray(0, cut < 40 ? file.length : cut));
        for (const { at, to } of changes) if (at < bytes.length) bytes[at] = to;
        try {
          const { events } = readCapture(bytes);
          let before = events[0];
          expect(before?.type).toBe('epoch-started');
          for (const event of events.slice(1)) {
            expect(event.seq).toBeGreaterThan(before?.seq ?? 0);
            before = event;
          }
        } catch (error) {
          if (!(error instanceof RecordingError)) throw error;
        }
      }),
      { numRuns: 2500 },
    );
  });

  test('random bytes behind a header never get further than an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, ng) => {
        try {
          readCapture(Buffer.concat([ng ? pcapng([]) : pcap([]), bytes]));
        } catch (error) {
          if (!(error instanceof RecordingError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});

test('the pure room reads views of a larger buffer as well', () => {
  const file = readFileSync(join(import.meta.dirname, 'packets.ts'));
  const larger = Buffer.concat([file, pcap(stamped(frames)), file]);
  const view = larger.subarray(file.length, larger.length - file.length);
  expect(told(readCapture(view))).toEqual(expected);
});
