import { latin1 } from '../text.ts';

/** A domain name in a message: how it reads, and how many bytes it takes where it stands. */
export interface DomainName {
  readonly text: string;
  readonly size: number;
}

const LONGEST_NAME = 255;
// A name of 255 bytes has no more labels than this, and a pointer that leads to another pointer saves nothing.
const MOST_POINTERS = 127;

/**
 * Reads the name at `start` (RFC 1035, 4.1.4). A pointer stands for a name earlier in the message; each must point
 * further back than the last, so that no message can send the reader in circles. A string says what is wrong.
 */
export function readName(message: Uint8Array, start: number): DomainName | string {
  const labels: string[] = [];
  let at = start;
  let lowest = start;
  let size: number | undefined;
  let length = 0;
  let pointers = 0;
  for (;;) {
    const byte = message[at];
    if (byte === undefined) return 'The name runs past the end of the message.';
    if (byte === 0) {
      return { text: labels.length === 0 ? '<Root>' : labels.join('.'), size: size ?? at + 1 - start };
    }
    if (byte >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined) return 'The pointer runs past the end of the message.';
      const target = (byte & 0x3f) * 256 + low;
      size ??= at + 2 - start;
      if (target >= lowest) return 'The pointer does not point back.';
      if (++pointers > MOST_POINTERS) return `A name of more than ${MOST_POINTERS} pointers.`;
      at = target;
      lowest = target;
      continue;
    }
    if (byte >= 0x40) return 'A label is at most 63 bytes long.';
    if (at + 1 + byte > message.length) return 'The label runs past the end of the message.';
    length += byte + 1;
    if (length >= LONGEST_NAME) return 'A name is at most 255 bytes long.';
    labels.push(latin1(message, at + 1, at + 1 + byte));
    at += byte + 1;
  }
}
