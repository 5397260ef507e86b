import { findField, findFields } from '#dissectors/byte-reader.ts';
import { explainRecord } from '#dissectors/tls/explain.ts';
import { describe, expect, test } from 'vitest';
import { readVector, streamOf, type VectorChunk } from '../../../vectors/vector.ts';
import { dissect, expectCovered, malformations } from '../feeding.ts';

const OPEN = { sealed: false, carriedOver: 0 };
const VECTOR = readVector('tls-ssl2-hello');
const HELLO = streamOf(VECTOR, 'client-to-server');

function client(...bytes: readonly number[]): VectorChunk {
  return { direction: 'client-to-server', bytes: Uint8Array.from(bytes) };
}

describe('an SSL 2.0 ClientHello', () => {
  test('is a message, and what follows it are TLS records', () => {
    const messages = dissect([...VECTOR.chunks, client(21, 3, 1, 0, 2, 1, 0)]);
    expect(messages).toMatchObject([
      { protocol: 'tls', title: 'SSL 2.0 ClientHello', sealed: false, complete: true, end: HELLO.length },
      { title: 'Alert', detail: 'protocol_version' },
      { title: 'Alert', detail: 'close_notify' },
    ]);
  });

  test('is taken apart to its cipher specs and its challenge', () => {
    const field = explainRecord(HELLO, OPEN);
    expectCovered(field, HELLO.length);
    expect(malformations(field)).toEqual([]);
    expect(findField(field, 'tls.handshake.version')?.meaning).toBe(
      'TLS 1.0, the highest that the client speaks',
    );
    expect(findFields(field, 'tls.handshake.cipherspec').map(({ meaning }) => meaning)).toEqual([
      'TLS_RSA_WITH_AES_128_CBC_SHA',
      'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
      'TLS_RSA_WITH_RC4_128_SHA',
      'SSL2_RC4_128_WITH_MD5',
      'SSL2_DES_192_EDE3_CBC_WITH_MD5',
      'TLS_EMPTY_RENEGOTIATION_INFO_SCSV',
    ]);
    expect(findField(field, 'tls.handshake.challenge')?.value).toBe('4142434445464748494a4b4c4d4e4f50');
  });

  test('whose lengths lie says so, and every byte is covered', () => {
    for (let at = 2; at < 11; at++) {
      const bytes = HELLO.slice();
      bytes[at] = 0xff;
      const field = explainRecord(bytes, OPEN);
      expectCovered(field, bytes.length);
      if (at > 4) expect(malformations(field).length, `byte ${at}`).toBeGreaterThan(0);
    }
  });

  test('has its place at the beginning only: later, the same bytes are no record', () => {
    const messages = dissect([...VECTOR.chunks.slice(0, 1), ...VECTOR.chunks.slice(0, 1)]);
    expect(messages.at(-1)).toMatchObject({
      protocol: 'unknown',
      detail: 'Content type 128 is none that is read here.',
    });
  });
});

test('an SSL 2.0 ServerHello is taken apart', () => {
  const bytes = Uint8Array.from([0x80, 16, 4, 0, 1, 0, 2, 0, 0, 0, 3, 0, 2, 7, 0, 192, 8, 9]);
  const [message] = dissect([{ direction: 'server-to-client', bytes }]);
  expect(message).toMatchObject({ protocol: 'tls', title: 'SSL 2.0 ServerHello', complete: true });
  const field = explainRecord(bytes, OPEN);
  expectCovered(field, bytes.length);
  expect(malformations(field)).toEqual([]);
  expect(findField(field, 'tls.handshake.version')?.meaning).toBe('SSL 2.0');
  expect(findField(field, 'plainsight.tls.connection_id')?.value).toBe('0809');
});

test('an SSL 3.0 hello is read like those after it', () => {
  const body = [3, 0, ...new Uint8Array(32), 0, 0, 2, 0, 0x0a, 1, 0];
  const [message] = dissect([client(22, 3, 0, 0, body.length + 4, 1, 0, 0, body.length, ...body)]);
  expect(message).toMatchObject({ title: 'ClientHello', detail: 'names no site', complete: true });
});
