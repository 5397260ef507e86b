import type { ConnectionOpened } from '#contract';
import type { Message } from '#dissectors/message.ts';

/** One request and its response, with the bytes they are ranges of: on the wire, or decrypted. */
export interface HttpFlow {
  readonly opened: ConnectionOpened;
  readonly scheme: 'http' | 'https';
  readonly request: Message;
  readonly response?: Message;
  /** The bytes of `[start, end)` of the message's stream, as far as they are held. */
  readonly bytes: (direction: Message['direction'], start: number, end: number) => Uint8Array;
}

type Reach = Pick<HttpFlow, 'opened' | 'scheme' | 'bytes'>;

/** The flows among the messages of one connection, in the order of their requests. */
export function* flowsAmong(messages: Iterable<Message>, reach: Reach): Generator<HttpFlow> {
  const requests: Message[] = [];
  // Interim responses come first (RFC 9110, 15.2): the last one is the answer.
  const responses = new Map<Message, Message>();
  for (const message of messages) {
    if (message.protocol !== 'http1') continue;
    if (message.kind === 'request') requests.push(message);
    else if (message.answers) responses.set(message.answers, message);
  }
  for (const request of requests) {
    const response = responses.get(request);
    yield { ...reach, request, ...(response ? { response } : {}) };
  }
}
