import { readdirSync, readFileSync } from 'node:fs';
import type { Direction } from '#contract';

/** Bytes of one direction, as they came in one piece. */
export interface VectorChunk {
  readonly direction: Direction;
  readonly bytes: Uint8Array;
}

export interface Vector {
  readonly name: string;
  /** Where the bytes come from. */
  readonly source: string;
  /** In the order of capture. */
  readonly chunks: readonly VectorChunk[];
}

/**
 * Reads `NAME.hex`: line 1 says where the bytes come from; then lines of hex, `>` before what the client sent
 * and `<` before what the server did, `#` before a remark, an empty line between chunks.
 */
export function readVector(name: string): Vector {
  const [first = '', ...lines] = readFileSync(new URL(`${name}.hex`, import.meta.url), 'utf8').split('\n');
  const chunks: { direction: Direction; hex: string }[] = [];
  let fresh = true;
  for (const line of lines) {
    const match = /^([<>]) ([0-9a-f ]+?) *(?:#.*)?$/.exec(line);
    if (match?.[2] === undefined) fresh = true;
    else {
      const direction = match[1] === '>' ? 'client-to-server' : 'server-to-client';
      if (fresh || chunks.at(-1)?.direction !== direction) chunks.push({ direction, hex: '' });
      const last = chunks.at(-1);
      if (last) last.hex += match[2];
      fresh = false;
    }
  }
  return {
    name,
    source: first.replace(/^# /, ''),
    chunks: chunks.map(({ direction, hex }) => ({
      direction,
      bytes: Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')),
    })),
  };
}

export function allVectors(): readonly Vector[] {
  const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.hex'));
  return files.map((file) => readVector(file.slice(0, -'.hex'.length)));
}

/** All bytes of one direction. */
export function streamOf({ chunks }: Vector, direction: Direction): Uint8Array {
  const own = chunks.filter((chunk) => chunk.direction === direction);
  return Uint8Array.from(Buffer.concat(own.map(({ bytes }) => bytes)));
}
