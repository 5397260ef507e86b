import { describe, expect, test } from 'vitest';
import { readVector, streamOf, type VectorChunk } from '../../../vectors/vector.ts';
import { dissect, inPieces, timeless } from '../feeding.ts';

const RFC8448 = readVector('rfc8448-hellos');

function client(...bytes: readonly number[]): VectorChunk {
  return { direction: 'client-to-server', bytes: Uint8Array.from(bytes) };
}

function record(type: number, content: Uint8Array): Uint8Array {
  return Uint8Array.from([type, 3, 3, content.length >> 8, content.length & 255, ...content]);
}

describe('what a stranger sees of TLS', () => {
  test('the name in the ClientHello, the choice in the ServerHello', () => {
    expect(dissect(RFC8448.chunks)).toMatchObject([
      { title: 'ClientHello', detail: 'asks for server in clear', sealed: false, start: 0, end: 201 },
      { title: 'ServerHello', detail: 'TLS 1.3, TLS_AES_128_GCM_SHA256', sealed: false, start: 0, end: 95 },
    ]);
  });

  test('TLS 1.3 seals everything behind the ServerHello', () => {
    const titles = timeless(dissect(readVector('tls13-login').chunks));
    expect(
      titles['server-to-client'].map(({ title, sealed }) => `${title}${sealed ? ' sealed' : ''}`),
    ).toEqual([
      'ServerHello',
      'Change Cipher Spec',
      ...Array.from({ length: titles['server-to-client'].length - 2 }, () => 'Application Data sealed'),
    ]);
    expect(titles['client-to-server'].map(({ title }) => title)).toEqual([
      'ClientHello',
      'Change Cipher Spec',
      'Application Data',
      'Application Data',
      'Application Data',
      'Application Data',
    ]);
    expect(titles['client-to-server'][2]?.tls?.guess).toBe('handshake');
    expect(titles['client-to-server'][3]?.tls?.guess).toBeUndefined();
  });

  test('TLS 1.2 shows the certificate and seals what follows Change Cipher Spec', () => {
    const titles = timeless(dissect(readVector('tls12-login').chunks));
    expect(titles['server-to-client'].slice(0, 7).map(({ title, sealed }) => [title, sealed])).toEqual([
      ['ServerHello', false],
      ['Certificate', false],
      ['ServerKeyExchange', false],
      ['ServerHelloDone', false],
      ['NewSessionTicket', false],
      ['Change Cipher Spec', false],
      ['Encrypted handshake message', true],
    ]);
  });

  test('another try is told from an answer, and the second ClientHello is in clear behind Change Cipher Spec', () => {
    const messages = timeless(dissect(readVector('tls13-retry').chunks));
    expect(messages['server-to-client'].slice(0, 3).map(({ title }) => title)).toEqual([
      'HelloRetryRequest',
      'Change Cipher Spec',
      'ServerHello',
    ]);
    const hellos = messages['client-to-server'].filter(({ title }) => title === 'ClientHello');
    expect(hellos.map(({ tls }) => tls?.serverName)).toEqual(['retry.piggypay.test', 'retry.piggypay.test']);
  });

  test('an alert in clear is named', () => {
    expect(dissect(readVector('tls12-refused').chunks).at(-1)).toMatchObject({
      title: 'Alert',
      detail: 'protocol_version',
    });
  });
});

describe('handshake messages and records', () => {
  test('a ClientHello over many records is put together', () => {
    const hello = streamOf(RFC8448, 'client-to-server').subarray(5);
    const records = Array.from({ length: Math.ceil(hello.length / 4) }, (_, index) =>
      record(22, hello.subarray(index * 4, index * 4 + 4)),
    );
    const chunks = records.map((bytes): VectorChunk => ({ direction: 'client-to-server', bytes }));
    const messages = dissect(chunks);
    expect(messages).toHaveLength(49);
    expect(messages[0]?.title).toBe('ClientHello');
    expect(messages[1]).toMatchObject({ title: 'Handshake message, continued', tls: { carriedOver: 192 } });
    expect(messages.at(-1)).toMatchObject({ detail: 'asks for server in clear' });
    expect(timeless(dissect(inPieces(chunks, 1)))).toEqual(timeless(messages));
  });

  test('messages that share a record are all named', () => {
    const flight = record(22, Uint8Array.from([11, 0, 0, 1, 0, 14, 0, 0, 0]));
    expect(dissect([{ direction: 'server-to-client', bytes: flight }])[0]?.title).toBe(
      'Certificate, ServerHelloDone',
    );
  });

  test('a hello that claims 16 MB is counted, not kept', () => {
    const [message] = dissect([client(22, 3, 1, 0, 6, 1, 255, 255, 255, 0, 0)]);
    expect(message).toMatchObject({ title: 'ClientHello', complete: true });
  });
});

describe('what is no TLS record', () => {
  test.each([
    ['a length beyond 2^14 + 2048', [23, 3, 3, 0x48, 0x01], '18433 bytes'],
    ['an unknown content type', [23, 3, 3, 0, 1, 0, 99, 3, 3, 0, 1], 'Content type 99'],
    ['an unknown version', [23, 3, 3, 0, 1, 0, 22, 9, 9, 0, 1], 'version 9.9'],
  ])('%s ends the taking apart', (_case, bytes, why) => {
    const messages = dissect([client(...bytes, 1, 2, 3)]);
    expect(messages.at(-1)).toMatchObject({ protocol: 'unknown' });
    expect(messages.at(-1)?.detail).toContain(why);
  });

  test('the longest record allowed is read', () => {
    expect(dissect([client(23, 3, 3, 0x48, 0, ...new Uint8Array(18_432))])).toMatchObject([
      { complete: true, end: 18_437 },
    ]);
  });
});
