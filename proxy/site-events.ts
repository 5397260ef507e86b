import type { ConnectionId } from '#contract';
import type { Unnumbered } from './capture/log.ts';
import type { PortPair } from './capture/port-pair.ts';

/** What a site tells: `ports` are those of the connection by which the relay reached it. */
export type SiteWord =
  | {
      type: 'request-handled';
      ports: PortPair | undefined;
      method: string;
      path: string;
      status: number;
      count: number;
    }
  | {
      type: 'secret-entered';
      ports: PortPair | undefined;
      kind: 'mobile' | 'password';
      value: string;
      isHash?: true;
    }
  | { type: 'handshake-failed'; ports: PortPair | undefined; code: string; message: string }
  | { type: 'secrets-logged'; ports: PortPair | undefined; line: string };

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
