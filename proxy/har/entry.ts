import type { Message } from '#dissectors/message.ts';
import { LONGEST_BODY, named, postData, responseContent, type TravelledBody } from './body.ts';
import type { HttpFlow } from './flow.ts';
import type { HarEntry, HarRequest, HarResponse, HarTimings } from './har.ts';
import { headerValue, headLines, sentCookies, setCookies } from './head.ts';

// Heads are bounded by the splitter; this is only for the case that it was not there.
const LONGEST_HEAD = 64 * 1024;
const MILLISECOND = 1e6;
const DEFAULT_PORTS = { http: 80, https: 443 };

/** One flow as an entry; `began` is the wall clock at time 0, in milliseconds since 1970. */
export function entryOf(flow: HttpFlow, began: number): HarEntry {
  const timings = timingsOf(flow);
  return {
    startedDateTime: new Date(began + flow.request.time / MILLISECOND).toISOString(),
    time: timings.send + timings.wait + timings.receive,
    request: requestOf(flow),
    response: responseOf(flow),
    cache: {},
    timings,
    connection: String(flow.opened.connection),
    ...(flow.scheme === 'https' ? { comment: 'Decrypted with a lent key.' } : {}),
  };
}

function requestOf(flow: HttpFlow): HarRequest {
  const { head, body, headersSize } = partsOf(flow, flow.request);
  const { startLine, headers } = headLines(head);
  const [method = '', target = '', httpVersion = ''] = startLine.split(' ');
  const sent = postData(body, headers);
  const question = target.indexOf('?');
  return {
    method: flow.request.http?.method ?? method,
    url: urlOf(flow, target, headerValue(headers, 'host')),
    httpVersion,
    cookies: sentCookies(headers),
    headers,
    queryString: question === -1 ? [] : named(target.slice(question + 1)),
    ...(sent ? { postData: sent } : {}),
    headersSize,
    bodySize: body.length,
  };
}

function responseOf(flow: HttpFlow): HarResponse {
  const { response } = flow;
  if (!response) return { ...NO_RESPONSE };
  const { head, body, headersSize } = partsOf(flow, response);
  const { startLine, headers } = headLines(head);
  const [httpVersion = '', , ...phrase] = startLine.split(' ');
  return {
    status: response.http?.status ?? 0,
    statusText: phrase.join(' '),
    httpVersion,
    cookies: setCookies(headers),
    headers,
    content: responseContent(body, headers),
    redirectURL: headerValue(headers, 'location') ?? '',
    headersSize,
    bodySize: body.length,
  };
}

const NO_RESPONSE: HarResponse = {
  status: 0,
  statusText: '',
  httpVersion: '',
  cookies: [],
  headers: [],
  content: { size: 0, mimeType: 'x-unknown', comment: 'No response was captured.' },
  redirectURL: '',
  headersSize: -1,
  bodySize: -1,
};

function partsOf(
  { bytes }: HttpFlow,
  { direction, start, end, http }: Message,
): { head: Uint8Array; body: TravelledBody; headersSize: number } {
  const headLength = http?.headLength ?? Math.min(end - start, LONGEST_HEAD);
  const bodyStart = start + headLength;
  return {
    head: bytes(direction, start, bodyStart),
    headersSize: headLength,
    body: {
      bytes: bytes(direction, bodyStart, Math.min(end, bodyStart + LONGEST_BODY)),
      length: Math.max(0, end - bodyStart),
    },
  };
}

/** Where the request went: as its Host says, where that is a name at all, else as the victim named the site. */
function urlOf({ opened, scheme }: HttpFlow, target: string, host: string | undefined): string {
  if (/^https?:\/\//i.test(target)) return target;
  const { name, port } = opened.server;
  const own = port === DEFAULT_PORTS[scheme] ? name : `${name}:${port}`;
  const authority = host !== undefined && /^[\w.\-[\]:]+$/.test(host) ? host : own;
  return `${scheme}://${authority}${target.startsWith('/') ? target : `/${target}`}`;
}

/** From the times at which the first and last bytes passed the tap. */
function timingsOf({ request, response }: HttpFlow): HarTimings {
  const between = (from: number, to: number) => Math.max(0, to - from) / MILLISECOND;
  const unknown = { blocked: -1, dns: -1, connect: -1, ssl: -1 } as const;
  const send = between(request.time, request.endTime);
  if (!response) return { ...unknown, send, wait: 0, receive: 0 };
  return {
    ...unknown,
    send,
    wait: between(request.endTime, response.time),
    receive: between(response.time, response.endTime),
  };
}
