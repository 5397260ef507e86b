import { fromBase64 } from '../base64.ts';
import { inflate } from '../inflate.ts';
import { DICTIONARY_DEFLATED } from './dictionary-data.ts';

const SHORTEST_WORD = 4;
const LONGEST_WORD = 24;
const SIZE = 122_784;
// RFC 7932, appendix A: there are two to the power of this many words of each length.
const INDEX_BITS = [0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5];

let dictionary: Uint8Array | undefined;

/** How many bits of a reference choose the word among those of this length; undefined when there are none. */
export function indexBits(length: number): number | undefined {
  return length < SHORTEST_WORD || length > LONGEST_WORD ? undefined : INDEX_BITS[length];
}

/** A word of the static dictionary, which is unpacked when the first one is asked for. */
export function wordAt(length: number, index: number): Uint8Array {
  dictionary ??= unpacked();
  let start = 0;
  for (let shorter = SHORTEST_WORD; shorter < length; shorter++)
    start += shorter << (INDEX_BITS[shorter] ?? 0);
  return dictionary.subarray(start + index * length, start + (index + 1) * length);
}

function unpacked(): Uint8Array {
  const deflated = fromBase64(DICTIONARY_DEFLATED.replaceAll('\n', '')) ?? new Uint8Array(0);
  return inflate(deflated, 'deflate', SIZE).bytes;
}
