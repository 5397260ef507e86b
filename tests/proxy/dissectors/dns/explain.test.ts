import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { findField, findFields } from '#dissectors/byte-reader.ts';
import { explainDns, summarizeDns } from '#dissectors/dns/explain.ts';
import { readName } from '#dissectors/dns/name.ts';
import type { Field } from '#dissectors/field.ts';
import { hex } from '#dissectors/text.ts';
import { describe, expect, test } from 'vitest';
import { hasTool } from '../../../support/tools.ts';

const query = encode({
  type: 'query',
  id: 0x1234,
  flags: 0x0100,
  questions: [{ type: 'A', name: 'piggypay.test' }],
});
const response = encode({
  type: 'response',
  id: 0x1234,
  flags: 0x0580,
  questions: [{ type: 'A', name: 'www.piggypay.test' }],
  answers: [
    { type: 'CNAME', name: 'www.piggypay.test', ttl: 60, data: 'piggypay.test' },
    { type: 'A', name: 'piggypay.test', ttl: 300, data: '127.0.0.1' },
    { type: 'AAAA', name: 'piggypay.test', ttl: 300, data: '2001:db8::1' },
  ],
  additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] }],
} as unknown as Packet);

/** One record of every kind that is read down to its parts. */
const kinds = encode({
  type: 'response',
  id: 7,
  flags: 0x0180,
  questions: [{ type: 'HTTPS', name: 'piggypay.test' }],
  answers: [
    { type: 'NS', name: 'piggypay.test', ttl: 60, data: 'ns.piggypay.test' },
    { type: 'PTR', name: 'piggypay.test', ttl: 60, data: 'host.piggypay.test' },
    { type: 'MX', name: 'piggypay.test', ttl: 60, data: { preference: 10, exchange: 'mail.piggypay.test' } },
    { type: 'TXT', name: 'piggypay.test', ttl: 60, data: ['one', 'two words'] },
    {
      type: 'SRV',
      name: '_https._tcp.piggypay.test',
      ttl: 60,
      data: { priority: 1, weight: 2, port: 443, target: 'piggypay.test' },
    },
    {
      type: 'SOA',
      name: 'piggypay.test',
      ttl: 60,
      data: {
        mname: 'ns.piggypay.test',
        rname: 'root.piggypay.test',
        serial: 3,
        refresh: 4,
        retry: 5,
        expire: 6,
        minimum: 7,
      },
    },
    { type: 'A', name: 'piggypay.test', ttl: 60, data: '127.0.0.1' },
  ],
} as unknown as Packet);

/** An HTTPS record (RFC 9460): priority 1, the name itself, alpn h2, port 443, an IPv4 hint. */
const serviceBinding = Uint8Array.from([
  ...encode({
    type: 'response',
    id: 8,
    flags: 0x0180,
    questions: [{ type: 'HTTPS' as 'A', name: 'piggypay.test' }],
  }),
  ...[0xc0, 0x0c, 0, 65, 0, 1, 0, 0, 0, 60, 0, 24, 0, 1, 0],
  ...[0, 1, 0, 3, 2, 0x68, 0x32],
  ...[0, 3, 0, 2, 1, 0xbb],
  ...[0, 4, 0, 4, 127, 0, 0, 1],
]).map((byte, index) => (index === 7 ? 1 : byte));

/** www.piggypay.test with the name of the answer written as a pointer to byte 12 (RFC 1035, 4.1.4). */
const compressed = Uint8Array.from([
  ...response.subarray(0, 12).map((byte, index) => (index === 7 ? 1 : index === 11 ? 0 : byte)),
  ...encode({ questions: [{ type: 'A', name: 'www.piggypay.test' }] }).subarray(12),
  ...[0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 1, 0x2c, 0, 4, 127, 0, 0, 1],
]);

function leaves(field: Field): readonly Field[] {
  return field.children ? field.children.flatMap(leaves) : [field];
}

function expectCovered(field: Field, length: number): void {
  let at = 0;
  for (const { range } of leaves(field)) {
    expect(range.start).toBe(at);
    at = range.end;
  }
  expect(at).toBe(length);
}

test('a query says what is asked for, in clear', () => {
  const field = explainDns(query);
  expect(findField(field, 'dns.qry.name')).toMatchObject({
    value: 'piggypay.test',
    range: { start: 12, end: 27 },
  });
  expect(findField(field, 'dns.qry.type')).toMatchObject({ value: 1, meaning: 'A' });
  expect(findField(field, 'dns.flags')?.meaning).toBe('query, Standard query, recursion desired');
  expect(summarizeDns(query)).toEqual({ title: 'Query A piggypay.test', detail: 'in clear' });
  expectCovered(field, query.length);
});

