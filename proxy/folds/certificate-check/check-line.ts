/** What is asked of a certificate, in the order in which a client asks. */
export type CheckId = 'version' | 'chain' | 'signature' | 'name' | 'dates' | 'key' | 'constraints';

/** `open`: it did not come to this, or the capture does not have what it takes to say. */
export type CheckStatus = 'good' | 'bad' | 'open';

/** One line of the check, computed from the certificates' own bytes. */
export interface CheckLine {
  readonly id: CheckId;
  readonly question: string;
  readonly status: CheckStatus;
  /** The values that decide it: dates, names, sizes. */
  readonly value: string;
  /** What follows from them, in one sentence; where to read the rule. */
  readonly why: string;
  readonly rule: string;
}

export interface Finding {
  readonly status: CheckStatus;
  readonly value: string;
  readonly why: string;
}

const QUESTIONS: Readonly<Record<CheckId, readonly [question: string, rule: string]>> = {
  version: ['Do both speak a version of TLS that is still safe?', 'RFC 8996'],
  chain: ['Does the chain lead to somebody the victim trusts?', 'RFC 5280, 6.1'],
  signature: ['Did each issuer really sign?', 'RFC 5280, 6.1.3'],
  name: ['Is it for the name that was asked for?', 'RFC 9525, 6'],
  dates: ['Does it count today?', 'RFC 5280, 4.1.2.5'],
  key: ['Are its key and signature strong enough?', 'NIST SP 800-57 Part 1, 5.6'],
  constraints: ['Is it used for what it was issued for?', 'RFC 5280, 4.2.1'],
};

export function line(id: CheckId, finding: Finding): CheckLine {
  const [question, rule] = QUESTIONS[id];
  return { id, question, rule, ...finding };
}

export function good(value: string, why: string): Finding {
  return { status: 'good', value, why };
}

export function bad(value: string, why: string): Finding {
  return { status: 'bad', value, why };
}

export function open(value: string, why: string): Finding {
  return { status: 'open', value, why };
}
