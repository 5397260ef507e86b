import type { Head } from './head.ts';

/** How the end of a message is found (RFC 9112, 6.3). */
export type Framing =
  | { readonly how: 'none' }
  | { readonly how: 'counted'; readonly length: number }
  | { readonly how: 'chunked' }
  | { readonly how: 'until-close' }
  /** 101: the connection goes on in another protocol. */
  | { readonly how: 'switch' }
  /** No HTTP follows on this connection any more. */
  | { readonly how: 'tunnel'; readonly reason: string }
  | { readonly how: 'broken'; readonly reason: string };

/** The body behind a request's head. */
export function requestFraming(head: Head): Framing {
  if (head.broken !== undefined) return { how: 'broken', reason: head.broken };
  if (head.transferEncoding !== undefined) {
    // A request whose last coding is not chunked has no end that a server could find (RFC 9112, 6.3 item 4).
    return endsChunked(head.transferEncoding)
      ? { how: 'chunked' }
      : {
          how: 'broken',
          reason: 'Transfer-Encoding does not end in chunked, so where this request ends cannot be told.',
        };
  }
  return counted(head) ?? { how: 'none' };
}

/** The body behind a response's head; whether there is one depends on the request (RFC 9112, 6.3). */
export function responseFraming(head: Head, status: number, method: string | undefined): Framing {
  if (status === 101) return { how: 'switch' };
  if (method === 'CONNECT' && status >= 200 && status < 300) {
    return { how: 'tunnel', reason: 'After CONNECT the connection is a tunnel.' };
  }
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return { how: 'none' };
  if (head.transferEncoding !== undefined) {
    return endsChunked(head.transferEncoding) ? { how: 'chunked' } : { how: 'until-close' };
  }
  if (head.broken !== undefined) return { how: 'broken', reason: head.broken };
  return counted(head) ?? { how: 'until-close' };
}

/** Both kinds of length at once: Transfer-Encoding wins, but one of the two ends may count otherwise. */
export function hasConflictingLengths(head: Head): boolean {
  return (
    head.broken !== undefined || (head.transferEncoding !== undefined && head.contentLength !== undefined)
  );
}

function counted(head: Head): Framing | undefined {
  if (head.contentLength === undefined) return undefined;
  return head.contentLength === 0 ? { how: 'none' } : { how: 'counted', length: head.contentLength };
}

function endsChunked(transferEncoding: string): boolean {
  return /(^|,)\s*chunked$/.test(transferEncoding);
}
