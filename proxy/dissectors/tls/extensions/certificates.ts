import type { ByteReader } from '../../byte-reader.ts';
import { readDistinguishedNames } from '../distinguished-names.ts';
import { readList, readOpaque } from '../variable-length.ts';
import type { ExtensionPlace } from './place.ts';

const COMPRESSIONS: Readonly<Record<number, string>> = { 1: 'zlib', 2: 'brotli', 3: 'zstd' };
const CERTIFICATE_TYPES: Readonly<Record<number, string>> = { 0: 'X.509', 1: 'OpenPGP', 2: 'Raw public key' };

/** Of RFC 8879, 3 and 7.3. */
export function compressionName(value: number): string | undefined {
  return COMPRESSIONS[value];
}

/** compress_certificate (RFC 8879, 3). */
export function readCompressions(reader: ByteReader): void {
  const list = ['plainsight.tls.certificate_compressions', 'Algorithms'] as const;
  readList(reader, 1, 'tls.compress_certificate.algorithms_length', list, () =>
    reader.uint(2, 'tls.compress_certificate.algorithm', 'Algorithm', compressionName),
  );
}

/** client_certificate_type and server_certificate_type: a list of wishes, or the choice (RFC 7250, 3). */
export function readCertificateTypes(reader: ByteReader, place: ExtensionPlace): void {
  const readType = (): void =>
    void reader.uint(
      1,
      'tls.handshake.cert_type.type',
      'Certificate type',
      (value) => CERTIFICATE_TYPES[value],
    );
  if (place !== 'client') readType();
  else {
    const list = ['tls.handshake.cert_type.types', 'Certificate types'] as const;
    readList(reader, 1, 'tls.handshake.cert_type.types_len', list, readType);
  }
}

/** certificate_authorities (RFC 8446, 4.2.4). */
export function readAuthorities(reader: ByteReader): void {
  readDistinguishedNames(reader);
}

/** oid_filters (RFC 8446, 4.2.5). */
export function readOidFilters(reader: ByteReader): void {
  const list = ['plainsight.tls.oid_filters', 'Filters'] as const;
  readList(reader, 2, 'tls.extension.oid_filters_length', list, () => {
    const oid = ['tls.extension.oid_filters.oid', 'Certificate extension'] as const;
    readOpaque(reader, 1, 'tls.extension.oid_filters.oid_length', oid);
    const values = ['plainsight.tls.oid_filter_values', 'Values'] as const;
    readOpaque(reader, 2, 'tls.extension.oid_filters.values_length', values);
  });
}

/** trust_anchors (draft-ietf-tls-trust-anchor-ids): the issuers that would do, by number, so that the site can choose. */
export function readTrustAnchors(reader: ByteReader): void {
  const list = ['plainsight.tls.trust_anchors', 'Trust anchors'] as const;
  readList(reader, 2, 'plainsight.tls.trust_anchors_length', list, () =>
    readOpaque(reader, 1, 'plainsight.tls.trust_anchor_length', [
      'plainsight.tls.trust_anchor',
      'Trust anchor',
    ]),
  );
}
