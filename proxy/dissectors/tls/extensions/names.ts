import type { ByteReader } from '../../byte-reader.ts';
import { isGrease } from '../names.ts';
import { readList } from '../variable-length.ts';
import type { ExtensionPlace } from './place.ts';

/** server_name (RFC 6066, 3). */
export function readServerNames(reader: ByteReader): void {
  const list = ['plainsight.tls.server_name_list', 'Server names'] as const;
  readList(reader, 2, 'tls.handshake.extensions_server_name_list_len', list, () => {
    reader.uint(1, 'tls.handshake.extensions_server_name_type', 'Name type', (value) =>
      value === 0 ? 'host name' : undefined,
    );
    const size = reader.uint(2, 'tls.handshake.extensions_server_name_len', 'Name length');
    reader.text(
      size,
      'tls.handshake.extensions_server_name',
      'Server name',
      'Which site this is for: in clear, before any encryption.',
    );
  });
}

/** application_layer_protocol_negotiation (RFC 7301, 3.1): a list from the client, a list of one from the server. */
export function readProtocols(reader: ByteReader): void {
  const list = ['tls.handshake.extensions_alpn_list', 'Protocols'] as const;
  readList(reader, 2, 'tls.handshake.extensions_alpn_len', list, () => {
    const size = reader.uint(1, 'tls.handshake.extensions_alpn_str_len', 'Name length');
    reader.text(size, 'tls.handshake.extensions_alpn_str', 'Protocol', greaseProtocol(reader, size));
  });
}

/** application_settings (draft-vvv-tls-alps, 3): the client lists protocols, the server sends its settings at once. */
export function readApplicationSettings(reader: ByteReader, place: ExtensionPlace): void {
  if (place !== 'client') {
    reader.opaque(reader.remaining, 'tls.handshake.extensions_alps.settings', 'Settings');
    return;
  }
  const list = ['tls.handshake.extensions_alps_alpn_list', 'Protocols'] as const;
  readList(reader, 2, 'tls.handshake.extensions_alps_len', list, () => {
    const size = reader.uint(1, 'tls.handshake.extensions_alps_alpn_str_len', 'Name length');
    reader.text(size, 'tls.handshake.extensions_alps_alpn_str', 'Protocol');
  });
}

/** A name of two bytes can be GREASE too (RFC 8701, 2). */
function greaseProtocol(reader: ByteReader, size: number): string | undefined {
  return size === 2 && isGrease((reader.peek() ?? 0) * 256 + (reader.peek(1) ?? 0)) ? 'GREASE' : undefined;
}
