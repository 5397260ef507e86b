import type { LoginResult } from '#contract';

/** What the victim tells of one login: `200 · welcome Asha`, `401 · refused`, or why it got nowhere. */
export function loginLine(result: LoginResult): string {
  if (result.error) return `${result.error.code}: ${result.error.message}`;
  const status = result.status === undefined ? 'no answer' : String(result.status);
  if (!result.ok) return `${status} · refused`;
  return result.name === undefined ? `${status} · welcome` : `${status} · welcome ${result.name}`;
}
