import { createPublicKey, createHash, verify, X509Certificate } from 'node:crypto';
import { findField, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { explainHandshake } from '#dissectors/tls/handshake.ts';
import { describe, expect, test } from 'vitest';
import { isTsharkMissing } from '../../../support/tshark.ts';
import { readVector, streamOf, type VectorChunk } from '../../../vectors/vector.ts';
import { ourValues, theirValues } from './witnessed.ts';

const IN_TLS_1_3 = { version: 0x0304, from: 'server-to-client' } as const;

/** The handshake messages of one direction of a vector whose records hold one each. */
function messages(name: string, from: 'client-to-server' | 'server-to-client'): readonly Uint8Array[] {
  const stream = streamOf(readVector(name), from);
  const found: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const end = at + 5 + (stream[at + 3] ?? 0) * 256 + (stream[at + 4] ?? 0);
    found.push(stream.subarray(at + 5, end));
    at = end;
  }
  return found;
}

function message(name: string, type: number, from: 'client-to-server' | 'server-to-client'): Uint8Array {
  return messages(name, from).find((bytes) => bytes[0] === type) ?? new Uint8Array(0);
}

function values(field: Field, name: string): readonly unknown[] {
  return findFields(field, name).map(({ value }) => value);
}

describe('the handshake of RFC 8448, section 3', () => {
  const explained = (type: number) =>
    explainHandshake(message('rfc8448-handshake', type, 'server-to-client'), IN_TLS_1_3);

  test('EncryptedExtensions', () => {
    const field = explained(8);
    expect(values(field, 'tls.handshake.extension.type')).toEqual([10, 28, 0]);
    expect(findField(field, 'tls.record_size_limit')?.value).toBe(16_385);
  });

  test('Certificate: a context, the certificate, its extensions', () => {
    const field = explained(11);
    expect(values(field, 'tls.handshake.certificate_request_context_length')).toEqual([0]);
    expect(values(field, 'tls.handshake.certificate_length')).toEqual([432]);
    expect(findField(field, 'tls.handshake.certificate')?.children?.length).toBeGreaterThan(0);
    expect(values(field, 'tls.handshake.extensions_length')).toEqual([0]);
  });

  test('CertificateVerify: its signature is where it is said to be, since it holds', () => {
    const bytes = message('rfc8448-handshake', 15, 'server-to-client');
    const field = explainHandshake(bytes, IN_TLS_1_3);
    expect(findField(field, 'tls.handshake.sig_hash_alg')?.meaning).toBe('rsa_pss_rsae_sha256');
    const { start, end } = findField(field, 'tls.handshake.client_cert_vrfy.sig')?.range ?? {
      start: 0,
      end: 0,
    };
    const certificate = message('rfc8448-handshake', 11, 'server-to-client');
    const der = findField(explainHandshake(certificate, IN_TLS_1_3), 'tls.handshake.certificate')?.range;
    const key = createPublicKey(new X509Certificate(certificate.subarray(der?.start, der?.end)).toString());
    const transcript = createHash('sha256');
    for (const part of messages('rfc8448-handshake', 'client-to-server').slice(0, 1)) transcript.update(part);
    for (const part of messages('rfc8448-handshake', 'server-to-client').slice(0, 3)) transcript.update(part);
    // RFC 8446, 4.4.3.
    const signed = Buffer.concat([
      Buffer.alloc(64, 0x20),
      Buffer.from('TLS 1.3, server CertificateVerify\0'),
      transcript.digest(),
    ]);
    const padding = { key, padding: 6, saltLength: 32 };
    expect(verify('sha256', signed, padding, bytes.subarray(start, end))).toBe(true);
  });

  test('Finished', () => {
    expect(values(explained(20), 'tls.handshake.verify_data')).toEqual([
      '9b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f0718',
    ]);
  });

  test('NewSessionTicket: lifetime, age, nonce, ticket, and how much early data it allows', () => {
    const field = explained(4);
    expect(findField(field, 'tls.handshake.session_ticket_lifetime_hint')?.meaning).toBe('30 seconds');
    expect(values(field, 'tls.handshake.session_ticket_age_add')).toEqual([0xfad6aac5]);
    expect(values(field, 'tls.handshake.session_ticket_nonce')).toEqual(['0000']);
    expect(values(field, 'tls.handshake.session_ticket_length')).toEqual([178]);
    expect(values(field, 'tls.early_data.max_early_data_size')).toEqual([1024]);
  });
});

test('the ClientHello of RFC 8448, section 4, comes back with a ticket, a binder and early data', () => {
  const field = explainHandshake(message('rfc8448-resumption', 1, 'client-to-server'), {
    from: 'client-to-server',
  });
  expect(findFields(field, 'plainsight.tls.psk_identity')).toHaveLength(1);
  expect(values(field, 'tls.handshake.extensions.psk.identity.obfuscated_ticket_age')).toEqual([0xfad6aacb]);
  expect(values(field, 'plainsight.tls.psk_binder')).toEqual([
    '3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d',
  ]);
  expect(findField(field, 'tls.handshake.extensions_padding_data')?.range).toMatchObject({ end: 287 });
  expect(values(field, 'tls.handshake.extension.type')).toContain(42);
});

describe('the handshake of RFC 8448, section 6', () => {
  test('CertificateRequest asks by signature schemes', () => {
    const request = message('rfc8448-client-certificate', 13, 'server-to-client');
    const field = explainHandshake(request, IN_TLS_1_3);
    expect(values(field, 'tls.handshake.extension.type')).toEqual([13]);
    expect(values(field, 'tls.handshake.sig_hash_alg')).toHaveLength(15);
  });

  test('both sides send a certificate, and it says whose it is', () => {
    const labels = (['server-to-client', 'client-to-server'] as const).map((from) => {
      const bytes = message('rfc8448-client-certificate', 11, from);
      const field = explainHandshake(bytes, { version: 0x0304, from });
      return findField(field, 'plainsight.tls.certificate_entry')?.label;
    });
    expect(labels).toEqual(['Certificate of the site', 'Certificate of the client']);
  });
});

describe.skipIf(isTsharkMissing)('tshark says the same', () => {
  // Items of Wireshark's that carry no value, a key share whose halves it leaves together, and extensions that
  // version 4.0 leaves whole or knows under a draft's number only.
  const DRAWN_OTHERWISE = new RegExp(
    '^tls\\.(change_cipher_spec|handshake|alert_message|handshake\\.(verify_data|challenge|extensions_alps.*|' +
      'extensions_key_share_key_exchange|extension\\.data))$',
  );

  test.each([
    'rfc8448-handshake',
    'rfc8448-resumption',
    'rfc8448-client-certificate',
    'tls12-login',
    'tls12-refused',
    'tls13-retry',
    'chromium-hello',
    'tls-ssl2-hello',
  ])('of every field of %s', (name) => {
    const chunks: readonly VectorChunk[] = readVector(name).chunks;
    const ours = ourValues(chunks);
    const theirs = theirValues(chunks);
    expect(ours.size).toBeGreaterThan(10);
    for (const [field, found] of ours) {
      if (!DRAWN_OTHERWISE.test(field)) expect([field, theirs.get(field)]).toEqual([field, found]);
    }
  });
});
