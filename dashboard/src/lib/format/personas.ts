import type { Finding, Persona } from '#contract';
import { isPersonas } from './mask.ts';

/** Whether a value is the persona's own: a credential, both of them as Basic sends them, or a token issued to it. */
export function isPersonasSecret(value: string, persona: Persona | undefined): boolean {
  if (persona === undefined) return false;
  const isBoth = value === `${persona.mobile}:${persona.password}`;
  return isBoth || isPersonas(value, persona) || isIssuedTo(value, persona);
}

/** Whether a token was read in answer to the persona's own login, the one that the findings are of. */
export function isPersonasFinding(
  value: string,
  findings: readonly Finding[],
  persona: Persona | undefined,
): boolean {
  const isTheirs = findings.some(
    (finding) =>
      finding.kind === 'password' && finding.value !== undefined && isPersonas(finding.value, persona),
  );
  return isTheirs && findings.some((finding) => finding.kind === 'token' && finding.value === value);
}

/** A JWT whose subject is the persona (RFC 7519, 4.1.2). */
function isIssuedTo(token: string, { mobile }: Persona): boolean {
  const claims = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token)?.[1];
  if (claims === undefined) return false;
  try {
    const parsed: unknown = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')));
    return typeof parsed === 'object' && parsed !== null && 'sub' in parsed && parsed.sub === mobile;
  } catch {
    return false;
  }
}
