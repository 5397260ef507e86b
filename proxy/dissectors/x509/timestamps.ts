import type { ByteReader } from '../byte-reader.ts';
import { SIGNATURE_SCHEMES } from '../tls/signature-schemes.ts';

/**
 * A SignedCertificateTimestampList (RFC 6962, 3.3): receipts of public logs that they have seen the certificate.
 * The same list can stand in a certificate, in a TLS extension and in an OCSP response. Answers how many there are.
 */
export function readTimestampList(reader: ByteReader): number {
  let count = 0;
  const length = reader.uint(2, 'tls.sct.scts_length', 'Length of the list');
  reader.block(length, 'plainsight.tls.scts', 'Timestamps', () => {
    while (reader.remaining > 0) {
      count++;
      const size = reader.uint(2, 'tls.sct.sct_length', 'Length');
      reader.block(size, 'plainsight.tls.sct', 'Signed certificate timestamp', () => {
        readTimestamp(reader);
      });
    }
  });
  return count;
}

/** RFC 6962, 3.2 */
function readTimestamp(reader: ByteReader): void {
  const version = reader.uint(1, 'tls.sct.sct_version', 'Version', (value) =>
    value === 0 ? 'v1' : undefined,
  );
  if (version !== 0) {
    reader.opaque(reader.remaining, 'plainsight.tls.sct_data', 'A timestamp of another version');
    return;
  }
  reader.opaque(32, 'tls.sct.sct_logid', 'Log', 'SHA-256 of the log’s public key');
  const milliseconds = reader.ahead(8).reduce((sum, byte) => sum * 256 + byte, 0);
  const date = new Date(milliseconds);
  const iso = Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  reader.decoded(8, 'tls.sct.sct_timestamp', 'Logged at', milliseconds, iso);
  reader.describe({ ...(iso === undefined ? {} : { value: iso }) });
  const extensions = reader.uint(2, 'tls.sct.sct_extensions_length', 'Length of the extensions');
  reader.opaque(extensions, 'tls.sct.sct_extensions', 'Extensions');
  reader.uint(2, 'tls.handshake.sig_hash_alg', 'Signature algorithm', (value) => SIGNATURE_SCHEMES[value]);
  const signature = reader.uint(2, 'tls.sct.sct_signature_length', 'Length of the signature');
  reader.opaque(signature, 'tls.sct.sct_signature', 'Signature of the log');
}
