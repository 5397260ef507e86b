import type { ConnectionId } from '#contract';
import type { Unnumbered } from './capture/log.ts';

/** What a site tells: `remotePort` is the port from which the relay reached it. */
export type SiteWord =
  | {
      type: 'request-handled';
      remotePort: number;
      method: string;
      path: string;
      status: number;
      count: number;
    }
  | { type: 'secret-entered'; remotePort: number; kind: 'mobile' | 'password'; value: string; isHash?: true }
  | { type: 'handshake-failed'; remotePort: number | undefined; code: string; message: string }
  | { type: 'secrets-logged'; remotePort: number | undefined; line: string };

/** The site's word as an event of the log, joined to the connection through which the relay reached the site. */
export function asEvent(word: SiteWord, connection: ConnectionId): Unnumbered {
  switch (word.type) {
    case 'request-handled': {
      const { method, path, status, count } = word;
      return { type: 'request-handled', vantage: 'site', connection, method, path, status, count };
    }
    case 'secret-entered': {
      const { kind, value, isHash } = word;
      return { type: 'secret-entered', vantage: 'site', kind, value, ...(isHash && { isHash }) };
    }
    case 'handshake-failed':
      return {
        type: 'handshake-failed',
        vantage: 'site',
        connection,
        code: word.code,
        message: word.message,
      };
    case 'secrets-logged':
      return { type: 'secrets-logged', vantage: 'site', connection, line: word.line };
  }
}
