import { randomBytes } from 'node:crypto';
import type { Field } from '#dissectors/field.ts';
import { findFields } from '#dissectors/byte-reader.ts';
import { describe, expect, test } from 'vitest';
import { hasTool } from '../../../support/tools.ts';
import type { VectorChunk } from '../../../vectors/vector.ts';
import { expectCovered, malformations } from '../feeding.ts';
import { capture, type Ends, selfSigned } from './captured.ts';
import { dissections, ourValues, theirValues } from './witnessed.ts';

const HAS_OPENSSL = hasTool('openssl');
const TLS12 = { maxVersion: 'TLSv1.2' } as const;
const WEAK = ':@SECLEVEL=0';
const psk = randomBytes(16);

// Items of Wireshark's that carry no value.
const DRAWN_OTHERWISE = new Set(['tls.change_cipher_spec', 'tls.handshake', 'tls.alert_message']);

const name = 'piggypay.test';
const rsa = HAS_OPENSSL ? selfSigned(name, 'rsa:2048') : undefined;
const ec = HAS_OPENSSL ? selfSigned(name, 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256') : undefined;
const ed = HAS_OPENSSL ? selfSigned(name, 'ed25519') : undefined;

function pskEnds(ciphers: string, hint?: string): Ends {
  return {
    server: {
      ...TLS12,
      ...rsa,
      ciphers,
      pskCallback: () => psk,
      ...(hint === undefined ? {} : { pskIdentityHint: hint }),
    },
    client: {
      ...TLS12,
      ciphers,
      pskCallback: () => ({ psk, identity: 'till-7' }),
      checkServerIdentity: () => undefined,
    },
  };
}

/** Each case: the ends, and handshake messages that must be taken apart in the clear. */
const CASES: readonly (readonly [what: string, ends: () => Ends, messages: readonly string[]])[] = [
  [
    'TLS 1.2, ECDHE, RSA',
    () => ({
      server: { ...TLS12, ...rsa, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
      client: { servername: name },
    }),
    ['certificate', 'server_key_exchange', 'client_key_exchange', 'new_session_ticket'],
  ],
  [
    'TLS 1.2, ECDHE, ECDSA, ALPN',
    () => ({
      server: { ...TLS12, ...ec, ALPNProtocols: ['http/1.1'] },
      client: { servername: name, ALPNProtocols: ['h2', 'http/1.1'] },
    }),
    ['certificate', 'server_key_exchange', 'client_key_exchange'],
  ],
  ['TLS 1.2, Ed25519', () => ({ server: { ...TLS12, ...ed }, client: {} }), ['server_key_exchange']],
  [
    'TLS 1.2, static RSA',
    () => ({
      server: { ...TLS12, ...rsa, ciphers: 'AES128-GCM-SHA256' },
      client: { ciphers: 'AES128-GCM-SHA256' },
    }),
    ['certificate', 'client_key_exchange'],
  ],
  [
    'TLS 1.2, DHE',
    () => ({
      server: { ...TLS12, ...rsa, ciphers: 'DHE-RSA-AES128-GCM-SHA256', dhparam: 'auto' },
      client: { ciphers: 'DHE-RSA-AES128-GCM-SHA256' },
    }),
    ['server_key_exchange', 'client_key_exchange'],
  ],
  [
    'TLS 1.2, nobody signs',
    () => ({
      server: { ...TLS12, ciphers: `AECDH-AES128-SHA${WEAK}` },
      client: { ...TLS12, ciphers: `AECDH-AES128-SHA${WEAK}`, checkServerIdentity: () => undefined },
    }),
    ['server_key_exchange', 'client_key_exchange'],
  ],
  [
    'TLS 1.2, client certificate',
    () => ({
      server: { ...TLS12, ...rsa, requestCert: true, ca: [ec?.cert ?? '', rsa?.cert ?? ''] },
      client: { ...ec },
    }),
    ['certificate_request', 'certificate_verify', 'certificate'],
  ],
  [
    'TLS 1.2, stapled OCSP response',
    () => ({
      server: { ...TLS12, ...rsa },
      client: { requestOCSP: true },
      stapled: Buffer.from('30030a0106', 'hex'),
    }),
    ['certificate_status'],
  ],
  [
    'TLS 1.2, PSK',
    () => pskEnds(`PSK-AES128-GCM-SHA256${WEAK}`, 'which till?'),
    ['server_key_exchange', 'client_key_exchange'],
  ],
  ['TLS 1.2, RSA and PSK', () => pskEnds('RSA-PSK-AES128-GCM-SHA256'), ['client_key_exchange']],
  [
    'TLS 1.1, ECDHE, client certificate',
    () => ({
      server: {
        ...{ ...rsa, requestCert: true, ca: rsa?.cert, ciphers: `ECDHE-RSA-AES128-SHA${WEAK}` },
        ...{ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' },
      },
      client: { ...rsa, minVersion: 'TLSv1.1', ciphers: `ECDHE-RSA-AES128-SHA${WEAK}` },
    }),
    ['certificate_request', 'server_key_exchange', 'certificate_verify'],
  ],
  ['TLS 1.3', () => ({ server: { ...ec }, client: { servername: name } }), ['client_hello', 'server_hello']],
  [
    'TLS 1.3, another try',
    () => ({ server: { ...ec, ecdhCurve: 'P-384' }, client: { ecdhCurve: 'X25519:P-384' } }),
    ['client_hello', 'server_hello'],
  ],
  [
    'TLS 1.2, resumed with a ticket',
    () => ({
      server: { ...TLS12, ...rsa },
      client: { servername: name },
      resumed: true,
    }),
    ['session_ticket'],
  ],
  [
    'TLS 1.3, resumed with a ticket',
    () => ({ server: { ...ec }, client: { servername: name }, resumed: true }),
    ['pre_shared_key'],
  ],
  [
    'TLS 1.2, records of 512 bytes',
    () => ({ server: { ...TLS12, ...rsa }, client: {}, fragment: 512 }),
    ['certificate', 'server_key_exchange'],
  ],
  [
    'a refused version',
    () => ({ server: { ...ec, minVersion: 'TLSv1.3' }, client: { ...TLS12 } }),
    ['client_hello'],
  ],
];

// Wireshark 4.0 leaves a hint in front of a curve whole.
const UNWITNESSED: typeof CASES = [
  [
    'TLS 1.2, ECDHE and PSK',
    () => pskEnds('ECDHE-PSK-AES128-CBC-SHA'),
    ['server_key_exchange', 'client_key_exchange'],
  ],
];

function names(field: Field): readonly string[] {
  return [field.name, ...(field.children ?? []).flatMap(names)];
}

function expectExplained(chunks: readonly VectorChunk[]): readonly string[] {
  const trees = dissections(chunks);
  for (const { bytes, field } of trees) {
    expectCovered(field, bytes.length);
    expect(malformations(field)).toEqual([]);
    expect(findFields(field, 'plainsight.tls.handshake_body')).toEqual([]);
  }
  return trees.flatMap(({ field }) => names(field));
}

describe.skipIf(!HAS_OPENSSL)('between real ends', () => {
  test.each([...CASES, ...UNWITNESSED])('%s is taken apart to its fields', async (_what, ends, messages) => {
    const seen = expectExplained(await capture(ends()));
    for (const message of messages) expect(seen).toContain(`plainsight.tls.${message}`);
  });

  test.skipIf(!hasTool('tshark')).each(CASES)('%s is what tshark says', async (_what, ends) => {
    const chunks = await capture(ends());
    const ours = ourValues(chunks);
    const theirs = theirValues(chunks);
    expect(ours.get('tls.handshake.type')?.length).toBeGreaterThan(0);
    for (const [field, values] of ours) {
      if (!DRAWN_OTHERWISE.has(field)) expect([field, theirs.get(field)]).toEqual([field, values]);
    }
  });
});
