import { expect, test } from 'vitest';
import { internetChecksum } from '../../../proxy/pcapng/checksum.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

test('the sum of the example in RFC 1071 is ddf2, and its checksum the complement', () => {
  const example = bytes('0001 f203 f4f5 f6f7');
  expect(internetChecksum(example, 0, example.length)).toBe(~0xddf2 & 0xffff);
});

test('an IPv4 header as others made it has the checksum they gave it, and adds up to nothing with it', () => {
  const header = bytes('4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7');
  expect(internetChecksum(header, 0, 20)).toBe(0xb861);
  header.writeUInt16BE(0xb861, 10);
  expect(internetChecksum(header, 0, 20)).toBe(0);
});

test('an odd last byte counts as if a zero followed it', () => {
  expect(internetChecksum(bytes('01 02 03'), 0, 3)).toBe(internetChecksum(bytes('01 02 03 00'), 0, 4));
});

test('the largest frame does not overflow the sum', () => {
  // 0xffff is zero in this arithmetic, however often it is added.
  const frame = new Uint8Array(65_534).fill(0xff);
  expect(internetChecksum(frame, 0, frame.length)).toBe(0);
});
