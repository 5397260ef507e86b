import { readCapture, readCaptureInSteps } from '#recording/read-capture.ts';
import { limits } from '#recording/limits.ts';
import { expect, test } from 'vitest';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { decryptionSecrets } from '../../../proxy/pcapng/block.ts';
import { Playing } from '../folds/events.ts';
import { ethernet, ipv4, pcap, pcapng, stamped, tcp } from './packets.ts';

const many = 20_000;
const greeting = ethernet(ipv4('client', tcp({ from: 'client', sequence: 1000, data: 'GET /' })));

/** A block with nothing in it, 12 bytes long. */
function emptyBlock(type: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(12, 4);
  bytes.writeUInt32LE(12, 8);
  return bytes;
}

function ours(): Buffer {
  const playing = new Playing();
  playing.send(playing.open(), 'client-to-server', 'GET / HTTP/1.1\r\n\r\n');
  return Buffer.concat([...captureFile(playing.events)]);
}

function stepsOf(bytes: Uint8Array, keylog?: string): number {
  const steps = readCaptureInSteps(bytes, keylog === undefined ? {} : { keylog });
  for (let count = 0; ; count += 1) if (steps.next().done) return count;
}

/** `count` connections, each with a segment that nobody acknowledged behind one that is missing. */
function unfinished(count: number): Buffer {
  const frames = Array.from({ length: count }, (_, client) => [
    ethernet(ipv4('client', tcp({ from: 'client', sequence: 1000, flags: 'S' }, { client }))),
    ethernet(ipv4('client', tcp({ from: 'client', sequence: 1010, data: 'x' }, { client }))),
  ]).flat();
  return pcap(stamped(frames));
}

test.each<[string, () => readonly [Uint8Array, string?]]>([
  [
    'blocks that are not known',
    () => [Buffer.concat([pcapng(stamped([greeting])), ...Array<Buffer>(many).fill(emptyBlock(0x99))])],
  ],
  [
    'blocks that say nothing',
    () => [Buffer.concat([pcapng(stamped([greeting])), ...Array<Buffer>(many).fill(emptyBlock(5))])],
  ],
  [
    'packets in broken blocks',
    () => [Buffer.concat([pcapng(stamped([greeting])), ...Array<Buffer>(many).fill(emptyBlock(6))])],
  ],
  ['lines of a key log', () => [pcap(stamped([greeting])), 'x\n'.repeat(many)]],
  ['keys in a file of ours', () => [Buffer.concat([ours(), decryptionSecrets('x\n'.repeat(many))])]],
])('reading pauses between %s', (_name, made) => {
  expect(stepsOf(...made())).toBeGreaterThanOrEqual(4);
});

test('reading pauses between connections that nobody ended', () => {
  expect(stepsOf(unfinished(200))).toBeGreaterThanOrEqual(200);
});

test('keys that were put into a file of ours are bounded, and the rest is told of', () => {
  const block = decryptionSecrets(`${'x'.repeat(99)}\n`.repeat(10_000));
  const blocks = Math.ceil(limits.keyLogBytes / 1_000_000) + 1;
  const { events, notes } = readCapture(Buffer.concat([ours(), ...Array<Uint8Array>(blocks).fill(block)]));
  expect(notes).toEqual(['More keys than can be read are in the file; the rest was left out.']);
  expect(events.map(({ type }) => type)).toEqual(['epoch-started', 'connection-opened', 'bytes-captured']);
});
