import { describe, expect, test } from 'vitest';
import { readServerName } from '../../../proxy/interception/client-hello.ts';
import { clientHello } from './harness.ts';

/** The same handshake message in records of at most `size` bytes. */
function inRecords(bytes: Buffer, size: number): Buffer {
  const message = bytes.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const fragment = message.subarray(at, at + size);
    records.push(Buffer.from([0x16, 3, 1, fragment.length >> 8, fragment.length & 255]), fragment);
  }
  return Buffer.concat(records);
}

/** A ClientHello with nothing in it but these extensions. */
function helloWith(...extensions: Buffer[]): Buffer {
  const block = Buffer.concat(extensions);
  const body = Buffer.concat([
    Buffer.from('0303' + '00'.repeat(32) + '00' + '00021301' + '0100', 'hex'),
    length16(block),
    block,
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), length16(body), body]);
  return Buffer.concat([Buffer.from('160301', 'hex'), length16(message), message]);
}

function serverNames(...names: string[]): Buffer {
  const list = Buffer.concat(
    names.flatMap((name) => [Buffer.from([0]), length16(Buffer.from(name)), Buffer.from(name)]),
  );
  const body = Buffer.concat([length16(list), list]);
  return Buffer.concat([Buffer.from([0, 0]), length16(body), body]);
}

function length16({ length }: Buffer): Buffer {
  return Buffer.from([length >> 8, length & 255]);
}

describe('the server name of a ClientHello', () => {
  test('is read from what Node sends, and not before all of it is there', async () => {
    const bytes = await clientHello('piggypay.test');
    for (let end = 0; end < bytes.length; end += 1) {
      expect(readServerName(bytes.subarray(0, end))).toBe('incomplete');
    }
    expect(readServerName(bytes)).toEqual({ name: 'piggypay.test' });
    expect(readServerName(Buffer.concat([bytes, Buffer.from('more')]))).toEqual({ name: 'piggypay.test' });
  });

  test('is found where the message spans records of any size', async () => {
    const bytes = await clientHello('piggypay.test');
    for (const size of [1, 2, 3, 5, 50, 200]) {
      expect(readServerName(inRecords(bytes, size))).toEqual({ name: 'piggypay.test' });
    }
  });

  test('is undefined where none is said', async () => {
    expect(readServerName(await clientHello())).toEqual({ name: undefined });
  });

  test('is malformed when two are said, in one list or in two', () => {
    expect(readServerName(helloWith(serverNames('a.test')))).toEqual({ name: 'a.test' });
    expect(readServerName(helloWith(serverNames('a.test', 'b.test')))).toBe('malformed');
    expect(readServerName(helloWith(serverNames('a.test'), serverNames('b.test')))).toBe('malformed');
  });

  test('is malformed or incomplete, never an exception, whatever a byte is turned into', async () => {
    const bytes = await clientHello('piggypay.test');
    for (let at = 0; at < bytes.length; at += 1) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        const said = readServerName(changed);
        expect(typeof said === 'string' || typeof said.name === 'string' || said.name === undefined).toBe(
          true,
        );
      }
    }
    expect(readServerName(Buffer.from('1603010000', 'hex'))).toBe('malformed');
    expect(readServerName(Buffer.from('160301000402000000', 'hex'))).toBe('malformed');
    expect(readServerName(Buffer.from('17030100', 'hex'))).toBe('malformed');
  });
});
