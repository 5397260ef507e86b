import type { KeyOrigin, OriginStep } from '#folds/key-origin/key-origin.ts';

const ENDS = ['victim', 'site'] as const;
const ALL = ['victim', 'site', 'stranger'] as const;

/** A TLS 1.3 connection in few steps: values that were never on the wire only while a key is lent. */
export function origin13(isLent: boolean): KeyOrigin {
  const secret = (byte: number): Pick<OriginStep, 'value' | 'source' | 'whyUnknown'> =>
    isLent ? { value: new Uint8Array(32).fill(byte), source: 'computed' } : { whyUnknown: 'No key is lent.' };
  const steps: OriginStep[] = [
    {
      ...{ id: 'client-key-share', stage: 'hellos', name: 'client key_share', inputs: [], knownTo: ALL },
      ...{ value: new Uint8Array(32).fill(0xc1), source: 'captured', rfc: 'RFC 8446, 4.2.8' },
      places: [{ connection: 4, direction: 'client-to-server', start: 100, end: 132 }],
    },
    {
      ...{ id: 'server-key-share', stage: 'hellos', name: 'server key_share', inputs: [], knownTo: ALL },
      ...{ value: new Uint8Array(32).fill(0x51), source: 'captured', rfc: 'RFC 8446, 4.2.8' },
    },
    {
      ...{ id: 'shared-secret', stage: 'exchange', name: 'shared secret', knownTo: ENDS },
      ...{ inputs: ['client-key-share', 'server-key-share'], rfc: 'RFC 8446, 7.4' },
      whyUnknown: 'No end tells its private half.',
    },
    {
      ...{ id: 'client-write-key', stage: 'traffic', name: 'client_write_key', knownTo: ENDS },
      ...{ inputs: ['shared-secret'], formula: 'HKDF-Expand-Label(Secret, "key", "", 16)' },
      ...{ rfc: 'RFC 8446, 7.3', ...secret(0xab) },
    },
    {
      ...{ id: 'server-write-key', stage: 'traffic', name: 'server_write_key', knownTo: ENDS },
      ...{ inputs: ['shared-secret'], rfc: 'RFC 8446, 7.3', ...secret(0xcd) },
      ...(isLent && { agreesWith: { what: 'the key log', equal: true } }),
    },
  ];
  return {
    ...{ connection: 4, version: 'TLS 1.3', suite: 'TLS_AES_256_GCM_SHA384', group: 'x25519', steps },
    ...{ host: 'piggypay.test', opener: 'scripted-victim', exchange: '(EC)DHE', tellsPrivateHalf: false },
    ...(isLent && { lent: { by: 'site', hasTold: true } }),
    ...(isLent ? { signature: signature13() } : { whyNoSignature: 'Sealed in TLS 1.3.' }),
  };
}

function signature13(): NonNullable<KeyOrigin['signature']> {
  const context = new TextEncoder().encode('TLS 1.3, server CertificateVerify');
  return {
    ...{ message: 'CertificateVerify', algorithm: 'ecdsa_secp256r1_sha256', rfc: 'RFC 8446, 4.4.3' },
    signed: Uint8Array.of(...new Uint8Array(64).fill(0x20), ...context, 0, ...new Uint8Array(48).fill(0x77)),
    signature: new Uint8Array(70).fill(0x30),
    publicKey: new Uint8Array(91).fill(0x59),
    source: 'decrypted with a lent key',
    about: 'It covers every handshake message before it.',
  };
}
