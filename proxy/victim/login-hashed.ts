import type { LoginRequest, LoginResult } from '#contract';
import { createHash } from 'node:crypto';
import type { VictimClient } from './request.ts';
import { openSession } from './session.ts';

/**
 * Logs in at the page that hashes in the browser: SHA-256 over the number, a colon and the password, in hex, in place
 * of the password. Then asks for the balance; over one connection.
 */
export async function logInHashed(
  client: VictimClient,
  { mobile, password }: LoginRequest,
): Promise<Omit<LoginResult, 'requests'>> {
  const passwordHash = createHash('sha256').update(`${mobile}:${password}`).digest('hex');
  const { cookie, ...went } = await openSession(client, {
    ...{ page: '/hashed', api: '/api/v1/login-hashed', body: { mobile, passwordHash } },
  });
  if (cookie !== undefined)
    await client.send('GET', '/api/v1/balance', { Accept: 'application/json', Cookie: cookie });
  return went;
}
