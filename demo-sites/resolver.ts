import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  AUTHORITATIVE_ANSWER,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  decode,
  encode,
} from 'dns-packet';

const HOST = '127.0.0.1';
// Without EDNS, the most that a client must be able to take over UDP (RFC 1035, 4.2.1).
const LARGEST_ANSWER = 512;
const QUERY = 0;
const NXDOMAIN = 3;
const REFUSED = 5;

export interface Resolver {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts a DNS server on 127.0.0.1 (UDP) that knows `names` (lower case → IPv4) and nothing else: A for
 * these, an empty answer for their other types, NXDOMAIN for every other name. It asks nobody. What is not
 * one well-formed question gets no answer.
 */
export async function startResolver(options: {
  readonly names: ReadonlyMap<string, string>;
}): Promise<Resolver> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const answer = answerTo(message, options.names);
    // The asker may be gone, or claim port 0; neither is of any concern here.
    if (answer) socket.send(answer, from.port, from.address, () => undefined);
  });
  socket.bind(0, HOST);
  await once(socket, 'listening');
  // Loopback reports unreachable askers as errors of the socket.
  socket.on('error', () => undefined);
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answerTo(message: Buffer, names: ReadonlyMap<string, string>): Buffer | undefined {
  try {
    const query = decode(message);
    const question = query.questions?.[0];
    if (query.type !== 'query' || query.questions?.length !== 1 || !question) return undefined;
    if (opcodeOf(message) !== QUERY || !isPlain(question.name)) return undefined;
    const answer = encode(replyTo(query, question, names));
    return answer.length <= LARGEST_ANSWER ? answer : undefined;
  } catch {
    // Not DNS, or not what the library can say again.
    return undefined;
  }
}

function replyTo(query: Packet, question: Question, names: ReadonlyMap<string, string>): Packet {
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
    // TTL 0: the next login asks again, so that there is a question to see on the wire each time.
    answers:
      internet && known && question.type === 'A'
        ? [{ type: 'A', name: question.name, ttl: 0, data: address }]
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
