import { byteLength, bytesOfNumber, numberOf, power } from './big-number.ts';
import type { RsaPrivateKey } from './rsa-private-key.ts';

/** What came out of a ciphertext: the message, and behind how much padding it stood; or why there is none. */
export type RsaOpening =
  | { readonly state: 'opened'; readonly message: Uint8Array; readonly padding: number }
  | { readonly state: 'failed'; readonly why: string };

// Between the two marks before it and the zero behind it (RFC 8017, 7.2.1).
const LEAST_PADDING = 8;

/**
 * The raw operation: c to the power of d modulo n, by the Chinese remainder theorem (RSADP, RFC 8017, 5.1.2). Returns
 * as many bytes as the modulus has; undefined when the ciphertext has another length, or is no number below n.
 *
 * This is about a capture. How long it takes depends on the key, and a site that did it like this would give its key
 * away to whoever measures; here nobody waits for an answer.
 */
export function rsaDecrypt(ciphertext: Uint8Array, key: RsaPrivateKey): Uint8Array | undefined {
  const { n, p, q, dP, dQ, qInv } = key;
  const size = byteLength(n);
  const c = numberOf(ciphertext);
  if (ciphertext.length !== size || c >= n) return undefined;
  const one = power(c, dP, p);
  const two = power(c, dQ, q);
  const step = (qInv * ((((one - two) % p) + p) % p)) % p;
  return bytesOfNumber(two + q * step, size);
}

/**
 * Decrypts and takes the padding off (RSAES-PKCS1-v1_5, RFC 8017, 7.2.2), every check made. It says which of them
 * failed, which a server must never tell (RFC 5246, 7.4.7.1): whoever may ask often enough decrypts by asking. A
 * capture is not asked over a network.
 */
export function rsaOpen(ciphertext: Uint8Array, key: RsaPrivateKey): RsaOpening {
  const padded = rsaDecrypt(ciphertext, key);
  if (!padded)
    return failed(
      ciphertext.length === byteLength(key.n)
        ? 'The encrypted number is larger than this key’s modulus: it was made for another key.'
        : `${ciphertext.length} bytes were encrypted for a key of that length; this one has ${byteLength(key.n)}.`,
    );
  if (padded[0] !== 0 || padded[1] !== 2)
    return failed('What comes out does not begin with 00 02: it was encrypted for another key, or altered.');
  const end = padded.indexOf(0, 2);
  if (end === -1) return failed('No zero ends the padding: it was encrypted for another key, or altered.');
  if (end - 2 < LEAST_PADDING) return failed(`The padding has ${end - 2} bytes, and must have 8 or more.`);
  return { state: 'opened', message: padded.slice(end + 1), padding: end - 2 };
}

function failed(why: string): RsaOpening {
  return { state: 'failed', why };
}
