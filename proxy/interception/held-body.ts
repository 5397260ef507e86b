import { IncomingMessage } from 'node:http';

/** Beyond it a body is not held: it passes as it comes. */
export const longestHeldBody = 64 << 10;

/**
 * Reads the body of a request before anything of it has gone on. Answers it whole; or undefined where it is longer than
 * is held, and then the request is as if nobody had read of it. Rejects when it never becomes whole.
 */
export function holdBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let held = 0;
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      held += chunk.length;
      if (held > longestHeldBody) stop();
    };
    const end = () => {
      leave();
      resolve(Buffer.concat(chunks));
    };
    const brokenOff = () => {
      leave();
      reject(new Error('the request was broken off'));
    };
    const leave = () => {
      request.off('data', take).off('end', end).off('close', brokenOff).off('error', brokenOff);
    };
    const stop = () => {
      leave();
      request.pause();
      request.unshift(Buffer.concat(chunks));
      resolve(undefined);
    };
    request.on('data', take).on('end', end).on('close', brokenOff).on('error', brokenOff);
  });
}

/** A request with the head of another and this body, which has come already. */
export function withBody(original: IncomingMessage, body: Buffer): IncomingMessage {
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = original;
  const message = new IncomingMessage(original.socket);
  Object.assign(message, {
    method,
    url,
    headers,
    rawHeaders,
    httpVersion,
    httpVersionMajor,
    httpVersionMinor,
  });
  message.complete = true;
  message.push(body);
  message.push(null);
  return message;
}

/** Field lines (name, value, name, value ...) of a body of this length, which comes in one piece. */
export function withLength(lines: readonly string[], length: number): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [name = '', value = ''] = [lines[at], lines[at + 1]];
    if (!/^(content-length|transfer-encoding)$/i.test(name)) fields.push(name, value);
  }
  return [...fields, 'Content-Length', String(length)];
}

/** A JSON object with other values for these of its members; undefined where it has none of them, or has those already. */
export function withMembers(
  body: Buffer,
  members: Readonly<Record<string, string | number>>,
): Buffer | undefined {
  const object = objectIn(body);
  const wanted = Object.entries(members).filter(([name, value]) => {
    const own = object && Object.hasOwn(object, name);
    return own === true && object[name] !== value;
  });
  if (wanted.length === 0) return undefined;
  return Buffer.from(JSON.stringify({ ...object, ...Object.fromEntries(wanted) }));
}

function objectIn(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
