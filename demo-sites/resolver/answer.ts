import {
  AUTHORITATIVE_ANSWER,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  decode,
  encode,
} from 'dns-packet';

const QUERY = 0;
const NXDOMAIN = 3;
const REFUSED = 5;

/** None: the next login asks again, so that there is a question to see on the wire each time. */
export const TTL_SECONDS = 0;

/** The names the lab's resolver knows, in lower case, and their IPv4 addresses. */
export type KnownNames = ReadonlyMap<string, string>;

/**
 * Answers a DNS query: A for the known names, an empty answer for their other types, NXDOMAIN for every other name.
 * It asks nobody. Undefined for what is not one well-formed question.
 */
export function answerTo(message: Buffer, names: KnownNames): Buffer | undefined {
  try {
    const query = decode(message);
    const question = query.questions?.[0];
    if (query.type !== 'query' || query.questions?.length !== 1 || !question) return undefined;
    if (opcodeOf(message) !== QUERY || !isPlain(question.name)) return undefined;
    return encode(replyTo(query, question, names));
  } catch {
    // Not DNS, or not what the library can say again.
    return undefined;
  }
}

function replyTo(query: Packet, question: Question, names: KnownNames): Packet {
  const address = names.get(question.name.toLowerCase());
  const known = address !== undefined;
  const internet = (question.class ?? 'IN') === 'IN';
  const code = !internet ? REFUSED : known ? 0 : NXDOMAIN;
  const recursionDesired = (query.flags ?? 0) & RECURSION_DESIRED;
  return {
    type: 'response',
    id: query.id ?? 0,
    flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | recursionDesired | code,
    questions: [question],
    answers:
      internet && known && question.type === 'A'
        ? [{ type: 'A', name: question.name, ttl: TTL_SECONDS, data: address }]
        : [],
  };
}

/** Bits 1 to 4 of the third byte (RFC 1035, 4.1.1). */
function opcodeOf(message: Buffer): number {
  return (message.readUInt8(2) >> 3) & 0x0f;
}

/** Printable ASCII: other bytes would not survive being read as text and written again. */
function isPlain(name: string): boolean {
  return /^[\x21-\x7e]+$/.test(name);
}
