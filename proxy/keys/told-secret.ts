import { sha256 } from '@noble/hashes/sha2.js';
import { hex } from '#dissectors/text.ts';
import { KeyLog, type SecretLabel } from './key-log.ts';

/** A line of a key log, with a mark in place of the secret: two that are the same have the same mark. */
export interface ToldSecret {
  readonly label: SecretLabel;
  /** In hex. */
  readonly clientRandom: string;
  /** The first eight hex digits of the secret's SHA-256; the secret does not follow from it. */
  readonly fingerprint: string;
}

const DIGITS = 8;

/** Undefined for a remark, and for a line that is none. */
export function toldSecret(line: string): ToldSecret | undefined {
  const keyLog = new KeyLog();
  if (keyLog.add(line).length > 0 || keyLog.size === 0) return undefined;
  const [label, random = ''] = line
    .replace(/^\uFEFF/, '')
    .trim()
    .split(/[ \t]+/);
  const clientRandom = random.toLowerCase();
  // Checked by the key log, which takes no other label.
  const known = label as SecretLabel;
  const secret = keyLog.secret(known, clientRandom);
  if (!secret) return undefined;
  return { label: known, clientRandom, fingerprint: hex(sha256(secret)).slice(0, DIGITS) };
}
