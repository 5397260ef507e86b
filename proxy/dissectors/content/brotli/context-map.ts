import { type BitSource, BrokenBrotli } from './bit-source.ts';
import { readCount } from './blocks.ts';
import { readPrefixCode } from './prefix-code.ts';

export interface ContextMap {
  readonly trees: number;
  /** Which tree serves each block type and context. */
  readonly map: Uint8Array;
}

/** RFC 7932, 7.3. */
export function readContextMap(source: BitSource, size: number): ContextMap {
  const map = new Uint8Array(size);
  const trees = readCount(source);
  if (trees < 2) return { trees, map };
  const longestRun = source.read(1) === 0 ? 0 : source.read(4) + 1;
  const code = readPrefixCode(source, trees + longestRun);
  for (let at = 0; at < size;) {
    const symbol = code.decode(source);
    if (symbol === 0 || symbol > longestRun) map[at++] = symbol === 0 ? 0 : symbol - longestRun;
    else {
      at += (1 << symbol) + source.read(symbol);
      if (at > size) throw new BrokenBrotli('a context map that is too long');
    }
  }
  if (source.read(1) === 1) moveToFront(map);
  return { trees, map };
}

function moveToFront(map: Uint8Array): void {
  const order = Array.from({ length: 256 }, (_, index) => index);
  map.forEach((index, at) => {
    const [value = 0] = order.splice(index, 1);
    order.unshift(value);
    map[at] = value;
  });
}
