import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFields } from '#dissectors/byte-reader.ts';
import { hex } from '#dissectors/text.ts';
import { describe, expect, test } from 'vitest';
import { hasTool } from '../../../support/tools.ts';
import { tsharkFields } from '../../../support/tshark.ts';
import { readVector, streamOf, type Vector } from '../../../vectors/vector.ts';
import { dissect, explain } from '../feeding.ts';

/** The values of these fields in all packets of a vector, as tshark reads them, in order. */
async function theirs(vector: Vector, names: readonly string[]): Promise<readonly string[][]> {
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
    const rows = await tsharkFields(file, 'http || websocket', ...names);
    return names.map((_, column) =>
      rows.flatMap((row) => (row[column] ?? '').split(',')).filter((value) => value),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same of our own trees; messages by direction change as the packets do. */
function ours(vector: Vector, names: readonly string[]): readonly string[][] {
  const trees = dissect(vector.chunks).map(
    (message) => explain(message, streamOf(vector, message.direction))?.field,
  );
  return names.map((name) =>
    trees.flatMap((tree) => (tree ? findFields(tree, name) : []).map(({ value }) => String(value))),
  );
}

describe.skipIf(!hasTool('tshark'))('tshark agrees', () => {
  test.each(['websocket-chat', 'websocket-compressed'])(
    'on opcode, length and masking key of every frame of %s',
    async (name) => {
      const vector = readVector(name);
      const names = [
        'websocket.opcode',
        'websocket.payload_length',
        'websocket.payload_length_ext_16',
        'websocket.masking_key',
      ];
      const mine = ours(vector, names);
      expect(mine[0]?.length).toBeGreaterThan(10);
      expect(mine).toEqual(await theirs(vector, names));
    },
  );

  test('on what closes the chat, and on the handshake', async () => {
    const vector = readVector('websocket-chat');
    const names = [
      'websocket.payload.close.reason',
      'http.sec_websocket_key',
      'http.sec_websocket_accept',
      'http.sec_websocket_version',
      'http.sec_websocket_protocol',
      'http.upgrade',
    ];
    const [reasons = [], ...head] = await theirs(vector, names);
    const [ownReasons = [], ...ownHead] = ours(vector, names);
    expect(ownHead).toEqual(head);
    // Ours is in clear on the wire from the server only; the client's is under its mask.
    expect(ownReasons).toEqual(['thank you']);
    expect(reasons).toContain('thank you');
  });
});
