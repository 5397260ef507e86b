import type { PortPair } from './ports.ts';

/**
 * What a site tells whoever started it. `ports` are those of the client's TCP connection, as the site sees them.
 *
 * `request-handled`: the answer was handed to the network; `path` has no query; `count` includes this one. A
 * WebSocket is one request, the one that opened it. `secret-entered`: the login received this value, as it was sent; `isHash`
 * where that is a hash, which the page has made of the password.
 * `handshake-failed`: TLS ended before it began. `secrets-logged`: one line of the key log (SSLKEYLOGFILE), without
 * its end, while the handshake that made the secret is under way.
 */
export type SiteTold =
  | {
      readonly type: 'request-handled';
      readonly ports: PortPair | undefined;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly count: number;
    }
  | {
      readonly type: 'secret-entered';
      readonly ports: PortPair | undefined;
      readonly kind: 'mobile' | 'password';
      readonly value: string;
      readonly isHash?: true;
    }
  | {
      readonly type: 'handshake-failed';
      readonly ports: PortPair | undefined;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'secrets-logged'; readonly ports: PortPair | undefined; readonly line: string };

export type Report = (told: SiteTold) => void;
