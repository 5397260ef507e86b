import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFields } from '#dissectors/byte-reader.ts';
import { headerFilterName } from '#dissectors/http1/header-names.ts';
import { hex } from '#dissectors/text.ts';
import { describe, expect, test } from 'vitest';
import { hasTool } from '../../../support/tools.ts';
import { tsharkFields } from '../../../support/tshark.ts';
import { readVector, streamOf, type Vector } from '../../../vectors/vector.ts';
import { dissect, explain } from '../feeding.ts';

/** The values of a field in all packets of a vector, as tshark reads them. */
async function theirs(vector: Vector, name: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-witness-'));
  try {
    const packets = vector.chunks.map(({ direction, bytes }) => {
      const mark = direction === 'client-to-server' ? 'O' : 'I';
      return `${mark}\n000000 ${hex(bytes).replaceAll(/../g, '$& ')}\n`;
    });
    writeFileSync(join(folder, 'packets.txt'), packets.join(''));
    const file = join(folder, 'packets.pcap');
    const addresses = ['-4', '10.0.0.2,10.0.0.1', '-T', '80,50000'];
    execFileSync('text2pcap', ['-D', ...addresses, join(folder, 'packets.txt'), file], { stdio: 'pipe' });
    const rows = await tsharkFields(file, name, name);
    return rows.flatMap(([value = '']) => value.split(',')).sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ours(vector: Vector, name: string): readonly string[] {
  return dissect(vector.chunks)
    .flatMap((message) => {
      const tree = explain(message, streamOf(vector, message.direction))?.field;
      return tree ? findFields(tree, name) : [];
    })
    .map(({ value }) => String(value))
    .sort();
}

describe.skipIf(!hasTool('tshark'))('tshark agrees', () => {
  const names = [
    'request.method',
    'request.uri',
    'response.code',
    'response.phrase',
    'chunk_size',
    'content_type',
  ];
  const fields = [
    ...names,
    'content_encoding',
    'content_length_header',
    'transfer_encoding',
    'host',
    'connection',
  ];
  test.each(fields)('on http.%s of real requests and answers', async (name) => {
    const vector = readVector('http-bodies');
    const own = ours(vector, `http.${name}`);
    expect(own.length).toBeGreaterThan(0);
    expect(own).toEqual(await theirs(vector, `http.${name}`));
  });

  test('that every header has the filter name we give it', () => {
    const known = execFileSync('tshark', ['-G', 'fields'], { maxBuffer: 1e9, stdio: 'pipe' }).toString();
    const headers = [
      'Upgrade',
      'Set-Cookie',
      'Sec-WebSocket-Key',
      'X-Forwarded-For',
      'Proxy-Authenticate',
      'Referer',
    ];
    for (const header of headers) {
      const name = headerFilterName(header.toLowerCase());
      expect(known).toMatch(new RegExp(`^F\t${header}\t${name.replaceAll('.', '\\.')}\t`, 'm'));
    }
  });
});
