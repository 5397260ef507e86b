import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hex } from '#dissectors/text.ts';
import type { Field } from '#dissectors/field.ts';
import { describe, expect, test } from 'vitest';
import { readVector, streamOf, type Vector } from '../../vectors/vector.ts';
import { hasTool } from '../../support/tools.ts';
import { dissect, explain } from './feeding.ts';

// What lies before the TCP payload in the packets that text2pcap writes: Ethernet, IPv4, TCP.
const HEADERS = 54;
// Where we and Wireshark draw the line differently on purpose: some groups, and extensions that we leave whole.
const DRAWN_OTHERWISE = new Set([
  'http.request',
  'http.response',
  'http.file_data',
  'tls.handshake.extension.data',
  // Wireshark 4.0 knows this extension under its draft's number only.
  'tls.handshake.extensions_alps_len',
  'tls.handshake.extensions_alps_alpn_str_len',
  'tls.handshake.extensions_alps_alpn_str',
]);

interface Witnessed {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/** What tshark, which shares no line with us, makes of the first packet of each direction of a vector. */
function witness(vector: Vector, port: number): readonly (readonly Witnessed[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-witness-'));
  try {
    const text = vector.chunks
      .map(
        ({ direction, bytes }) =>
          `${direction === 'client-to-server' ? 'O' : 'I'}\n000000 ${hex(bytes).replaceAll(/../g, '$& ')}\n`,
      )
      .join('');
    writeFileSync(join(folder, 'packets.txt'), text);
    const addresses = ['-4', '10.0.0.2,10.0.0.1', '-T', `${port},50000`];
    execFileSync(
      'text2pcap',
      ['-D', ...addresses, join(folder, 'packets.txt'), join(folder, 'packets.pcap')],
      { stdio: 'pipe' },
    );
    const pdml = execFileSync('tshark', ['-r', join(folder, 'packets.pcap'), '-T', 'pdml'], {
      stdio: 'pipe',
      maxBuffer: 1e8,
    });
    return pdml
      .toString()
      .split('<packet>')
      .slice(1)
      .map((packet) =>
        [...packet.matchAll(/<field name="([^"]+)"[^>]*? size="(\d+)" pos="(\d+)"/g)].map(
          ([, name = '', size, pos]) => ({
            name,
            size: Number(size),
            start: Number(pos) - HEADERS,
          }),
        ),
      );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function leaves(field: Field): readonly Field[] {
  return field.children ? field.children.flatMap(leaves) : [field];
}

/** Our fields under Wireshark's names in the first chunk of a vector, whatever messages it holds. */
function ours(vector: Vector): readonly Witnessed[] {
  const first = vector.chunks[0];
  return dissect(vector.chunks)
    .filter(({ direction, end }) => direction === first?.direction && end <= first.bytes.length)
    .flatMap((message) => {
      const explained = explain(message, streamOf(vector, message.direction));
      return (explained ? leaves(explained.field) : []).map(({ name, range }) => ({
        name,
        start: message.start + range.start,
        size: range.end - range.start,
      }));
    })
    .filter(({ name }) => !name.startsWith('plainsight.') && !DRAWN_OTHERWISE.has(name));
}

describe.skipIf(!hasTool('tshark'))('tshark agrees', () => {
  test.each(['rfc8448-hellos', 'tls13-login', 'tls12-login', 'tls13-retry', 'chromium-hello'])(
    'on every field of the ClientHello of %s, and on where it lies',
    (name) => {
      const vector = readVector(name);
      const [packet = []] = witness(vector, 443);
      const theirs = new Set(packet.map((field) => `${field.name} ${field.start}+${field.size}`));
      const fields = ours(vector).map((field) => `${field.name} ${field.start}+${field.size}`);
      expect(fields.length).toBeGreaterThan(40);
      expect(fields.filter((field) => !theirs.has(field))).toEqual([]);
    },
  );

  test.each(['tls13-login', 'tls12-login', 'tls13-retry'])('on the length of every record of %s', (name) => {
    const vector = readVector(name);
    const theirs = witness(vector, 443).flatMap((packet) =>
      packet.filter((field) => field.name === 'tls.record.length'),
    );
    const records = dissect(vector.chunks).filter(({ protocol }) => protocol === 'tls');
    expect(records.length).toBeGreaterThan(10);
    expect(theirs).toHaveLength(records.length);
  });

  test('on every field of an HTTP request, and on where it lies', () => {
    const vector = readVector('http-login');
    const [packet = []] = witness(vector, 80);
    const theirs = new Map(packet.map((field) => [field.name, field]));
    for (const name of ['http.request.method', 'http.request.uri', 'http.request.version']) {
      expect(ours(vector).find((field) => field.name === name)).toEqual(theirs.get(name));
    }
  });
});
