import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { inWords } from './error-words.ts';

/** How a handshake went for the victim: the certificates that the site showed, and why the victim left, if it did. */
export interface ShownChain {
  /** DER, the site's own first; empty when it came to none. */
  readonly chain: readonly Uint8Array[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** Tells how the handshake on this new connection went, once Node has made up its mind; nothing if none began. */
export function watchChain(socket: TLSSocket, tell: (shown: ShownChain) => void): void {
  let chain: readonly Uint8Array[] = [];
  let hasBegun = false;
  socket.once('connect', () => (hasBegun = true));
  // Node's own check follows in this very event, and destroys the socket where it fails, chain and all.
  socket.prependOnceListener('secure', () => (chain = chainOf(socket.getPeerCertificate(true))));
  const onError = (error: Error) => {
    if (hasBegun) tell({ chain, error: inWords(error) });
  };
  socket.once('error', onError);
  socket.once('secureConnect', () => {
    socket.off('error', onError);
    tell({ chain });
  });
}

/** From the site's certificate up, as far as Node could follow, the issuer that the victim trusts included. */
function chainOf(leaf: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain = new Map<string, Uint8Array>();
  // Whoever signed itself is its own issuer; nothing at all when the site showed nothing.
  for (
    let next: DetailedPeerCertificate | undefined = leaf;
    next?.raw && !chain.has(next.fingerprint256);
    next = next.issuerCertificate
  ) {
    chain.set(next.fingerprint256, new Uint8Array(next.raw));
  }
  return [...chain.values()];
}
