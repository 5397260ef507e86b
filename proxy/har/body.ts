import { undoCodings } from '#dissectors/content/coding.ts';
import { joinChunks } from '#dissectors/http1/joined-chunks.ts';
import type { HarContent, HarNamed, HarPostData } from './har.ts';
import { headerValue } from './head.ts';

/** A body as it travelled. */
export interface TravelledBody {
  /** Its first bytes: no more than the file is to hold. */
  readonly bytes: Uint8Array;
  /** Of all of it. */
  readonly length: number;
}

/** The most of one body that a file holds; what is beyond is said. */
export const LONGEST_BODY = 1024 * 1024;

interface Content {
  readonly bytes: Uint8Array;
  /** Of all of it, as far as that can be told. */
  readonly length: number;
  readonly comment?: string;
}

export function responseContent(body: TravelledBody, headers: readonly HarNamed[]): HarContent {
  const { bytes, length, comment } = contentOf(body, headers);
  const mimeType = headerValue(headers, 'content-type') ?? 'application/octet-stream';
  const text = asText(bytes);
  return {
    size: length,
    ...(length > body.length ? { compression: length - body.length } : {}),
    mimeType,
    ...(length === 0 ? {} : text === undefined ? { text: base64(bytes), encoding: 'base64' } : { text }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** What was sent with a request; undefined without a body. HAR has no place for bytes here: they go as base64, said. */
export function postData(body: TravelledBody, headers: readonly HarNamed[]): HarPostData | undefined {
  if (body.length === 0) return undefined;
  const { bytes, comment } = contentOf(body, headers);
  const mimeType = headerValue(headers, 'content-type') ?? 'application/octet-stream';
  const text = asText(bytes);
  const isForm = mimeType.toLowerCase().startsWith('application/x-www-form-urlencoded');
  const remarks = [
    ...(text === undefined ? ['In base64.'] : []),
    ...(comment === undefined ? [] : [comment]),
  ];
  return {
    mimeType,
    params: isForm && text !== undefined ? named(text) : [],
    text: text ?? base64(bytes),
    ...(remarks.length > 0 ? { comment: remarks.join(' ') } : {}),
  };
}

/** The pairs of a query or a form. */
export function named(pairs: string): readonly HarNamed[] {
  return [...new URLSearchParams(pairs)].map(([name, value]) => ({ name, value }));
}

function contentOf(body: TravelledBody, headers: readonly HarNamed[]): Content {
  const transfer = codings(headers, 'transfer-encoding');
  const chunked = transfer.includes('chunked');
  const joined = chunked ? joinChunks(body.bytes, LONGEST_BODY).bytes : body.bytes;
  const wanted = [...codings(headers, 'content-encoding'), ...transfer.filter((name) => name !== 'chunked')];
  const { bytes, problem, truncated, undone } = undoCodings(joined, wanted, LONGEST_BODY);
  const isCut = truncated || body.bytes.length < body.length;
  const plain = !chunked && undone.length === 0;
  return {
    bytes,
    length: plain ? body.length : bytes.length,
    ...(problem !== undefined && !isCut
      ? { comment: problem }
      : isCut
        ? { comment: `Only the first ${bytes.length} bytes are here.` }
        : {}),
  };
}

function codings(headers: readonly HarNamed[], name: string): readonly string[] {
  const value = headerValue(headers, name) ?? '';
  return value
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '');
}

/** As UTF-8, or undefined when it is none or has bytes that no text has. */
function asText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
