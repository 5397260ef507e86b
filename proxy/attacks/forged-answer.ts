import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_AVAILABLE, RECURSION_DESIRED } from 'dns-packet';

/** A minute: nobody asks again meanwhile who remembers answers. The lab's victim does not. */
const TTL_SECONDS = 60;

/**
 * An answer to this DNS query in the resolver's place: the same ID and question, and `address` for `name`. Undefined for
 * what is no query for the IPv4 address of that name (RFC 1035, 4.1).
 */
export function forgedAnswer(query: Uint8Array, name: string, address: string): Uint8Array | undefined {
  try {
    const { type, id = 0, flags = 0, questions = [] } = decode(Buffer.from(query));
    const [question, ...others] = questions;
    if (type !== 'query' || question?.type !== 'A' || others.length > 0) return undefined;
    if ((question.class ?? 'IN') !== 'IN' || question.name.toLowerCase() !== name) return undefined;
    return encode({
      ...{ type: 'response', id, questions: [question] },
      flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | (flags & RECURSION_DESIRED),
      answers: [{ type: 'A', name: question.name, ttl: TTL_SECONDS, data: address }],
    });
  } catch {
    // Not DNS: nothing to lie about.
    return undefined;
  }
}

/** Whether two DNS messages carry the same ID: the number by which an answer is known (RFC 1035, 4.1.1). */
export function haveSameId(one: Uint8Array, other: Uint8Array): boolean {
  return one.length > 1 && one[0] === other[0] && one[1] === other[1];
}

/** The first IPv4 address in a DNS answer; undefined where there is none. */
export function addressIn(answer: Uint8Array | undefined): string | undefined {
  if (!answer) return undefined;
  try {
    const { answers = [] } = decode(Buffer.from(answer));
    return answers.flatMap((record) => (record.type === 'A' ? [record.data] : []))[0];
  } catch {
    return undefined;
  }
}
