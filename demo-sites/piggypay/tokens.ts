import { randomBytes } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';

const ISSUER = 'piggypay.test';
const LIFE = '1h';

/** Signs and checks the API's tokens: JWT with HS256 (RFC 7519). */
export class Tokens {
  #key = newKey();

  /** Makes every token signed so far worthless. */
  forget(): void {
    this.#key = newKey();
  }

  sign(mobile: string): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setSubject(mobile)
      .setIssuedAt()
      .setExpirationTime(LIFE)
      .sign(this.#key);
  }

  /** The mobile number the token was signed for; undefined when it is not ours, altered or too old. */
  async subject(token: string): Promise<string | undefined> {
    const expected = { algorithms: ['HS256'], issuer: ISSUER, audience: ISSUER };
    return jwtVerify(token, this.#key, expected).then(
      ({ payload }) => payload.sub,
      () => undefined,
    );
  }
}

function newKey(): Uint8Array {
  return randomBytes(32);
}
