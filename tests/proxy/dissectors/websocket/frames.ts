import { acceptFor } from '#dissectors/websocket/accept.ts';
import type { VectorChunk } from '../../../vectors/vector.ts';
import { answered, sent } from '../feeding.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** The handshake of RFC 6455, 1.3, or one that differs from it. */
export function handshake(
  change: { readonly request?: string; readonly response?: string; readonly extensions?: string } = {},
): readonly VectorChunk[] {
  const extensions =
    change.extensions === undefined ? '' : `Sec-WebSocket-Extensions: ${change.extensions}\r\n`;
  const asked = `Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\n`;
  const accepted = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(KEY)}\r\n`;
  return [
    sent(`GET /chat HTTP/1.1\r\nHost: a.test\r\n${change.request ?? asked}${extensions}\r\n`),
    answered(`HTTP/1.1 101 Switching Protocols\r\n${change.response ?? accepted}${extensions}\r\n`),
  ];
}

export function fromClient(hex: string): VectorChunk {
  return { direction: 'client-to-server', bytes: bytes(hex) };
}

export function fromServer(hex: string): VectorChunk {
  return { direction: 'server-to-client', bytes: bytes(hex) };
}
