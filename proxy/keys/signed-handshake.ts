import { joined } from './bytes.ts';

const encoder = new TextEncoder();
const PADDING = new Uint8Array(64).fill(0x20);

/** What the server's CertificateVerify of TLS 1.3 signs; `transcript` reaches to its Certificate (RFC 8446, 4.4.3). */
export function signedByCertificateVerify(transcript: Uint8Array): Uint8Array {
  const context = encoder.encode('TLS 1.3, server CertificateVerify');
  return joined(PADDING, context, Uint8Array.of(0), transcript);
}

/**
 * What the ServerKeyExchange of TLS 1.2 signs: both randoms and its own parameters, as they stand before the
 * signature (RFC 5246, 7.4.3; RFC 8422, 5.4).
 */
export function signedByServerKeyExchange(
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  parameters: Uint8Array,
): Uint8Array {
  return joined(clientRandom, serverRandom, parameters);
}
