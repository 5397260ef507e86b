import { expect, test } from 'vitest';
import {
  decryptionSecrets,
  enhancedPacket,
  interfaceDescription,
  interfaceStatistics,
  nameResolution,
  sectionHeader,
} from '../../../proxy/pcapng/block.ts';
import { comments, readBlocks, readPackets } from './reading.ts';

test('a section header names the application and leaves its length open', () => {
  const [header] = readBlocks(sectionHeader('plainsight', ['a lab', 'of two comments']));
  expect(header?.body.subarray(0, 16).toString('hex')).toBe(`4d3c2b1a01000000${'ff'.repeat(8)}`);
  expect(header?.options.map(({ code, value }) => [code, value.toString()])).toEqual([
    [1, 'a lab'],
    [1, 'of two comments'],
    [4, 'plainsight'],
  ]);
});

test('an interface is Ethernet, with nanoseconds', () => {
  const [description] = readBlocks(interfaceDescription({ name: 'cafe', description: 'victim to relay' }));
  expect(description?.body.readUInt16LE(0)).toBe(1);
  expect(description?.options.map(({ code, value }) => [code, value.toString()])).toEqual([
    [2, 'cafe'],
    [3, 'victim to relay'],
    [9, '\t'],
  ]);
});

test('a name record holds the address and the name, ended by a zero', () => {
  const [names] = readBlocks(
    nameResolution([{ address: Uint8Array.of(192, 0, 2, 1), name: 'piggypay.test' }]),
  );
  expect(names).toMatchObject({ type: 4 });
  expect(names?.options.map(({ code, value }) => [code, value.toString('latin1')])).toEqual([
    [1, '\xc0\x00\x02\x01piggypay.test\0'],
  ]);
});

test.each([0, 1, 2, 3, 4, 5])(
  'a packet of %i bytes is padded and comes back with its time and comments',
  (length) => {
    const frame = new Uint8Array(length).fill(7);
    const header = { interfaceId: 1, time: 1_795_317_004_909_123_456n, comments: ['one', 'zwei, größer'] };
    expect(readPackets(enhancedPacket(header, frame))).toEqual([{ ...header, frame: Buffer.from(frame) }]);
  },
);

test('a packet without comments has no options at all', () => {
  expect(enhancedPacket({ interfaceId: 0, time: 0n, comments: [] }, new Uint8Array(4))).toHaveLength(36);
});

test('secrets are a TLS key log with its length', () => {
  const [secrets] = readBlocks(decryptionSecrets('CLIENT_RANDOM ab cd\n'));
  expect(secrets?.type).toBe(10);
  expect(secrets?.body.readUInt32LE(0)).toBe(0x544c534b);
  expect(secrets?.body.readUInt32LE(4)).toBe(20);
  expect(secrets?.body.toString('utf8', 8)).toBe('CLIENT_RANDOM ab cd\n');
});

test('statistics carry a moment and comments', () => {
  const [statistics] = readBlocks(interfaceStatistics({ interfaceId: 0, time: 5n, comments: ['over'] }));
  expect(statistics).toMatchObject({ type: 5 });
  expect(statistics?.body.readUInt32LE(8)).toBe(5);
  expect(comments(statistics?.options ?? [])).toEqual(['over']);
});

test('a comment longer than an option can be is cut', () => {
  const header = { interfaceId: 0, time: 0n, comments: ['ö'.repeat(100_000), 'next'] };
  const [packet] = readPackets(enhancedPacket(header, new Uint8Array(1)));
  expect(packet?.comments).toEqual(['ö'.repeat(4096), 'next']);
});
