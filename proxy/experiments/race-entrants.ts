import {
  constants,
  createCipheriv,
  diffieHellman,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';

export type RaceFamily =
  'RSA-2048' | 'EC P-256' | 'X25519' | 'AES-128-GCM' | 'AES-256-GCM' | 'ChaCha20-Poly1305';

/** Something that is done over and over, as often as it can be. */
export interface Entrant {
  readonly family: RaceFamily;
  readonly doing: string;
  /** Of the application's data that one operation carries; absent where it carries none. */
  readonly payloadBytes?: number;
  once(): void;
}

/** The largest record (RFC 8446, 5.1). */
const RECORD_BYTES = 1 << 14;
/** 256 bytes of modulus less two SHA-256 hashes and two bytes of padding (RFC 8017, 7.1.1). */
const OAEP_BYTES = 256 - 2 * 32 - 2;
/** About what a CertificateVerify signs. */
const SIGNED_BYTES = 130;

/** All of them, with fresh keys; makes an RSA pair, which takes its time. */
export function entrants(): readonly Entrant[] {
  return [
    ...rsa(),
    ...ec(),
    agreement('EC P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })),
    agreement('X25519', generateKeyPairSync('x25519')),
    sealing('AES-128-GCM', 16),
    sealing('AES-256-GCM', 32),
    sealing('ChaCha20-Poly1305', 32),
  ];
}

function rsa(): readonly Entrant[] {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const payload = randomBytes(OAEP_BYTES);
  const sealed = publicEncrypt({ key: publicKey, ...oaep }, payload);
  const family = 'RSA-2048';
  const payloadBytes = OAEP_BYTES;
  const message = randomBytes(SIGNED_BYTES);
  const signature = sign('sha256', message, { key: privateKey, ...pss });
  return [
    {
      family,
      doing: 'encrypt',
      payloadBytes,
      once: () => publicEncrypt({ key: publicKey, ...oaep }, payload),
    },
    {
      family,
      doing: 'decrypt',
      payloadBytes,
      once: () => privateDecrypt({ key: privateKey, ...oaep }, sealed),
    },
    { family, doing: 'sign', once: () => sign('sha256', message, { key: privateKey, ...pss }) },
    { family, doing: 'verify', once: () => verify('sha256', message, { key: publicKey, ...pss }, signature) },
  ];
}

function ec(): readonly Entrant[] {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const message = randomBytes(SIGNED_BYTES);
  const signature = sign('sha256', message, privateKey);
  const family = 'EC P-256';
  return [
    { family, doing: 'sign', once: () => sign('sha256', message, privateKey) },
    { family, doing: 'verify', once: () => verify('sha256', message, publicKey, signature) },
  ];
}

function agreement(
  family: RaceFamily,
  { publicKey, privateKey }: ReturnType<typeof generateKeyPairSync>,
): Entrant {
  return { family, doing: 'agree on a secret', once: () => diffieHellman({ privateKey, publicKey }) };
}

/** A whole record each time, with its nonce and its tag, as TLS does it. */
function sealing(family: 'AES-128-GCM' | 'AES-256-GCM' | 'ChaCha20-Poly1305', keyBytes: number): Entrant {
  const key = randomBytes(keyBytes);
  const record = randomBytes(RECORD_BYTES);
  const nonce = Buffer.alloc(12);
  let sequence = 0;
  const once = (): void => {
    // Never the same one twice with the same key, here as anywhere.
    nonce.writeUInt32BE((sequence += 1), 8);
    const cipher =
      family === 'ChaCha20-Poly1305'
        ? createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
        : createCipheriv(family === 'AES-128-GCM' ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce);
    cipher.update(record);
    cipher.final();
    cipher.getAuthTag();
  };
  return { family, doing: 'seal records', payloadBytes: RECORD_BYTES, once };
}
