import { limits } from './limits.ts';
import type { Notes } from './notes.ts';

export interface Fragment {
  readonly offset: number;
  /** Others follow. */
  readonly more: boolean;
  readonly payload: Uint8Array;
}

const largestDatagram = 65_535;

/** Datagrams that came in fragments, put together again (RFC 791, 3.2; RFC 8200, 4.5). Of bounded number and size. */
export class Fragments {
  readonly #notes: Notes;
  readonly #unfinished = new Map<string, Fragment[]>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** The whole datagram once its last fragment came; before that undefined, and a few words where it will never be. */
  add(key: string, fragment: Fragment): Uint8Array | string | undefined {
    const known = this.#unfinished.get(key) ?? [];
    const end = fragment.offset + fragment.payload.length;
    const isDouble = known.some(
      ({ offset, payload }) => offset === fragment.offset && offset + payload.length === end,
    );
    if (isDouble) return undefined;
    const overlaps = known.some(
      ({ offset, payload }) => offset < end && fragment.offset < offset + payload.length,
    );
    // Overlaps are how one reader is shown what another is not; RFC 5722 wants all of it dropped.
    if (overlaps || end > largestDatagram || known.length >= limits.fragments) {
      this.#unfinished.delete(key);
      return 'fragments that overlap, or make up more than a packet can be';
    }
    const all = [...known, fragment].sort((one, other) => one.offset - other.offset);
    const whole = together(all);
    if (whole) this.#unfinished.delete(key);
    else this.#keep(key, all);
    return whole;
  }

  /** Says what never became whole. */
  end(): void {
    for (const fragments of this.#unfinished.values()) this.#giveUp(fragments);
    this.#unfinished.clear();
  }

  #keep(key: string, fragments: Fragment[]): void {
    this.#unfinished.set(key, fragments);
    if (this.#unfinished.size <= limits.unfinishedDatagrams) return;
    for (const [oldest, incomplete] of this.#unfinished) {
      this.#unfinished.delete(oldest);
      this.#giveUp(incomplete);
      return;
    }
  }

  #giveUp(fragments: readonly Fragment[]): void {
    for (let count = fragments.length; count > 0; count -= 1) {
      this.#notes.passOver('a fragment, and the others of its packet are missing');
    }
  }
}

function together(fragments: readonly Fragment[]): Uint8Array | undefined {
  let end = 0;
  for (const { offset, payload } of fragments) {
    if (offset !== end) return undefined;
    end += payload.length;
  }
  if (fragments.at(-1)?.more !== false) return undefined;
  const whole = new Uint8Array(end);
  for (const { offset, payload } of fragments) whole.set(payload, offset);
  return whole;
}