test('a response is read down to its addresses', () => {
  const field = explainDns(response);
  expect(findField(field, 'dns.cname')?.value).toBe('piggypay.test');
  expect(findField(field, 'dns.a')?.value).toBe('127.0.0.1');
  expect(findField(field, 'dns.aaaa')?.value).toBe('2001:db8::1');
  expect(findField(field, 'dns.rr.udp_payload_size')?.value).toBe(1232);
  expect(summarizeDns(response)).toEqual({ title: 'Response A www.piggypay.test', detail: '3 answers' });
  expect(leaves(field).filter(({ malformed }) => malformed !== undefined)).toEqual([]);
  expectCovered(field, response.length);
});

test('a compressed name is read through its pointer and takes two bytes where it stands', () => {
  const field = explainDns(compressed);
  const name = findField(field, 'dns.resp.name');
  expect(name?.value).toBe('www.piggypay.test');
  expect((name?.range.end ?? 0) - (name?.range.start ?? 0)).toBe(2);
  expect(findField(field, 'dns.a')?.value).toBe('127.0.0.1');
  expect(decode(Buffer.from(compressed)).answers).toMatchObject([
    { name: 'www.piggypay.test', data: '127.0.0.1' },
  ]);
});

test('a name that is nothing but pointers to pointers is given up', () => {
  const chain = 200;
  const message = Buffer.alloc(12 + 3 + chain * 2);
  message.write('\u0001a', 12, 'latin1');
  for (let at = 15; at < message.length; at += 2)
    message.writeUInt16BE(0xc000 | (at === 15 ? 12 : at - 2), at);
  expect(readName(message, message.length - 2)).toMatch(/pointers/);
  expect(readName(message, 15 + 2 * 100)).toEqual({ text: 'a', size: 2 });
});

test('a pointer in a circle, a truncated message and a false count are malformed with a reason', () => {
  const circle = Uint8Array.from([...query.subarray(0, 12), 0xc0, 0x0c, 0, 1, 0, 1]);
  const faults = (bytes: Uint8Array) =>
    JSON.stringify(explainDns(bytes)).match(/"malformed":"([^"]+)"/)?.[1] ?? 'nothing wrong';
  expect(faults(circle)).toBe('The pointer does not point back.');
  expect(faults(query.subarray(0, 20))).toMatch(/past the end/);
  const greedy = Uint8Array.from(query);
  greedy[5] = 9;
  expect(faults(greedy)).toBe('Says 9 entries, 1 are here.');
});

test('whatever the bytes, every one is covered and nothing is thrown', () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(query, response, kinds, Buffer.from(compressed), Buffer.from(serviceBinding)),
      fc.nat(),
      fc.nat(255),
      fc.nat(),
    )
    .map(([base, at, value, cut]) => {
      const bytes = Uint8Array.from(base);
      bytes[at % bytes.length] = value;
      return bytes.subarray(0, cut % (bytes.length + 1));
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 600 })), (bytes) => {
      summarizeDns(bytes);
      const field = explainDns(bytes);
      if (bytes.length > 0) expectCovered(field, bytes.length);
    }),
    { numRuns: 3000 },
  );
});

describe.skipIf(!hasTool('tshark'))('tshark, which shares no line with us', () => {
  test.each([
    ['query', query],
    ['response', response],
    ['compressed response', Buffer.from(compressed)],
    ['response with records of every kind', kinds],
    ['service binding', Buffer.from(serviceBinding)],
  ])('reads the same names, types and addresses in a %s', (_, bytes) => {
    const names = [
      'dns.qry.name',
      'dns.qry.type',
      'dns.resp.name',
      'dns.resp.ttl',
      'dns.a',
      'dns.aaaa',
      'dns.cname',
      'dns.ns',
      'dns.ptr.domain_name',
      'dns.mx.preference',
      'dns.mx.mail_exchange',
      'dns.txt',
      'dns.srv.port',
      'dns.srv.target',
      'dns.soa.mname',
      'dns.soa.serial_number',
      'dns.svcb.svcpriority',
      'dns.svcb.svcparam.alpn',
      'dns.svcb.svcparam.port',
    ];
    const field = explainDns(bytes);
    for (const [index, theirs] of fieldsByTshark(bytes, names).entries()) {
      const name = names[index] ?? '';
      // Wireshark shows the fields of OPT under names of its own.
      const ours = findFields(field, name).filter(({ value }) => value !== '<Root>');
      expect(ours.map(({ value }) => String(value))).toEqual(theirs.filter((value) => value !== '<Root>'));
    }
  });
});

function fieldsByTshark(bytes: Uint8Array, names: readonly string[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-dns-'));
  try {
    writeFileSync(join(folder, 'packet.txt'), `000000 ${hex(bytes).replaceAll(/../g, '$& ')}\n`);
    const capture = join(folder, 'packet.pcap');
    execFileSync('text2pcap', ['-u', '53,53', join(folder, 'packet.txt'), capture], { stdio: 'pipe' });
    const wanted = names.flatMap((name) => ['-e', name]);
    const line = execFileSync('tshark', ['-r', capture, '-T', 'fields', ...wanted], {
      stdio: 'pipe',
    }).toString();
    return line
      .replace(/\n$/, '')
      .split('\t')
      .map((values) => values.split(',').filter(Boolean));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
