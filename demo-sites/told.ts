/**
 * What a site tells whoever started it. `remotePort` is the client's port of the TCP connection, as the site sees it.
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
      readonly remotePort: number;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly count: number;
    }
  | {
      readonly type: 'secret-entered';
      readonly remotePort: number;
      readonly kind: 'mobile' | 'password';
      readonly value: string;
      readonly isHash?: true;
    }
  | {
      readonly type: 'handshake-failed';
      readonly remotePort: number | undefined;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'secrets-logged'; readonly remotePort: number | undefined; readonly line: string };

export type Report = (told: SiteTold) => void;
