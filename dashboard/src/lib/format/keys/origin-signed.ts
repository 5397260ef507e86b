import type { OriginSignature } from '#folds/key-origin/key-origin.ts';
import { hexOf } from './hex.ts';

/** A part of what was signed. */
export interface SignedPart {
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Where it is text. */
  readonly text?: string;
}

const SPACES = 64;
const RANDOM = 32;

/**
 * What was signed, part by part, every byte in one of them: in TLS 1.3 spaces, a context string, a zero and the
 * transcript hash (RFC 8446, 4.4.3), in TLS 1.2 both randoms and the parameters (RFC 8422, 5.4).
 */
export function signedParts({
  message,
  signed,
}: Pick<OriginSignature, 'message' | 'signed'>): readonly SignedPart[] {
  if (message === 'ServerKeyExchange')
    return [
      { label: 'client random', bytes: signed.subarray(0, RANDOM) },
      { label: 'server random', bytes: signed.subarray(RANDOM, 2 * RANDOM) },
      { label: 'parameters: group and public value', bytes: signed.subarray(2 * RANDOM) },
    ];
  const zero = signed.indexOf(0, SPACES);
  const spaces = signed.subarray(0, SPACES);
  if (zero < 0 || spaces.some((byte) => byte !== 0x20)) return [{ label: 'signed', bytes: signed }];
  const context = signed.subarray(SPACES, zero);
  return [
    { label: '64 spaces', bytes: spaces },
    { label: 'context string', bytes: context, text: new TextDecoder().decode(context) },
    { label: 'one zero', bytes: signed.subarray(zero, zero + 1) },
    { label: 'hash of the transcript so far', bytes: signed.subarray(zero + 1) },
  ];
}

/** `20 20 20 …`: bytes one by one, where each of them counts. */
export function spacedHex(bytes: Uint8Array): string {
  return hexOf(bytes).replace(/..(?!$)/g, '$& ');
}
