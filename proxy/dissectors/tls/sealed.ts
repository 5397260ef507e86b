import type { ByteReader } from '../byte-reader.ts';
import type { HandshakeContext } from './handshake-context.ts';
import { cipherSuiteName } from './names.ts';
import { ALERT, HANDSHAKE } from './record.ts';

/** Under the name that it would have in clear, where the record still shows its type. */
const SEALED: ReadonlyMap<number, readonly [name: string, label: string]> = new Map([
  [HANDSHAKE, ['tls.handshake', 'Encrypted handshake message']],
  [ALERT, ['tls.alert_message', 'Encrypted alert']],
]);

const TLS_1_1 = 0x0302;
const TLS_1_2 = 0x0303;

/**
 * What a record holds that is encrypted: one field, or up to TLS 1.2, where part of the nonce travels in clear, that
 * part and the rest.
 */
export function readSealed(
  reader: ByteReader,
  type: number,
  length: number,
  context: Partial<HandshakeContext>,
): void {
  const [name, label] = SEALED.get(type) ?? ['tls.app_data', 'Sealed content'];
  const about = `${length} bytes, encrypted and protected against changes.`;
  const clear = partInClear(context);
  if (clear === undefined || length <= clear.size) {
    reader.opaque(length, name, label, about);
    return;
  }
  reader.block(length, name, label, () => {
    reader.describe({ meaning: about });
    reader.opaque(clear.size, clear.name, clear.label);
    reader.opaque(reader.remaining, 'plainsight.tls.ciphertext', 'Ciphertext');
  });
}

interface PartInClear {
  readonly size: number;
  readonly name: string;
  readonly label: string;
}

/** RFC 5288, 3 (GCM), RFC 6655, 3 (CCM), RFC 5246, 6.2.3.2 (CBC); none in RFC 7905, 2 (ChaCha20) and in TLS 1.3. */
function partInClear({ version, cipherSuite }: Partial<HandshakeContext>): PartInClear | undefined {
  if (version === undefined || cipherSuite === undefined || version > TLS_1_2) return undefined;
  const suite = cipherSuiteName(cipherSuite);
  if (version === TLS_1_2 && /_(GCM|CCM)/.test(suite))
    return { size: 8, name: 'plainsight.tls.explicit_nonce', label: 'Explicit nonce' };
  if (version < TLS_1_1 || !suite.includes('_CBC')) return undefined;
  const size = /_(3DES|DES40|DES|IDEA|RC2)_/.test(suite) ? 8 : 16;
  return { size, name: 'plainsight.tls.explicit_iv', label: 'Initialisation vector' };
}
