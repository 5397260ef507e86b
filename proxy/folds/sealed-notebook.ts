import type { Finding, FindingKind } from '#contract';
import { findField } from '#dissectors/byte-reader.ts';
import { explainMessage } from './explain.ts';
import type { Lane } from './lane.ts';
import { wholeStream } from './notebook.ts';
import { isBrokenOff } from './placement.ts';
import { durationText, sizeText } from './quantities.ts';
import { isSealedData } from './traffic.ts';
import type { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

const IN_REQUEST: readonly FindingKind[] = ['page', 'mobile', 'password'];
const IN_ANSWER: readonly FindingKind[] = ['cookie', 'token', 'reply'];
const SHORTEST_PAGE = 2048;

/** What the stranger learns of the newest login over HTTPS: what leaks, and where the rest lies sealed. */
export function sealedFindings(lane: Lane): readonly Finding[] {
  const busy = lane.shown.filter(({ traffic }) => traffic.carriesRequest);
  const tried = lane.shown.findLast((one) => carriesPage(one) || isBrokenOff(one) || isCutOff(one));
  const connection = tried ?? busy.at(-1) ?? lane.shown.at(-1);
  if (!connection) return [];
  const exchanges = exchangesIn(sealedData(connection));
  const guess = likelyLogin(exchanges);
  return [
    ...serverName(connection),
    ...sealed(IN_REQUEST, largest(guess?.requests ?? [])),
    ...sealed(IN_ANSWER, largest(guess?.answers ?? [])),
    ...leaks(connection, guess, exchanges.length),
  ];
}

/**
 * Whether these are sealed bytes of a client that has been answered with as much as a page: nobody outside can tell
 * that it is a login, but logins look like that.
 */
export function isAfterPage({ message, connection }: WireMessage): boolean {
  if (message.direction !== 'client-to-server' || !isSealedData(message)) return false;
  const { messages } = connection;
  let answered = 0;
  for (let at = messages.findLastIndex((one) => one.message === message) - 1; at >= 0; at--) {
    const before = messages[at]?.message;
    if (!before || !isSealedData(before)) continue;
    if (before.direction === 'client-to-server') break;
    answered += before.end - before.start;
  }
  return answered >= SHORTEST_PAGE;
}

/**
 * Whether the other end, or the way, ended the connection with what was asked for last unanswered. A server of TLS 1.3
 * sends its two tickets before it has read the first request: they are no answer.
 */
export function isCutOff(connection: WireConnection): boolean {
  const { closed, opening } = connection;
  if (!closed || closed.by === 'client' || opening.opener === 'stranger') return false;
  const exchanges = exchangesIn(sealedData(connection));
  const [first, ...others] = exchanges;
  const last = others.at(-1);
  if (last) return carriesPage(connection) && last.answers.length === 0;
  const [one, other] = (first?.answers ?? []).map(({ message }) => message.end - message.start);
  return first !== undefined && first.answers.length !== 1 && first.answers.length <= 2 && one === other;
}

/** The site's name, where the ClientHello says it. */
function serverName(connection: WireConnection): readonly Finding[] {
  const hello = connection.messages.find(({ message }) => message.tls?.serverName !== undefined);
  const value = hello?.message.tls?.serverName;
  if (!hello || value === undefined) return [];
  // A hello that spans records has its name in none of them whole; then the record is the place.
  const range = findField(explainMessage(hello).field, 'tls.handshake.extensions_server_name')?.range;
  const { direction, start, end } = hello.message;
  const place = range ? { start: start + range.start, end: start + range.end } : { start, end };
  return [{ kind: 'site', status: 'leaks', value, connection: connection.id, direction, ...place }];
}

function leaks(
  connection: WireConnection,
  guess: Exchange | undefined,
  exchanges: number,
): readonly Finding[] {
  const whole = wholeStream(connection);
  const findings: Finding[] = [{ ...whole, kind: 'size', status: 'leaks', value: sizeText(connection) }];
  // From the request to the first of its answer, as it is measured where both can be read.
  const first = guess?.requests[0];
  const last = guess?.answers[0];
  if (first && last && last.message.time > first.message.time) {
    const value = `≈ ${durationText(last.message.time - first.message.time)}`;
    findings.push({ kind: 'time', status: 'leaks', value, connection: connection.id, ...rangeOf(last) });
  }
  if (exchanges > 0) findings.push({ ...whole, kind: 'requests', status: 'leaks', value: `≈ ${exchanges}` });
  return findings;
}

/** A support chat or a beacon gets short answers only; a login begins with a page. */
function carriesPage(connection: WireConnection): boolean {
  return exchangesIn(sealedData(connection)).some((exchange) => answerLength(exchange) >= SHORTEST_PAGE);
}

function sealedData(connection: WireConnection): readonly WireMessage[] {
  return connection.messages.filter(({ message }) => isSealedData(message));
}

/** Sealed records that look like one request and its answer. */
interface Exchange {
  readonly requests: WireMessage[];
  readonly answers: WireMessage[];
}

/** Every time the client speaks after the server did, a request is likely; nothing says so for certain. */
function exchangesIn(data: readonly WireMessage[]): readonly Exchange[] {
  const exchanges: Exchange[] = [];
  for (const tracked of data) {
    const current = exchanges.at(-1);
    if (tracked.message.direction === 'server-to-client') current?.answers.push(tracked);
    else if (current && current.answers.length === 0) current.requests.push(tracked);
    else exchanges.push({ requests: [tracked], answers: [] });
  }
  return exchanges;
}

/**
 * Which exchange holds the login nobody outside can tell. People load a page and then send what they typed into
 * it, so the one after the first answer as long as a page is the place to look, else after the longest.
 */
function likelyLogin(exchanges: readonly Exchange[]): Exchange | undefined {
  const longest = exchanges.reduce<Exchange | undefined>(
    (best, next) => (best && answerLength(best) >= answerLength(next) ? best : next),
    undefined,
  );
  const page = exchanges.find((exchange) => answerLength(exchange) >= SHORTEST_PAGE) ?? longest;
  return page && (exchanges[exchanges.indexOf(page) + 1] ?? page);
}

function answerLength({ answers }: Exchange): number {
  return answers.reduce((sum, { message }) => sum + message.end - message.start, 0);
}

function largest(messages: readonly WireMessage[]): WireMessage | undefined {
  const size = ({ message }: WireMessage): number => message.end - message.start;
  return messages.reduce<WireMessage | undefined>(
    (best, next) => (best && size(best) >= size(next) ? best : next),
    undefined,
  );
}

function sealed(kinds: readonly FindingKind[], at: WireMessage | undefined): readonly Finding[] {
  if (!at) return [];
  return kinds.map((kind) => ({ kind, status: 'sealed', connection: at.connection.id, ...rangeOf(at) }));
}

function rangeOf({ message }: WireMessage): Pick<Finding, 'direction' | 'start' | 'end'> {
  return { direction: message.direction, start: message.start, end: message.end };
}
