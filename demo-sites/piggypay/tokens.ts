import { randomBytes } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';

const ISSUER = 'piggypay.test';
const LIFE = '1h';

export interface Holder {
  readonly mobile: string;
  /** Public name of the login session. */
  readonly session: string;
}

/** Signs and checks the API's tokens: JWT with HS256 (RFC 7519). */
export class Tokens {
  #key = newKey();

  /** Makes every token signed so far worthless. */
  forget(): void {
    this.#key = newKey();
  }

  /** The token says whose it is and, by its public name, of which login session (`sid` in IANA's registry of claims). */
  sign({ mobile, session }: Holder): Promise<string> {
    return new SignJWT({ sid: session })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setSubject(mobile)
      .setIssuedAt()
      .setExpirationTime(LIFE)
      .sign(this.#key);
  }

  /** Whom the token was signed for; undefined when it is not ours, altered or too old. */
  async holder(token: string): Promise<Holder | undefined> {
    const expected = { algorithms: ['HS256'], issuer: ISSUER, audience: ISSUER };
    const key = this.#key;
    const holder = await jwtVerify(token, key, expected).then(
      ({ payload: { sub, sid } }) =>
        sub !== undefined && typeof sid === 'string' ? { mobile: sub, session: sid } : undefined,
      () => undefined,
    );
    // Forgotten while it was being checked.
    return key === this.#key ? holder : undefined;
  }
}

function newKey(): Uint8Array {
  return randomBytes(32);
}
