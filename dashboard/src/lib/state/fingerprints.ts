import type { ConnectionId, Fingerprint } from '#contract';

/** What the lab says of the hellos of connections; each is asked for once, unless no answer came. */
export class Fingerprints {
  #answers = new Map<ConnectionId, Promise<Fingerprint | undefined>>();

  /** Undefined where there is no fingerprint, or nobody to ask. */
  readonly of = (connection: ConnectionId): Promise<Fingerprint | undefined> => {
    const known = this.#answers.get(connection);
    if (known) return known;
    const answers = this.#answers;
    const answer = ask(connection).then((fingerprint) => {
      if (!fingerprint) answers.delete(connection);
      return fingerprint;
    });
    answers.set(connection, answer);
    return answer;
  };

  /** Connections are numbered anew in every capture. */
  clear(): void {
    this.#answers = new Map();
  }
}

async function ask(connection: ConnectionId): Promise<Fingerprint | undefined> {
  try {
    const response = await fetch(`/api/connections/${String(connection)}/fingerprint`);
    if (!response.ok) return undefined;
    const answer: unknown = await response.json();
    return isFingerprint(answer) ? answer : undefined;
  } catch {
    // A fingerprint is an extra: without one, its line is not there.
    return undefined;
  }
}

function isFingerprint(answer: unknown): answer is Fingerprint {
  if (typeof answer !== 'object' || answer === null || !('ja3' in answer) || !('ja4' in answer)) return false;
  return typeof answer.ja3 === 'string' && typeof answer.ja4 === 'string';
}
