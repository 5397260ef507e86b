import type { HandshakeFailed, RequestHandled } from '#contract';

// A path is as long as its sender likes.
const longestPart = 500;

/** One line for Wireshark's comments: what an end told, and that it was told rather than seen. */
export function toldComment(event: RequestHandled | HandshakeFailed): string {
  const where = event.connection === undefined ? 'unknown connection' : `connection ${event.connection}`;
  const what =
    event.type === 'request-handled'
      ? `request ${event.count} handled: ${plain(event.method)} ${plain(event.path)}, answered ${event.status}`
      : `handshake failed: ${plain(event.code)} ${plain(event.message)}`;
  return `Told by the ${event.vantage}, on ${where}: ${what}`;
}

/** Control and bidirectional characters as codes, so that a comment is one line that reads as it is. */
function plain(text: string): string {
  return text
    .slice(0, longestPart)
    .replaceAll(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    );
}
