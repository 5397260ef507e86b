import { readCapture } from '#recording/read-capture.ts';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { hasTool } from '../../support/tools.ts';
import { isTsharkMissing, tsharkStream } from '../../support/tshark.ts';
import { Playing } from '../folds/events.ts';
import { ethernet, ipv4, pcap, stamped, tcp, type Segment } from './packets.ts';
import { stream } from './told.ts';

const directions = ['client-to-server', 'server-to-client'] as const;
const isEditcapMissing = isTsharkMissing || !hasTool('editcap') || !hasTool('mergecap');

/** Two connections with late, doubled and overlapping segments. */
function troubled(): Buffer {
  const segments = (port: number): { port: number; segment: Segment }[] => {
    const up = (at: number, data: string): Segment => ({
      from: 'client',
      sequence: 1001 + at,
      acknowledgement: 5001,
      data,
    });
    const down = (at: number, data: string): Segment => ({
      from: 'server',
      sequence: 5001 + at,
      acknowledgement: 1021,
      data,
    });
    const all: Segment[] = [
      { from: 'client', sequence: 1000, flags: 'S' },
      { from: 'server', sequence: 5000, acknowledgement: 1001, flags: 'S' },
      { from: 'client', sequence: 1001, acknowledgement: 5001 },
      ...[up(5, 'fghij'), up(0, 'abcde'), up(3, 'defghijkl'), up(12, 'mnopqrst')],
      ...[down(4, '5678'), down(0, '1234'), down(0, '12345678'), down(8, '9')],
      { from: 'server', sequence: 5010, acknowledgement: 1021, flags: 'F' },
      { from: 'client', sequence: 1021, acknowledgement: 5011, flags: 'F' },
    ];
    return all.map((segment) => ({ port, segment }));
  };
  const [one, other] = [segments(50_001), segments(50_002)];
  const mixed = one.flatMap((item, index) => [item, ...other.slice(index, index + 1)]);
  return pcap(
    stamped(mixed.map(({ port, segment }) => ethernet(ipv4(segment.from, tcp(segment, { client: port }))))),
  );
}

describe.skipIf(isTsharkMissing)('tshark, where it is installed, puts the same streams together', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'plainsight-recording-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  function save(name: string, bytes: Uint8Array): string {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    return file;
  }

  async function expectSameStreams(file: string, count: number): Promise<void> {
    const recording = readCapture(readFileSync(file));
    const opened = recording.events.filter(
      (event) => event.type === 'connection-opened' && event.transport === 'tcp',
    );
    expect(opened).toHaveLength(count);
    for (const [index, event] of opened.entries()) {
      const connection = event.type === 'connection-opened' ? event.connection : 0;
      const { client, server } = await tsharkStream(file, index);
      const [sent, answered] = directions.map((direction) => stream(recording, connection, direction));
      expect([sent, answered]).toEqual([client.toString('latin1'), server.toString('latin1')]);
      expect(client.length + server.length).toBeGreaterThan(0);
    }
  }

  test('of segments that came late, twice and overlapping', async () => {
    await expectSameStreams(save('troubled.pcap', troubled()), 2);
  });

  test.skipIf(isEditcapMissing)(
    'of files that its own tools wrote: other formats, other units, two files in one',
    async () => {
      const file = save('troubled.pcap', troubled());
      for (const format of ['pcapng', 'nsecpcap', 'pcap']) {
        const converted = join(folder, `converted-${format}`);
        execFileSync('editcap', ['-F', format, file, converted]);
        await expectSameStreams(converted, 2);
      }
      const merged = join(folder, 'merged.pcapng');
      execFileSync('mergecap', ['-a', '-w', merged, file, save('other.pcapng', oneOfOurs())]);
      await expectSameStreams(merged, 3);
    },
  );

  test.skipIf(isEditcapMissing)(
    'of a file of ours with packets taken out, or its statements lost',
    async () => {
      const file = save('ours.pcapng', oneOfOurs());
      const [shorter, bare] = [join(folder, 'shorter.pcapng'), join(folder, 'bare.pcap')];
      // A segment in the middle of a chunk.
      execFileSync('editcap', [file, shorter, '6']);
      expect(readCapture(readFileSync(shorter)).notes.join()).toMatch(
        /changed since.*1460 bytes are missing/,
      );
      execFileSync('editcap', ['-F', 'pcap', file, bare]);
      await expectSameStreams(bare, 1);
    },
  );

  test.skipIf(isEditcapMissing)('and strips every secret from a file of ours when it is told to', () => {
    const file = save('secrets.pcapng', oneOfOurs(true));
    expect(readFileSync(file).includes('monsoon-42')).toBe(true);
    const stripped = join(folder, 'stripped.pcapng');
    execFileSync('editcap', ['--discard-all-secrets', file, stripped]);
    expect(readFileSync(stripped).includes('monsoon-42')).toBe(false);
    expect(
      readCapture(readFileSync(stripped)).events.filter(({ type }) => type === 'bytes-captured'),
    ).toHaveLength(2);
  });
});

function oneOfOurs(withKeys = false): Buffer {
  const playing = new Playing();
  playing.secret('password', 'monsoon-42');
  const connection = playing.open({ port: 7 });
  playing.send(connection, 'client-to-server', new Uint8Array(1460 * 4).fill(0x61));
  playing.send(connection, 'server-to-client', 'answer');
  playing.close(connection);
  const secrets = playing.events.filter((event) => event.type === 'secret-entered');
  return Buffer.concat([...captureFile(playing.events, withKeys ? { secrets } : {})]);
}
