import type { ByteReader } from '../byte-reader.ts';
import { extensionName, groupName, signatureSchemeName, versionName } from './names.ts';

/** Where a list of extensions stands; the same type is laid out differently in each (RFC 8446, 4.2). */
export type ExtensionPlace = 'client' | 'server' | 'retry';

/** The extensions of a hello, to its end. */
export function readExtensions(reader: ByteReader, place: ExtensionPlace): void {
  const length = reader.uint(2, 'tls.handshake.extensions_length', 'Extensions length');
  reader.block(length, 'plainsight.tls.extensions', 'Extensions', () => {
    while (reader.remaining > 0) readExtension(reader, place);
  });
}

type Reading = (reader: ByteReader, place: ExtensionPlace) => void;

const READINGS: ReadonlyMap<number, Reading> = new Map<number, Reading>([
  [0, readServerNames],
  [10, readGroups],
  [11, readPointFormats],
  [13, readSignatureSchemes],
  [16, readProtocols],
  [43, readVersions],
  [45, readKeyExchangeModes],
  [50, readSignatureSchemes],
  [51, readKeyShares],
]);

function readExtension(reader: ByteReader, place: ExtensionPlace): void {
  reader.group('plainsight.tls.extension', 'Extension', () => {
    const type = reader.uint(2, 'tls.handshake.extension.type', 'Extension type', extensionName);
    const length = reader.uint(2, 'tls.handshake.extension.len', 'Length');
    reader.describe({ label: extensionName(type) });
    const reading = READINGS.get(type);
    if (length === 0) return;
    if (reading)
      reader.block(length, `plainsight.tls.${extensionName(type)}`, extensionName(type), () =>
        reading(reader, place),
      );
    else reader.opaque(length, 'tls.handshake.extension.data', 'Data');
  });
}

/** RFC 6066, 3. */
function readServerNames(reader: ByteReader): void {
  const length = reader.uint(2, 'tls.handshake.extensions_server_name_list_len', 'List length');
  reader.block(length, 'plainsight.tls.server_name_list', 'Server names', () => {
    while (reader.remaining > 0) {
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
    }
  });
}

/** RFC 8446, 4.2.7. */
function readGroups(reader: ByteReader): void {
  const length = reader.uint(2, 'tls.handshake.extensions_supported_groups_length', 'List length');
  reader.block(length, 'tls.handshake.extensions_supported_groups', 'Groups', () => {
    while (reader.remaining > 0)
      reader.uint(2, 'tls.handshake.extensions_supported_group', 'Group', groupName);
  });
}

/** RFC 8422, 5.1.2. */
function readPointFormats(reader: ByteReader): void {
  const length = reader.uint(1, 'tls.handshake.extensions_ec_point_formats_length', 'List length');
  reader.block(length, 'tls.handshake.extensions_ec_point_formats', 'Point formats', () => {
    while (reader.remaining > 0) {
      reader.uint(1, 'tls.handshake.extensions_ec_point_format', 'Point format', (value) =>
        value === 0 ? 'uncompressed' : undefined,
      );
    }
  });
}

/** RFC 8446, 4.2.3. */
function readSignatureSchemes(reader: ByteReader): void {
  const length = reader.uint(2, 'tls.handshake.sig_hash_alg_len', 'List length');
  reader.block(length, 'tls.handshake.sig_hash_algs', 'Signature schemes', () => {
    while (reader.remaining > 0)
      reader.uint(2, 'tls.handshake.sig_hash_alg', 'Signature scheme', signatureSchemeName);
  });
}

/** RFC 7301, 3.1. */
function readProtocols(reader: ByteReader): void {
  const length = reader.uint(2, 'tls.handshake.extensions_alpn_len', 'List length');
  reader.block(length, 'tls.handshake.extensions_alpn_list', 'Protocols', () => {
    while (reader.remaining > 0) {
      const size = reader.uint(1, 'tls.handshake.extensions_alpn_str_len', 'Name length');
      reader.text(size, 'tls.handshake.extensions_alpn_str', 'Protocol');
    }
  });
}

/** A list in a ClientHello, the choice in a ServerHello (RFC 8446, 4.2.1). */
function readVersions(reader: ByteReader, place: ExtensionPlace): void {
  if (place === 'client') reader.uint(1, 'tls.handshake.extensions.supported_versions_len', 'List length');
  while (reader.remaining > 0)
    reader.uint(2, 'tls.handshake.extensions.supported_version', 'Version', versionName);
}

/** RFC 8446, 4.2.9. */
function readKeyExchangeModes(reader: ByteReader): void {
  reader.uint(1, 'tls.extension.psk_ke_modes_length', 'List length');
  while (reader.remaining > 0) {
    reader.uint(1, 'tls.extension.psk_ke_mode', 'Mode', (value) => ['psk_ke', 'psk_dhe_ke'][value]);
  }
}

/** A list in a ClientHello, one in a ServerHello, a group alone in a HelloRetryRequest (RFC 8446, 4.2.8). */
function readKeyShares(reader: ByteReader, place: ExtensionPlace): void {
  if (place === 'retry') {
    reader.uint(2, 'tls.handshake.extensions_key_share_selected_group', 'Group', groupName);
    return;
  }
  if (place === 'server') {
    readKeyShare(reader);
    return;
  }
  const length = reader.uint(2, 'tls.handshake.extensions_key_share_client_length', 'List length');
  reader.block(length, 'plainsight.tls.key_shares', 'Key shares', () => {
    while (reader.remaining > 0)
      reader.group('plainsight.tls.key_share_entry', 'Key share', () => readKeyShare(reader));
  });
}

function readKeyShare(reader: ByteReader): void {
  const group = reader.uint(2, 'tls.handshake.extensions_key_share_group', 'Group', groupName);
  const size = reader.uint(2, 'tls.handshake.extensions_key_share_key_exchange_length', 'Length');
  reader.opaque(
    size,
    'tls.handshake.extensions_key_share_key_exchange',
    `Public key, ${groupName(group)}`,
    'In clear: a public value; from the two public ones alone nobody is known to be able to compute the secret.',
  );
}
