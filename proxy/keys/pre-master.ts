import { rsaOpen } from './rsa.ts';
import type { RsaPrivateKey } from './rsa-private-key.ts';

/** What a ClientKeyExchange turned out to hold, check by check; `why` is one sentence. */
export type PreMasterReading =
  | { readonly state: 'read'; readonly preMaster: Uint8Array; readonly padding: number }
  | {
      readonly state: 'failed';
      readonly check: 'form' | 'padding' | 'length' | 'version';
      readonly why: string;
    };

const PRE_MASTER_LENGTH = 48;
const HEADER = 4;

/** The encrypted pre-master secret in a whole ClientKeyExchange of static RSA (RFC 5246, 7.4.7.1); undefined when malformed. */
export function encryptedPreMaster(message: Uint8Array): Uint8Array | undefined {
  const [high, low] = message.subarray(HEADER);
  if (high === undefined || low === undefined) return undefined;
  const ciphertext = message.subarray(HEADER + 2);
  return ciphertext.length === high * 256 + low ? ciphertext : undefined;
}

/**
 * Decrypts the pre-master secret of a whole ClientKeyExchange with the private key of the site's certificate, and
 * checks it as the site does: padding, 48 bytes, and at their front the `legacy_version` that the ClientHello
 * offered, against rollback (RFC 5246, 7.4.7.1).
 */
export function readPreMaster(message: Uint8Array, key: RsaPrivateKey, offered: number): PreMasterReading {
  const ciphertext = encryptedPreMaster(message);
  if (!ciphertext) return failed('form', 'The ClientKeyExchange has no encrypted pre-master secret in it.');
  const opening = rsaOpen(ciphertext, key);
  if (opening.state === 'failed') return failed('padding', opening.why);
  const { message: preMaster, padding } = opening;
  if (preMaster.length !== PRE_MASTER_LENGTH)
    return failed('length', `It holds ${preMaster.length} bytes; a pre-master secret has 48.`);
  const [major = 0, minor = 0] = preMaster;
  if (major * 256 + minor !== offered)
    return failed('version', 'Its first two bytes are not the version that the ClientHello offered.');
  return { state: 'read', preMaster, padding };
}

function failed(check: Extract<PreMasterReading, { check: string }>['check'], why: string): PreMasterReading {
  return { state: 'failed', check, why };
}
