import type { ByteReader } from '../byte-reader.ts';
import { DerReader } from '../x509/der.ts';
import { readName } from '../x509/names.ts';
import { readList } from './variable-length.ts';

/** The names of certification authorities, in DER (RFC 8446, 4.2.4; RFC 5246, 7.4.4). */
export function readDistinguishedNames(reader: ByteReader): void {
  readList(reader, 2, 'tls.handshake.dnames_len', ['tls.handshake.dnames', 'Authorities'], () => {
    const size = reader.uint(2, 'tls.handshake.dname_len', 'Name length');
    reader.block(size, 'tls.handshake.dname', 'Authority', () => {
      const value = readName(new DerReader(reader), 'plainsight.x509.name', 'Name');
      reader.describe({ value });
    });
  });
}
