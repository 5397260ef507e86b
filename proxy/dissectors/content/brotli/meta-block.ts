import { type BitSource, BrokenBrotli } from './bit-source.ts';
import { BlockSwitch, readRanged } from './blocks.ts';
import { readContextMap } from './context-map.ts';
import { indexBits, wordAt } from './dictionary.ts';
import { DistanceCodes, type LastDistances } from './distances.ts';
import type { BrotliOutput } from './output.ts';
import { type PrefixCode, readPrefixCode } from './prefix-code.ts';
import {
  COPY_CELLS,
  COPY_LENGTHS,
  INSERT_CELLS,
  INSERT_LENGTHS,
  SIGNED,
  UTF8_BEFORE,
  UTF8_LAST,
} from './tables.ts';
import { transformed } from './transforms.ts';

const LITERALS = 256;
const COMMANDS = 704;
const LITERAL_CONTEXTS = 64;
const DISTANCE_CONTEXTS = 4;
// A command can take no bits and yield no bytes: without a bound, a few bytes would keep the decoder busy forever.
const MOST_IDLE = 10_000;

/** A compressed meta-block that yields `length` bytes (RFC 7932, 9.2 and 9.3). */
export function readMetaBlock(
  source: BitSource,
  output: BrotliOutput,
  length: number,
  window: number,
  last: LastDistances,
): void {
  const literals = new BlockSwitch(source);
  const commands = new BlockSwitch(source);
  const distances = new BlockSwitch(source);
  const distanceCodes = new DistanceCodes(source, last);
  const modes = Array.from({ length: literals.types }, () => source.read(2));
  const literalMap = readContextMap(source, literals.types * LITERAL_CONTEXTS);
  const distanceMap = readContextMap(source, distances.types * DISTANCE_CONTEXTS);
  const literalTrees = readTrees(source, literalMap.trees, LITERALS);
  const commandTrees = readTrees(source, commands.types, COMMANDS);
  const distanceTrees = readTrees(source, distanceMap.trees, distanceCodes.alphabet);
  const end = output.length + length;
  let idle = 0;
  while (output.length < end) {
    const before = output.length;
    const command = decode(source, commandTrees, commands.next());
    const cell = command >> 6;
    const insert = readRanged(source, INSERT_LENGTHS, (INSERT_CELLS[cell] ?? 0) + ((command >> 3) & 7));
    const copy = readRanged(source, COPY_LENGTHS, (COPY_CELLS[cell] ?? 0) + (command & 7));
    for (let count = 0; count < insert && output.length < end; count++) {
      const type = literals.next();
      const context = literalContext(modes[type] ?? 0, output.back(1), output.back(2));
      output.put(decode(source, literalTrees, literalMap.map[type * LITERAL_CONTEXTS + context] ?? 0));
    }
    if (output.length >= end) return;
    let code = 0;
    if (cell >= 2) {
      const context = distances.next() * DISTANCE_CONTEXTS + Math.min(copy, 5) - 2;
      code = decode(source, distanceTrees, distanceMap.map[context] ?? 0);
    }
    const distance = distanceCodes.read(code);
    const reach = Math.min(window, output.length);
    if (distance > reach) output.add(readWord(copy, distance - reach - 1));
    else {
      output.copy(distance, Math.min(copy, end - output.length));
      if (code !== 0) distanceCodes.remember(distance);
    }
    idle = output.length === before ? idle + 1 : 0;
    if (idle > MOST_IDLE) throw new BrokenBrotli('commands without end that yield nothing');
  }
}

/** A distance beyond all that came out names a word of the dictionary (RFC 7932, 8). */
function readWord(length: number, reference: number): Uint8Array {
  const bits = indexBits(length);
  if (bits === undefined) throw new BrokenBrotli('a distance that is too far');
  const word = transformed(wordAt(length, reference % 2 ** bits), Math.floor(reference / 2 ** bits));
  if (!word) throw new BrokenBrotli('a distance that is too far');
  return word;
}

/** RFC 7932, 7.1. */
function literalContext(mode: number, last: number, before: number): number {
  if (mode === 0) return last & 63;
  if (mode === 1) return last >> 2;
  if (mode === 2) return (UTF8_LAST[last] ?? 0) | (UTF8_BEFORE[before] ?? 0);
  return ((SIGNED[last] ?? 0) << 3) + (SIGNED[before] ?? 0);
}

function readTrees(source: BitSource, count: number, alphabet: number): readonly PrefixCode[] {
  return Array.from({ length: count }, () => readPrefixCode(source, alphabet));
}

function decode(source: BitSource, trees: readonly PrefixCode[], index: number): number {
  const tree = trees[index];
  if (!tree) throw new BrokenBrotli('a block without a code');
  return tree.decode(source);
}
