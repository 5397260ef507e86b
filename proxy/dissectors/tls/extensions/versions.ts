import type { ByteReader } from '../../byte-reader.ts';
import { versionName } from '../names.ts';
import { readList } from '../variable-length.ts';
import type { ExtensionPlace } from './place.ts';

/** supported_versions: a list in a ClientHello, the choice in a ServerHello (RFC 8446, 4.2.1). */
export function readVersions(reader: ByteReader, place: ExtensionPlace): void {
  if (place === 'client') reader.uint(1, 'tls.handshake.extensions.supported_versions_len', 'List length');
  while (reader.remaining > 0)
    reader.uint(2, 'tls.handshake.extensions.supported_version', 'Version', versionName);
}

/** psk_key_exchange_modes (RFC 8446, 4.2.9). */
export function readKeyExchangeModes(reader: ByteReader): void {
  const list = ['plainsight.tls.psk_ke_modes', 'Modes'] as const;
  readList(reader, 1, 'tls.extension.psk_ke_modes_length', list, () =>
    reader.uint(1, 'tls.extension.psk_ke_mode', 'Mode', pskModeName),
  );
}

// GREASE has other values in a single byte: 0x0b and each 0x1f further on (RFC 8701, 2).
function pskModeName(value: number): string | undefined {
  return ['psk_ke', 'psk_dhe_ke'][value] ?? (isGreaseByte(value) ? 'GREASE' : undefined);
}

function isGreaseByte(value: number): boolean {
  return value >= 0x0b && (value - 0x0b) % 0x1f === 0;
}
