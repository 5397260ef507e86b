import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

// N = 2^14, r = 8: 16 MB and some 50 ms a guess. OWASP asks for more of a real site; a room full of people logs in here.
const COST = { N: 16_384, r: 8, p: 1 } as const;
const HASH_LENGTH = 32;

/** A password as a site should keep it: scrypt (RFC 7914) with a salt of its own. */
export interface StoredPassword {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** Hashes with a fresh salt, off the main thread. */
export async function hashPassword(password: string): Promise<StoredPassword> {
  const salt = randomBytes(16);
  return { salt, hash: await derive(password, salt) };
}

/** Whether `password` is the one that was stored, in a time that does not depend on how much of it is right. */
export async function verifyPassword(password: string, stored: StoredPassword): Promise<boolean> {
  return timingSafeEqual(await derive(password, stored.salt), stored.hash);
}

function derive(password: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, HASH_LENGTH, COST, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
