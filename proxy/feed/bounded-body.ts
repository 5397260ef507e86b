import type { IncomingMessage } from 'node:http';

/**
 * The body of a request; undefined when it is, or says that it is, longer than `most` bytes. The rest is then still
 * under way, so that the request can be answered. Rejects when the sender leaves in the middle.
 */
export async function boundedBody(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const said = request.headers['content-length'];
  if (said !== undefined && Number(said) > most) return undefined;
  // Put in its place piece by piece: copying all of it at the end would hold up whatever else goes on.
  const whole = said === undefined ? undefined : Buffer.allocUnsafeSlow(Number(said));
  const pieces: Buffer[] = [];
  let length = 0;
  // Left early, the stream must not take the connection with it: the refusal is still to be sent.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (whole) piece.copy(whole, length);
    else pieces.push(piece);
    length += piece.length;
    if (length > most) return undefined;
  }
  // What was not filled holds whatever stood in that memory before.
  return whole ? whole.subarray(0, length) : Buffer.concat(pieces, length);
}
