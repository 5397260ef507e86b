import type { RefusalReason } from '#contract';
import { STATUS_CODES } from 'node:http';

const sentences: Readonly<Record<RefusalReason, string>> = {
  'not-in-table': 'This proxy leads to the sites of the lab and to nothing else.',
  'names-disagree': 'The names in this request do not agree with each other.',
  'not-for-a-proxy': 'This is a proxy: it takes CONNECT, and requests for http:// with the whole address.',
  loop: 'This request has been here before.',
  malformed: 'This request cannot be read.',
  'too-slow': 'This request took too long.',
};

/** What a client is told whose request goes nowhere: a body and its fields. Nothing of the request stands in it. */
export function refusalBody(reason: RefusalReason): { body: string; headers: Record<string, string> } {
  const body = `plainsight: ${sentences[reason]}\n`;
  return {
    body,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(body)),
      Connection: 'close',
    },
  };
}

/** The same as a whole message. */
export function refusalText(status: number, reason: RefusalReason): string {
  const { body, headers } = refusalBody(reason);
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${fields.join('')}\r\n${body}`;
}
