import type { Edit, Tamperer } from './tampering.ts';

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SUPPORTED_VERSIONS = 43;
const TLS13 = 0x0304;

/** Takes TLS 1.3 out of the versions that a ClientHello offers, as if the client did not know it. */
export function withoutTls13(): Tamperer {
  return {
    wants: ({ direction, sealed, tls }) =>
      direction === 'client-to-server' && !sealed && tls?.contentType === HANDSHAKE,
    edit: (_message, bytes) => removeTls13(bytes),
  };
}

/**
 * The edits that remove 0x0304 from the supported_versions of a ClientHello that fits in one record (RFC 8446, 4.2.1),
 * and make all lengths around it right again; none where it does not offer it, or offers nothing else.
 */
export function removeTls13(record: Uint8Array): readonly Edit[] {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  try {
    if (record[0] !== HANDSHAKE || record[5] !== CLIENT_HELLO) return [];
    const handshakeLength = view.getUint16(7);
    if (record[6] !== 0 || handshakeLength + 4 > view.getUint16(3)) return [];
    // Record header, handshake header, legacy_version, random.
    let at = 5 + 4 + 2 + 32;
    at += 1 + view.getUint8(at);
    at += 2 + view.getUint16(at);
    at += 1 + view.getUint8(at);
    const extensions = at;
    const end = extensions + 2 + view.getUint16(extensions);
    if (end > record.length) return [];
    at += 2;
    while (at + 4 <= end) {
      const type = view.getUint16(at);
      const length = view.getUint16(at + 2);
      if (at + 4 + length > end) return [];
      if (type === SUPPORTED_VERSIONS) return shorten(view, { extensions, extension: at, length });
      at += 4 + length;
    }
    return [];
  } catch (error) {
    // Lengths that lead out of the record.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

interface Place {
  /** Of the length of all extensions. */
  readonly extensions: number;
  /** Of supported_versions. */
  readonly extension: number;
  readonly length: number;
}

function shorten(view: DataView, { extensions, extension, length }: Place): readonly Edit[] {
  const list = extension + 5;
  const count = view.getUint8(extension + 4) >> 1;
  if (2 * count + 1 !== length) return [];
  const offered = Array.from({ length: count }, (_, index) => view.getUint16(list + 2 * index));
  const kept = offered.filter((version) => version !== TLS13);
  const gone = 2 * (offered.length - kept.length);
  // GREASE values (RFC 8701) are no versions.
  if (gone === 0 || !kept.some((version) => version >> 8 === 3)) return [];
  const versions = kept.flatMap(uint16);
  return [
    { start: 3, end: 5, bytes: Uint8Array.from(uint16(view.getUint16(3) - gone)) },
    { start: 7, end: 9, bytes: Uint8Array.from(uint16(view.getUint16(7) - gone)) },
    {
      start: extensions,
      end: extensions + 2,
      bytes: Uint8Array.from(uint16(view.getUint16(extensions) - gone)),
    },
    {
      start: extension + 2,
      end: extension + 4 + length,
      bytes: Uint8Array.from([...uint16(length - gone), versions.length, ...versions]),
    },
  ];
}

function uint16(value: number): readonly number[] {
  return [value >> 8, value & 255];
}
