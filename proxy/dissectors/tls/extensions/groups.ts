import type { ByteReader } from '../../byte-reader.ts';
import { groupName } from '../names.ts';
import { readList } from '../variable-length.ts';

const POINT_FORMATS = ['uncompressed', 'ansiX962_compressed_prime', 'ansiX962_compressed_char2'];

/** supported_groups (RFC 8446, 4.2.7). */
export function readGroups(reader: ByteReader): void {
  const list = ['tls.handshake.extensions_supported_groups', 'Groups'] as const;
  readList(reader, 2, 'tls.handshake.extensions_supported_groups_length', list, () =>
    reader.uint(2, 'tls.handshake.extensions_supported_group', 'Group', groupName),
  );
}

/** ec_point_formats (RFC 8422, 5.1.2). */
export function readPointFormats(reader: ByteReader): void {
  const list = ['tls.handshake.extensions_ec_point_formats', 'Point formats'] as const;
  readList(reader, 1, 'tls.handshake.extensions_ec_point_formats_length', list, () =>
    reader.uint(
      1,
      'tls.handshake.extensions_ec_point_format',
      'Point format',
      (value) => POINT_FORMATS[value],
    ),
  );
}
