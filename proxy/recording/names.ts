import { readName } from '#dissectors/dns/name.ts';
import { addressText } from './address-text.ts';
import type { AddressName } from './capture-item.ts';
import { limits } from './limits.ts';

const typeA = 1;
const typeAaaa = 28;
const mostAnswers = 256;
// What DNS allows (RFC 1035, 2.3.4); a file can claim any length.
const longestName = 255;

/** Names of addresses: as the file gives them, and as the name lookups in the capture were answered. */
export class Names {
  readonly #given = new Map<string, string>();
  readonly #answered = new Map<string, string>();

  given(address: string): string | undefined {
    return this.#given.get(address);
  }

  answered(address: string): string | undefined {
    return this.#answered.get(address);
  }

  learn(names: readonly AddressName[]): void {
    for (const { address, name } of names) note(this.#given, address, name);
  }

  /** The addresses in a DNS answer belong to the name that was asked for, whatever aliases lie between. */
  learnFromDns(message: Uint8Array): void {
    const isAnswer = message.length >= 12 && ((message[2] ?? 0) & 0x80) !== 0;
    if (!isAnswer || uint16(message, 4) !== 1) return;
    const asked = readName(message, 12);
    if (typeof asked === 'string') return;
    let at = 12 + asked.size + 4;
    for (let count = Math.min(uint16(message, 6), mostAnswers); count > 0; count -= 1) {
      const owner = readName(message, at);
      if (typeof owner === 'string') return;
      at += owner.size;
      const type = uint16(message, at);
      const length = uint16(message, at + 8);
      const data = message.subarray(at + 10, at + 10 + length);
      at += 10 + length;
      const expected = type === typeA ? 4 : type === typeAaaa ? 16 : undefined;
      if (expected === length && data.length === length)
        note(this.#answered, addressText(data), asked.text.toLowerCase());
    }
  }
}

function note(names: Map<string, string>, address: string, name: string): void {
  if (names.size < limits.names && name.length <= longestName && !names.has(address))
    names.set(address, name);
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
