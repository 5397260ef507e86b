import { expect, test } from 'vitest';
import { internetChecksum } from '../../../proxy/pcapng/checksum.ts';
import { tcpFrame, udpFrame, type Party } from '../../../proxy/pcapng/frame.ts';

const victim: Party = {
  mac: Uint8Array.of(2, 0, 192, 168, 4, 11),
  address: Uint8Array.of(192, 168, 4, 11),
  port: 50_000,
};
const site: Party = {
  mac: Uint8Array.of(2, 0, 192, 168, 4, 1),
  address: Uint8Array.of(192, 0, 2, 1),
  port: 80,
};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('a segment is Ethernet, IPv4 and TCP, field by field', () => {
  const frame = tcpFrame(
    { from: victim, to: site, sequence: 0xfffffffe, acknowledgement: 7, flags: ['psh'] },
    Buffer.from('hi'),
  );
  const checksum = hex(frame.subarray(50, 52));
  expect(hex(frame)).toBe(
    ['0200c0a80401', '0200c0a8040b', '0800'].join('') +
      ['4500', '002a', '0000', '4000', '4006', hex(frame.subarray(24, 26)), 'c0a8040b', 'c0000201'].join('') +
      ['c350', '0050', 'fffffffe', '00000007', '5018', 'ffff', checksum, '0000', '6869'].join(''),
  );
  expect(internetChecksum(frame, 14, 34)).toBe(0);
  expect(internetChecksum(frame, 26, frame.length, 6 + 22)).toBe(0);
});

test('a SYN offers the segment size and the window scale, and acknowledges nothing', () => {
  const frame = tcpFrame({ from: victim, to: site, sequence: 1, flags: ['syn'] });
  expect(hex(frame.subarray(42, 48))).toBe('000000007002');
  expect(hex(frame.subarray(54))).toBe('020405b40103030e');
});

test('a datagram of the largest size stays one packet', () => {
  const frame = udpFrame(site, victim, new Uint8Array(65_507).fill(0xff));
  expect(frame).toHaveLength(14 + 65_535);
  expect(hex(frame.subarray(16, 18))).toBe('ffff');
  expect(internetChecksum(frame, 26, frame.length, 17 + 65_515)).toBe(0);
});

test('a UDP checksum that comes out as 0 is sent as ffff, since 0 means that there is none', () => {
  const checksum = udpFrame(victim, site, Uint8Array.of(0, 0)).subarray(40, 42);
  expect(hex(udpFrame(victim, site, checksum).subarray(40))).toBe(`ffff${hex(checksum)}`);
});
