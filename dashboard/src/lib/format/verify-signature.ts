import type { SignatureQuestion } from '#folds/certificate-check/check.ts';
import type { OriginSignature } from '#folds/key-origin/key-origin.ts';

const HASHES: Readonly<Record<string, string>> = { SHA256: 'SHA-256', SHA384: 'SHA-384', SHA512: 'SHA-512' };
const CURVE_BYTES: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };
/** The DER of the curve's object identifier, as it stands in a SubjectPublicKeyInfo (RFC 5480, 2.1.1.1). */
const CURVES: Readonly<Record<string, string>> = {
  '06082a8648ce3d030107': 'P-256',
  '06052b81040022': 'P-384',
  '06052b81040023': 'P-521',
};
const ALGORITHM_BYTES = 32;

/** Verifies a certificate's signature with WebCrypto; undefined for kinds that WebCrypto or this function lacks. */
export async function verifySignature(question: SignatureQuestion): Promise<boolean | undefined> {
  const { algorithm, keyKind, key, signed, signature } = question;
  const hash = HASHES[/SHA\d+/i.exec(algorithm)?.[0].toUpperCase() ?? ''];
  const size = CURVE_BYTES[keyKind];
  try {
    if (algorithm.startsWith('ecdsa-with-') && hash !== undefined && size !== undefined) {
      const plain = plainEcdsa(signature, size);
      const kind = { name: 'ECDSA', namedCurve: keyKind };
      return plain !== undefined && (await verify(key, kind, { name: 'ECDSA', hash }, plain, signed));
    }
    if (algorithm.endsWith('WithRSAEncryption') && hash !== undefined) {
      const kind = { name: 'RSASSA-PKCS1-v1_5', hash };
      return await verify(key, kind, kind, signature, signed);
    }
    if (algorithm === 'Ed25519')
      return await verify(key, { name: algorithm }, { name: algorithm }, signature, signed);
  } catch {
    // A key that this browser refuses to import, because of its size for one.
    return undefined;
  }
  return undefined;
}

/**
 * Verifies what a site signed in its handshake, by its SignatureScheme (RFC 8446, 4.2.3; RFC 5246, 7.4.1.4.1);
 * undefined for schemes and keys that WebCrypto or this function lacks.
 */
export async function verifyHandshakeSignature(question: OriginSignature): Promise<boolean | undefined> {
  const { algorithm, publicKey, signed, signature } = question;
  const hash = HASHES[/sha\d+/.exec(algorithm)?.[0].toUpperCase() ?? ''];
  const bits = Number(hash?.slice(-3));
  try {
    if (algorithm.startsWith('ecdsa_') && hash !== undefined) {
      // In TLS 1.2 the scheme names the hash alone; the curve is that of the key (RFC 8422, 5.1.3).
      const namedCurve = curveOf(publicKey);
      const size = CURVE_BYTES[namedCurve ?? ''];
      if (namedCurve === undefined || size === undefined) return undefined;
      const plain = plainEcdsa(signature, size);
      const kind = { name: 'ECDSA', namedCurve };
      return plain !== undefined && (await verify(publicKey, kind, { name: 'ECDSA', hash }, plain, signed));
    }
    if (algorithm.startsWith('rsa_pss_rsae_') && hash !== undefined) {
      // The salt is as long as the hash (RFC 8446, 4.2.3).
      const how = { name: 'RSA-PSS', saltLength: bits / 8 };
      return await verify(publicKey, { name: 'RSA-PSS', hash }, how, signature, signed);
    }
    if (algorithm.startsWith('rsa_pkcs1_') && hash !== undefined) {
      const kind = { name: 'RSASSA-PKCS1-v1_5', hash };
      return await verify(publicKey, kind, kind, signature, signed);
    }
    if (algorithm === 'ed25519')
      return await verify(publicKey, { name: 'Ed25519' }, { name: 'Ed25519' }, signature, signed);
  } catch {
    // A key that this browser refuses to import, because of its size for one.
    return undefined;
  }
  return undefined;
}

function curveOf(publicKey: Uint8Array): string | undefined {
  const start = Array.from(publicKey.subarray(0, ALGORITHM_BYTES), (byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  const text = start.join('');
  return Object.entries(CURVES).find(([identifier]) => text.includes(identifier))?.[1];
}

async function verify(
  key: Uint8Array,
  kind: Parameters<typeof crypto.subtle.importKey>[2],
  how: Parameters<typeof crypto.subtle.verify>[0],
  signature: Uint8Array,
  signed: Uint8Array,
): Promise<boolean> {
  const imported = await crypto.subtle.importKey('spki', new Uint8Array(key), kind, false, ['verify']);
  return crypto.subtle.verify(how, imported, new Uint8Array(signature), new Uint8Array(signed));
}

/** r and s of fixed size one after the other, as WebCrypto wants them, from the DER of certificates (RFC 3279, 2.2.3). */
function plainEcdsa(der: Uint8Array, size: number): Uint8Array | undefined {
  if (der[0] !== 0x30) return undefined;
  const plain = new Uint8Array(2 * size);
  // Only of P-521 the sequence is so long that its length takes a second byte.
  let at = der[1] === 0x81 ? 3 : 2;
  for (const end of [size, 2 * size]) {
    const length = der[at + 1] ?? 0;
    const number = der.subarray(at + 2, at + 2 + length);
    const digits = number.subarray(number.findIndex((byte) => byte !== 0));
    if (der[at] !== 0x02 || number.length !== length || digits.length > size) return undefined;
    plain.set(digits, end - digits.length);
    at += 2 + length;
  }
  return plain;
}
