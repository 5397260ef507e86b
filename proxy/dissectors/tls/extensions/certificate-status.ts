import type { ByteReader } from '../../byte-reader.ts';
import { readList } from '../variable-length.ts';
import type { ExtensionPlace } from './place.ts';

const OCSP = 1;
const OCSP_MULTI = 2;

/** status_request: the wish in a ClientHello, the answer beside a certificate of TLS 1.3 (RFC 6066, 8; RFC 8446, 4.4.2.1). */
export function readStatusRequest(reader: ByteReader, place: ExtensionPlace): void {
  if (place === 'certificate') {
    readCertificateStatus(reader);
    return;
  }
  readStatusType(reader);
  readOcspRequest(reader);
}

/** status_request_v2 (RFC 6961, 2.2). */
export function readStatusRequestV2(reader: ByteReader): void {
  const list = ['plainsight.tls.status_requests', 'Requests'] as const;
  readList(reader, 2, 'tls.handshake.extensions_status_request_list_len', list, () => {
    readStatusType(reader);
    const length = reader.uint(2, 'tls.handshake.extensions_status_request_len', 'Request length');
    reader.block(length, 'plainsight.tls.ocsp_status_request', 'Request', () => readOcspRequest(reader));
  });
}

/** The body of a CertificateStatus (RFC 6066, 8; RFC 6961, 2.2). The OCSP response stays as it is (RFC 6960). */
export function readCertificateStatus(reader: ByteReader): void {
  const type = readStatusType(reader);
  if (type === OCSP) readOcspResponse(reader);
  else if (type === OCSP_MULTI) {
    const list = ['plainsight.tls.ocsp_responses', 'OCSP responses'] as const;
    readList(reader, 3, 'tls.handshake.ocsp_response_list_len', list, () => readOcspResponse(reader));
  }
}

function readStatusType(reader: ByteReader): number {
  return reader.uint(
    1,
    'tls.handshake.extensions_status_request_type',
    'Status type',
    (value) => ({ [OCSP]: 'OCSP', [OCSP_MULTI]: 'OCSP, several' })[value],
  );
}

function readOcspRequest(reader: ByteReader): void {
  const responders = reader.uint(
    2,
    'tls.handshake.extensions_status_request_responder_ids_len',
    'Responder IDs length',
  );
  reader.opaque(responders, 'plainsight.tls.ocsp_responder_ids', 'Responder IDs');
  const extensions = reader.uint(
    2,
    'tls.handshake.extensions_status_request_exts_len',
    'Request extensions length',
  );
  reader.opaque(extensions, 'plainsight.tls.ocsp_request_extensions', 'Request extensions');
}

function readOcspResponse(reader: ByteReader): void {
  const length = reader.uint(3, 'tls.handshake.ocsp_response_len', 'OCSP response length');
  reader.opaque(
    length,
    'plainsight.tls.ocsp_response',
    'OCSP response',
    'Signed by the CA or on its behalf: whether the certificate has been revoked.',
  );
}
