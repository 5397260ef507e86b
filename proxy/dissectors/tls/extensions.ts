import type { ByteReader } from '../byte-reader.ts';
import { readTimestampList } from '../x509/timestamps.ts';
import { readStatusRequest, readStatusRequestV2 } from './extensions/certificate-status.ts';
import {
  readAuthorities,
  readCertificateTypes,
  readCompressions,
  readOidFilters,
  readTrustAnchors,
} from './extensions/certificates.ts';
import { readCookie, readEarlyData } from './extensions/early-data.ts';
import { readEncryptedClientHello } from './extensions/encrypted-client-hello.ts';
import { readGroups, readPointFormats } from './extensions/groups.ts';
import { readKeyShares } from './extensions/key-share.ts';
import {
  readHeartbeat,
  readMaxFragmentLength,
  readPadding,
  readRecordSizeLimit,
} from './extensions/limits.ts';
import { readApplicationSettings, readProtocols, readServerNames } from './extensions/names.ts';
import type { ExtensionPlace } from './extensions/place.ts';
import { readPreSharedKey } from './extensions/pre-shared-key.ts';
import { readRenegotiationInfo, readSessionTicket } from './extensions/sessions.ts';
import { readDelegatedCredential, readSignatureSchemes } from './extensions/signatures.ts';
import { readKeyExchangeModes, readVersions } from './extensions/versions.ts';
import { extensionName, isGrease } from './names.ts';

type Reading = (reader: ByteReader, place: ExtensionPlace) => void;

const READINGS: ReadonlyMap<number, Reading> = new Map<number, Reading>([
  [0, readServerNames],
  [1, readMaxFragmentLength],
  [5, readStatusRequest],
  [10, readGroups],
  [11, readPointFormats],
  [13, readSignatureSchemes],
  [15, readHeartbeat],
  [16, readProtocols],
  [17, readStatusRequestV2],
  [18, readTimestampList],
  [19, readCertificateTypes],
  [20, readCertificateTypes],
  [21, readPadding],
  [27, readCompressions],
  [28, readRecordSizeLimit],
  [34, readDelegatedCredential],
  [35, readSessionTicket],
  [41, readPreSharedKey],
  [42, readEarlyData],
  [43, readVersions],
  [44, readCookie],
  [45, readKeyExchangeModes],
  [47, readAuthorities],
  [48, readOidFilters],
  [50, readSignatureSchemes],
  [51, readKeyShares],
  [17513, readApplicationSettings],
  [17613, readApplicationSettings],
  [51764, readTrustAnchors],
  [65037, readEncryptedClientHello],
  [65281, readRenegotiationInfo],
]);

/** A list of extensions with its length (RFC 8446, 4.2). */
export function readExtensions(reader: ByteReader, place: ExtensionPlace): void {
  const length = reader.uint(2, 'tls.handshake.extensions_length', 'Extensions length');
  reader.block(length, 'plainsight.tls.extensions', 'Extensions', () => {
    while (reader.remaining > 0) readExtension(reader, place);
  });
}

/** They say all they have to say by being there, in an offer or in an answer. */
const OFTEN_EMPTY: ReadonlySet<number> = new Set([0, 18, 22, 23, 35, 42]);

function readExtension(reader: ByteReader, place: ExtensionPlace): void {
  reader.group(groupName(reader), 'Extension', () => {
    const type = reader.uint(2, 'tls.handshake.extension.type', 'Extension type', extensionName);
    const name = extensionName(type);
    const length = reader.uint(2, 'tls.handshake.extension.len', 'Length');
    reader.describe({ label: name });
    if (isGrease(type))
      reader.describe({ meaning: 'Means nothing: it keeps servers used to what they do not know.' });
    const reading = READINGS.get(type);
    if (length === 0) return;
    if (reading)
      reader.block(length, `plainsight.tls.${fieldName(name)}`, name, () => reading(reader, place));
    else reader.opaque(length, 'tls.handshake.extension.data', 'Data');
  });
}

function groupName(reader: ByteReader): string {
  const [typeHigh = 0, typeLow = 0, ...length] = reader.ahead(4);
  const type = typeHigh * 256 + typeLow;
  const isEmpty = length.every((byte) => byte === 0);
  return isEmpty && OFTEN_EMPTY.has(type)
    ? `plainsight.tls.${fieldName(extensionName(type))}`
    : 'plainsight.tls.extension';
}

/** `application_settings (draft)` → `application_settings` */
function fieldName(name: string): string {
  return name.split(' ', 1)[0] ?? name;
}
