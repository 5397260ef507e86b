import type { CertificateReceived, HandshakeFailed, RequestHandled } from '#contract';
import { plain as plainText } from './plain-text.ts';

// A path is as long as its sender likes.
const longestPart = 500;

/** One line for Wireshark's comments: what an end told, and that it was told rather than seen. */
export function toldComment(event: RequestHandled | HandshakeFailed | CertificateReceived): string {
  const where = event.connection === undefined ? 'unknown connection' : `connection ${event.connection}`;
  return `Told by the ${event.vantage}, on ${where}: ${what(event)}`;
}

function what(event: RequestHandled | HandshakeFailed | CertificateReceived): string {
  switch (event.type) {
    case 'request-handled':
      return `request ${event.count} handled: ${plain(event.method)} ${plain(event.path)}, answered ${event.status}`;
    case 'handshake-failed':
      return `handshake failed: ${plain(event.code)} ${plain(event.message)}`;
    case 'certificate-received': {
      const { host, chain, error } = event;
      const verdict = error ? `refused: ${plain(error.code)} ${plain(error.message)}` : 'accepted';
      return `certificate of ${plain(host)} received, chain of ${chain.length}, ${verdict}`;
    }
  }
}

/** No longer than a comment should be. */
function plain(text: string): string {
  return plainText(text.slice(0, longestPart));
}
