import { unbrotli } from './brotli/decoder.ts';
import { inflate } from './inflate.ts';
import type { Undone } from './undone.ts';

/** Codings undone one after another, the last applied first. */
export interface UndoneCodings extends Undone {
  /** Names of those that were undone, in that order. */
  readonly undone: readonly string[];
}

// Servers apply one, two at most; a list of gzips is a way to build a bomb.
const MOST_CODINGS = 4;

/**
 * Undoes content codings (RFC 9110, 8.4.1), named in the order in which they were applied, up to `limit` bytes of
 * output each. Stops at one that is not known here, or whose data is broken.
 */
export function undoCodings(bytes: Uint8Array, codings: readonly string[], limit: number): UndoneCodings {
  let result: Undone = { bytes, truncated: false };
  const undone: string[] = [];
  for (const coding of codings.filter((name) => name !== 'identity').reverse()) {
    const undo = undone.length < MOST_CODINGS ? decoderOf(coding) : undefined;
    if (!undo) return { ...result, undone, problem: `The coding ${coding.slice(0, 40)} is not undone here.` };
    const { truncated } = result;
    const next = undo(result.bytes, limit);
    undone.push(coding);
    result = truncated ? { bytes: next.bytes, truncated } : next;
    if (result.problem !== undefined) break;
  }
  return { ...result, undone };
}

function decoderOf(coding: string): ((bytes: Uint8Array, limit: number) => Undone) | undefined {
  // "x-gzip" is an older name of the same (RFC 9110, 8.4.1.3).
  if (coding === 'gzip' || coding === 'x-gzip') return (bytes, limit) => inflate(bytes, 'gzip', limit);
  if (coding === 'deflate') return (bytes, limit) => inflate(bytes, 'deflate', limit);
  return coding === 'br' ? unbrotli : undefined;
}
