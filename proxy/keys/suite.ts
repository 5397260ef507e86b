import type { CHash } from '@noble/hashes/utils.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';
import { cipherSuiteName } from '#dissectors/tls/names.ts';

export type Cipher = 'aes-gcm' | 'aes-ccm' | 'chacha20-poly1305' | 'aes-cbc';

/** How a cipher suite protects records. */
export interface Suite {
  readonly cipher: Cipher;
  readonly keyLength: number;
  /** Of an AEAD's tag; of the MAC that goes with CBC. */
  readonly tagLength: number;
  /** Of HKDF in TLS 1.3, of the PRF in TLS 1.2. */
  readonly hash: CHash;
  /** Of the MAC that goes with CBC. */
  readonly mac: CHash;
}

const MACS: Readonly<Record<string, CHash>> = { SHA: sha1, SHA256: sha256, SHA384: sha384 };
const NAME =
  /_(?:AES_(?<bits>128|256)_(?<mode>GCM|CCM_8|CCM|CBC)|(?<chacha>CHACHA20_POLY1305))(?:_(?<hash>SHA|SHA256|SHA384))?$/;

/**
 * What the suite's name says of it; undefined when it is of a kind that is not undone here. The hash in the
 * name of a CBC suite is that of the MAC, and SHA-256 or better that of the PRF (RFC 5246, 5; RFC 5289).
 */
export function suiteOf(code: number): Suite | undefined {
  const parts = NAME.exec(cipherSuiteName(code))?.groups;
  if (!parts) return undefined;
  const { bits, mode, hash = 'SHA256' } = parts;
  const mac = MACS[hash] ?? sha256;
  return {
    cipher:
      mode === undefined
        ? 'chacha20-poly1305'
        : mode === 'GCM'
          ? 'aes-gcm'
          : mode === 'CBC'
            ? 'aes-cbc'
            : 'aes-ccm',
    keyLength: bits === '128' ? 16 : 32,
    tagLength: mode === 'CBC' ? mac.outputLen : mode === 'CCM_8' ? 8 : 16,
    hash: hash === 'SHA384' ? sha384 : sha256,
    mac,
  };
}
