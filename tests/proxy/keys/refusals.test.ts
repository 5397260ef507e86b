import { describe, expect, test } from 'vitest';
import { DecryptedConnection } from '#keys/decrypted-connection.ts';
import { KeyLog } from '#keys/key-log.ts';
import { readVector, type VectorChunk } from '../../vectors/vector.ts';
import { dataOf, decrypt, recordsOf } from './tap.ts';

const CLIENT_RANDOM = 'cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7';
const LINES = [
  `CLIENT_HANDSHAKE_TRAFFIC_SECRET ${CLIENT_RANDOM} b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21`,
  `SERVER_HANDSHAKE_TRAFFIC_SECRET ${CLIENT_RANDOM} b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38`,
  `CLIENT_TRAFFIC_SECRET_0 ${CLIENT_RANDOM} 9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5`,
  `SERVER_TRAFFIC_SECRET_0 ${CLIENT_RANDOM} a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643`,
] as const;
const keyLog = LINES.join('\n');
// Hellos, the server's flight, Finished, NewSessionTicket, data both ways, close_notify both ways.
const records = recordsOf(readVector('rfc8448-records').chunks);
const payload = Buffer.from(Uint8Array.from({ length: 50 }, (_, index) => index)).toString('latin1');

function without(label: string): string {
  return LINES.filter((line) => !line.startsWith(label)).join('\n');
}

function reasons(of: ReturnType<typeof decrypt>): readonly (string | undefined)[] {
  return of.read.map(({ reading }) => (reading.state === 'sealed' ? reading.why : undefined));
}

function flipped({ direction, bytes }: VectorChunk, at: number): VectorChunk {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return { direction, bytes: changed };
}

function withRecord(
  index: number,
  change: (record: VectorChunk) => readonly VectorChunk[],
): readonly VectorChunk[] {
  return records.flatMap((record, at) => (at === index ? change(record) : [record]));
}

