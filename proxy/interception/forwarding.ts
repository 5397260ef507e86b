import type { IncomingMessage, ServerResponse } from 'node:http';
import { endToEnd, isChunked, valuesOf } from './headers.ts';
import type { EngineRoute } from './messages.ts';

/** The field lines for the site (RFC 9110, 7.6); without a pseudonym nobody was in between. */
export function forwarded(
  request: IncomingMessage,
  { name, port }: Pick<EngineRoute, 'name' | 'port'>,
  pseudonym?: string,
): string[] {
  const { rawHeaders, httpVersion, method = '' } = request;
  const fields = endToEnd(rawHeaders);
  // HTTP/1.0 need not say it.
  if (valuesOf(rawHeaders, 'host').length === 0) {
    fields.unshift(['Host', port === 80 ? name : `${name}:${port}`]);
  }
  if (isChunked(rawHeaders)) fields.push(['Transfer-Encoding', 'chunked']);
  // Without either there is no body (RFC 9112, 6.3); left unsaid, Node would announce one in chunks.
  else if (valuesOf(rawHeaders, 'content-length').length === 0 && !bodyless.has(method)) {
    fields.push(['Content-Length', '0']);
  }
  if (pseudonym !== undefined) fields.push(['Via', `${httpVersion} ${pseudonym}`]);
  return fields.flat();
}

const bodyless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** Readies the site's answer for being written as it came; an error when it cannot be. */
export function prepareAnswer(
  answer: IncomingMessage | undefined,
  response: ServerResponse,
  pseudonym?: string,
): Error | undefined {
  if (!answer || isChunked(answer.rawHeaders) === undefined) return new Error('unknown transfer coding');
  const fields = new Map<string, string[]>();
  for (const [name, value] of endToEnd(answer.rawHeaders)) {
    const spelling = [...fields.keys()].find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
    fields.set(spelling, [...(fields.get(spelling) ?? []), value]);
  }
  if (pseudonym !== undefined)
    fields.set('Via', [...(fields.get('Via') ?? []), `${answer.httpVersion} ${pseudonym}`]);
  answer.headers = Object.fromEntries(
    [...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
  response.statusMessage = answer.statusMessage ?? '';
  response.sendDate = false;
  return undefined;
}
