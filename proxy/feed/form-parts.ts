const lineEnd = Buffer.from('\r\n');
const headEnd = Buffer.from('\r\n\r\n');
const mostParts = 16;
const longestHead = 4096;

/**
 * The parts of a form by their names (RFC 7578), as views of the body; undefined when it is none. What a part says of
 * itself besides its name, file names above all, is passed over. Of several with one name the first counts.
 */
export function formParts(contentType: string, body: Buffer): ReadonlyMap<string, Buffer> | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const parts = new Map<string, Buffer>();
  // The first delimiter needs no line end before it.
  const first = delimiter.subarray(lineEnd.length);
  let at = body.subarray(0, first.length).equals(first) ? first.length : behind(body, delimiter, 0);
  for (let count = 0; at !== undefined && count <= mostParts; count += 1) {
    // Two dashes end the form.
    if (body.toString('latin1', at, at + 2) === '--') return parts;
    const headStart = body.indexOf(lineEnd, at);
    const bodyStart = headStart === -1 ? -1 : body.indexOf(headEnd, headStart);
    if (bodyStart === -1 || bodyStart - headStart > longestHead) return undefined;
    const name = nameIn(body.toString('utf8', headStart, bodyStart));
    const end = body.indexOf(delimiter, bodyStart + lineEnd.length);
    if (end === -1) return undefined;
    if (name !== undefined && !parts.has(name)) {
      parts.set(name, body.subarray(Math.min(bodyStart + headEnd.length, end), end));
    }
    at = end + delimiter.length;
  }
  return undefined;
}

function boundaryOf(contentType: string): string | undefined {
  // At most 70 characters (RFC 2046, 5.1.1).
  const match = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

function nameIn(head: string): string | undefined {
  return /^content-disposition:\s*form-data\s*;.*\bname="([^"]*)"/im.exec(
    head.replace(/filename="[^"]*"/gi, ''),
  )?.[1];
}

function behind(body: Buffer, delimiter: Buffer, from: number): number | undefined {
  const found = body.indexOf(delimiter, from);
  return found === -1 ? undefined : found + delimiter.length;
}