describe('what does not open says why', () => {
  test('a key log of another connection', () => {
    const result = decrypt(records, keyLog.replaceAll(CLIENT_RANDOM, 'ab'.repeat(32)));
    expect(reasons(result)).toEqual([undefined, undefined, ...Array<string>(7).fill('no-key')]);
    expect(result.connection.hasKeys).toBe(false);
    expect(result.read[2]?.reading).toMatchObject({
      reason:
        'No line of the key log is for this connection, whose client random begins with cb34ecb1e78163ba.',
    });
  });

  test('a line that is missing closes its records alone', () => {
    const result = decrypt(records, without('SERVER_TRAFFIC_SECRET_0'));
    const [ticket, data, end] = ['no-secret', 'no-secret', 'no-secret'];
    expect(reasons(result)).toEqual([
      ...[undefined, undefined, undefined, undefined, ticket, undefined, data, undefined, end],
    ]);
    expect(result.read[4]?.reading).toMatchObject({
      reason: 'The key log has no SERVER_TRAFFIC_SECRET_0 for this connection.',
    });
  });

  test('without the handshake secrets the data still opens', () => {
    const result = decrypt(records, LINES.slice(2).join('\n'));
    expect(reasons(result).slice(2, 4)).toEqual(['no-secret', 'no-secret']);
    expect(dataOf(result.read, 'client-to-server')).toBe(payload);
    expect(dataOf(result.read, 'server-to-client')).toBe(payload);
  });

  test('a wrong secret of the right length', () => {
    const wrong = keyLog.replace('9e40646c', '9e40646d');
    const result = decrypt(records, wrong);
    expect(reasons(result)).toEqual([
      ...[
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        'not-verified',
        undefined,
        'not-verified',
        undefined,
      ],
    ]);
    expect(result.read[5]?.reading).toMatchObject({
      reason: 'The tag does not verify: the key is not the right one, or the record was altered.',
    });
    expect(dataOf(result.read, 'client-to-server')).toBe('');
  });

  test.each([
    ['header', 1],
    ['ciphertext', 10],
    ['tag', 71],
  ])(
    'one flipped bit in the %s of a record: nothing of it is given away, and the next one opens',
    (_, at) => {
      const result = decrypt(
        withRecord(6, (record) => [flipped(record, at)]),
        keyLog,
      );
      expect(reasons(result)[6]).toBe('not-verified');
      expect(result.read[6]?.reading).toEqual({
        state: 'sealed',
        why: 'not-verified',
        reason:
          'The tag does not verify, though the key is the right one: the record was altered, injected or sent again.',
      });
      expect(reasons(result)[8]).toBeUndefined();
    },
  );

  test('a record sent again does not verify, and the one after it does', () => {
    const result = decrypt(
      withRecord(5, (record) => [record, record]),
      keyLog,
    );
    expect(reasons(result).slice(5, 7)).toEqual([undefined, 'not-verified']);
    expect(dataOf(result.read, 'client-to-server')).toBe(payload);
    expect(reasons(result)[8]).toBeUndefined();
  });

  test('records behind a gap open as soon as one verifies', () => {
    const log = new KeyLog();
    log.add(keyLog);
    const connection = new DecryptedConnection(log);
    const states = records.flatMap(({ direction, bytes }, index) => {
      if (index === 3 || index === 4 || index === 5) {
        connection.lose(direction);
        return [];
      }
      return [connection.push(direction, bytes).reading.state];
    });
    expect(states).toEqual(['clear', 'clear', 'opened', 'opened', 'opened', 'opened']);
  });

  test('hellos that are not in the capture', () => {
    const result = decrypt(records.slice(1), keyLog);
    expect(reasons(result).slice(1)).toEqual(Array<string>(7).fill('no-hello'));
    expect(reasons(decrypt([...records.slice(0, 1), ...records.slice(2)], keyLog)).slice(1)).toEqual(
      Array<string>(7).fill('no-hello'),
    );
  });

  test('a record that did not arrive whole', () => {
    const result = decrypt(
      withRecord(5, ({ direction, bytes }) => [{ direction, bytes: bytes.subarray(0, 40) }]),
      keyLog,
    );
    expect(reasons(result)[5]).toBe('incomplete');
    expect(reasons(result)[7]).toBeUndefined();
  });

  test('a cipher suite that is not undone here is named', () => {
    const hello = flippedSuite(records[1]);
    const result = decrypt([...records.slice(0, 1), hello, ...records.slice(2)], keyLog);
    expect(result.read[2]?.reading).toMatchObject({
      why: 'not-supported',
      reason: 'Records under unknown 0x13ff are not decrypted here.',
    });
  });

  test('keys that are told later open what comes after them', () => {
    const log = new KeyLog();
    const connection = new DecryptedConnection(log);
    const before = records.slice(0, 3).map(({ direction, bytes }) => connection.push(direction, bytes));
    log.add(keyLog);
    const after = records.slice(3).map(({ direction, bytes }) => connection.push(direction, bytes));
    expect(before.map(({ reading }) => reading.state)).toEqual(['clear', 'clear', 'sealed']);
    expect(dataOf(after, 'client-to-server')).toBe(payload);
    expect(dataOf(after, 'server-to-client')).toBe(payload);
  });
});

test('no record, however mutilated, makes it throw', () => {
  for (const [index, record] of records.entries()) {
    for (const length of [0, 1, 4, 5, 6, 20, record.bytes.length - 1]) {
      const cut = withRecord(index, ({ direction, bytes }) => [
        { direction, bytes: bytes.subarray(0, length) },
      ]);
      expect(decrypt(cut, keyLog).read).toHaveLength(records.length);
    }
    for (let at = 0; at < Math.min(60, record.bytes.length); at++) {
      const changed = withRecord(index, (whole) => [flipped(whole, at)]);
      expect(decrypt(changed, keyLog).read).toHaveLength(records.length);
    }
  }
});

/** The ServerHello with a suite that nobody has registered. */
function flippedSuite(record: VectorChunk | undefined): VectorChunk {
  if (!record) throw new Error('no ServerHello');
  const bytes = Uint8Array.from(record.bytes);
  bytes[5 + 4 + 2 + 32 + 1 + 1] = 0xff;
  return { direction: record.direction, bytes };
}
