/**
 * What the site tells whoever started it. `remotePort` is the client's port of the TCP connection, as the site sees it.
 *
 * `request-handled`: the answer was handed to the network; `path` has no query; `count` includes this one.
 * `secret-entered`: the login received this value, as it was sent. `handshake-failed`: TLS ended before it began.
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
    }
  | {
      readonly type: 'handshake-failed';
      readonly remotePort: number | undefined;
      readonly code: string;
      readonly message: string;
    };

export type Report = (told: SiteTold) => void;
