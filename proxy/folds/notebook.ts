import type { Direction, Finding, FindingKind } from '#contract';
import { findField } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { explainMessage } from './explain.ts';
import { flowOf, flowsOf, type Flow } from './flows.ts';
import type { Lane } from './lane.ts';
import { isLogin, namedValue } from './login.ts';
import { durationText, sizeText } from './quantities.ts';
import { siteOf } from './site-lanes.ts';
import type { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

/** What the stranger reads of the newest login over HTTP, site by site. */
export class HttpNotebook {
  readonly #checked = new WeakSet<WireMessage>();
  /** The newest of each site. */
  readonly #logins = new Map<string, WireMessage>();
  #readAt: string | undefined;
  #read: readonly Finding[] = [];

  /** Looks at a message that changed: a request that became complete may be a login, and then true is returned. */
  note(message: WireMessage): boolean {
    if (message.message.kind !== 'request' || !message.message.complete || this.#checked.has(message))
      return false;
    this.#checked.add(message);
    if (!isLogin(message)) return false;
    this.#logins.set(siteOf(message.connection), message);
    return true;
  }

  /** The log dropped these messages: what is not there any more is not read any more. */
  drop(messages: readonly WireMessage[]): void {
    for (const message of messages) {
      const site = siteOf(message.connection);
      if (this.#logins.get(site) === message) this.#logins.delete(site);
    }
  }

  findings(lane: Lane): readonly Finding[] {
    const newest =
      this.#logins.get(lane.site) ?? lane.messages.findLast(({ message }) => message.kind === 'request');
    if (!newest) {
      this.#readAt = undefined;
      this.#read = [];
      return [];
    }
    const flow = flowOf(newest);
    // Bodies are taken apart once, when they are there; sizes and counts go on changing.
    const state = `${newest.key} ${newest.message.complete} ${flow.response?.message.complete}`;
    if (state !== this.#readAt) {
      this.#read = readFlow(flow);
      this.#readAt = state;
    }
    return [...this.#read, ...measured(flow)];
  }
}

function readFlow({ request, response }: Flow): readonly Finding[] {
  const asked = explainMessage(request).field;
  const answered = response && explainMessage(response).field;
  const cookie = (answered && sessionCookie(answered, 'http.set_cookie')) ?? undefined;
  const sentCookie = sessionCookie(asked, 'http.cookie');
  const token = answered && namedValue(answered, 'token');
  return [
    found('site', request, findField(asked, 'http.host')),
    found('page', request, findField(asked, 'http.request.uri')),
    found('mobile', request, namedValue(asked, 'mobile')),
    found('password', request, namedValue(asked, 'password')) ?? hashIn(request, asked),
    cookie && response ? found('cookie', response, cookie) : found('cookie', request, sentCookie),
    token && response
      ? found('token', response, token)
      : found('token', request, findField(asked, 'http.authorization')),
    response && answered ? reply(response, answered) : undefined,
  ].filter((finding) => finding !== undefined);
}

function measured({ request, response, between }: Flow): readonly Finding[] {
  const { connection } = request;
  const whole = wholeStream(connection);
  const findings: Finding[] = [{ ...whole, kind: 'size', status: 'read', value: sizeText(connection) }];
  if (response && between !== undefined) {
    const { direction, start, end } = response.message;
    const value = durationText(between);
    findings.push({ kind: 'time', status: 'read', value, connection: connection.id, direction, start, end });
  }
  const requests = flowsOf(connection).length;
  return [...findings, { ...whole, kind: 'requests', status: 'read', value: String(requests) }];
}

/** What a page sends that "hashes the password in the browser". */
function hashIn(request: WireMessage, asked: Field): Finding | undefined {
  const hash = found('password', request, namedValue(asked, 'hash'));
  return hash && { ...hash, isHash: true };
}

/** `200 OK`, and whom the site greets when it says so. */
function reply(response: WireMessage, answered: Field): Finding | undefined {
  const line = findField(answered, 'http.response');
  const name = namedValue(answered, 'name');
  const value = name ? `${response.message.title}, ${name.value}` : response.message.title;
  return found('reply', response, line, value);
}

/** The cookie that looks like a session's, else the first. */
function sessionCookie(message: Field, header: string): Field | undefined {
  const pairs = headerFields(message, header).flatMap(({ children }) => children ?? []);
  const cookies = pairs.filter(
    ({ name }) => name === 'http.cookie_pair' || name === 'plainsight.http.set_cookie_pair',
  );
  return cookies.find(({ value }) => /^[^=]*(sid|sess)/i.test(String(value))) ?? cookies[0];
}

function headerFields(field: Field, name: string): readonly Field[] {
  if (field.name === name) return [field];
  return (field.children ?? []).flatMap((child) => headerFields(child, name));
}

function found(
  kind: FindingKind,
  at: WireMessage,
  field: Field | undefined,
  value = field?.value,
): Finding | undefined {
  if (!field) return undefined;
  const { direction, start } = at.message;
  return {
    kind,
    status: 'read',
    ...(value === undefined ? {} : { value: String(value) }),
    connection: at.connection.id,
    direction,
    start: start + field.range.start,
    end: start + field.range.end,
  };
}

/** All that the client sent: where sizes and counts were taken from. */
export function wholeStream(connection: WireConnection): Omit<Finding, 'kind' | 'status'> {
  const direction: Direction = 'client-to-server';
  return { connection: connection.id, direction, start: 0, end: connection.store(direction).end };
}
