import type { LoginRequest, LoginResult } from '#contract';
import type { VictimClient } from './request.ts';

/** Loads the page, logs in and, when that went well, asks for the balance; over one connection. */
export async function logIn(
  client: VictimClient,
  { mobile, password }: LoginRequest,
): Promise<Omit<LoginResult, 'requests'>> {
  await client.send('GET', '/', { Accept: 'text/html' });
  const answer = await client.send(
    'POST',
    '/api/v1/login',
    { 'Content-Type': 'application/json', Accept: 'application/json' },
    JSON.stringify({ mobile, password }),
  );
  const { name, token } = readAnswer(answer.bytes.toString());
  const ok = answer.status === 200;
  if (ok) {
    const cookie = answer.headers['set-cookie']?.map((line) => line.split(';', 1)[0]).join('; ');
    await client.send('GET', '/api/v1/balance', {
      Accept: 'application/json',
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    });
  }
  return { ok, status: answer.status, ...(name === undefined ? {} : { name }) };
}

function readAnswer(body: string): { name?: string; token?: string } {
  try {
    const { name, token } = JSON.parse(body) as Record<string, unknown>;
    return {
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof token === 'string' ? { token } : {}),
    };
  } catch {
    return {};
  }
}
