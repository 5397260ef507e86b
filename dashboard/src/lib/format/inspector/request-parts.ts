/** A header line of a request; each character of the value is one byte. */
export interface RequestHeader {
  readonly name: string;
  readonly value: string;
}

/** An HTTP/1 request in its parts (RFC 9112); each character of a text is one byte, as it was on the wire. */
export interface RequestParts {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: readonly RequestHeader[];
  /** Without the chunked coding. */
  readonly body: Uint8Array;
  /** There is a body, though it may be empty. */
  readonly hasBody: boolean;
}

/** Undefined where the head does not end or does not begin with a request line, or the body is not whole. */
export function parseRequest(bytes: Uint8Array): RequestParts | undefined {
  const headLength = lengthOfHead(bytes);
  if (headLength === undefined) return undefined;
  const [first = '', ...lines] = latin1(bytes.subarray(0, headLength))
    .replace(/^(\r?\n)+/, '')
    .split(/\r?\n/);
  const [, method, target, version] = /^(\S+) (.+) (HTTP\/\d\.\d)$/s.exec(first) ?? [];
  if (method === undefined || target === undefined || version === undefined) return undefined;
  const headers = lines.filter((line) => line !== '').flatMap(headerOf);
  const valueOf = (name: string) => headers.find((header) => header.name.toLowerCase() === name)?.value;
  const rest = bytes.subarray(headLength);
  const isChunked = /\bchunked$/i.test(valueOf('transfer-encoding') ?? '');
  const length = Number(valueOf('content-length') ?? 0);
  const body = isChunked ? dechunked(rest) : rest.subarray(0, length);
  if (body === undefined || (!isChunked && body.length !== length)) return undefined;
  return {
    method,
    target,
    version,
    headers,
    body,
    hasBody: isChunked || valueOf('content-length') !== undefined,
  };
}

function lengthOfHead(bytes: Uint8Array): number | undefined {
  let at = 0;
  while (bytes[at] === 13 || bytes[at] === 10) at += 1;
  for (; at !== -1; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at] !== 10) continue;
    if (bytes[at + 1] === 10) return at + 2;
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3;
  }
  return undefined;
}

function headerOf(line: string): readonly RequestHeader[] {
  const colon = line.indexOf(':');
  if (colon === -1) return [];
  return [{ name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '') }];
}

/** RFC 9112, 7.1. */
function dechunked(bytes: Uint8Array): Uint8Array | undefined {
  const chunks: Uint8Array[] = [];
  for (let at = 0; ;) {
    const feed = bytes.indexOf(10, at);
    const digits = feed === -1 ? undefined : /^[0-9a-f]{1,12}/i.exec(latin1(bytes.subarray(at, feed)))?.[0];
    if (digits === undefined) return undefined;
    const size = Number.parseInt(digits, 16);
    if (size === 0) return joined(chunks);
    if (feed + 1 + size > bytes.length) return undefined;
    chunks.push(bytes.subarray(feed + 1, feed + 1 + size));
    at = feed + 1 + size + (bytes[feed + 1 + size] === 13 ? 2 : 1);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
