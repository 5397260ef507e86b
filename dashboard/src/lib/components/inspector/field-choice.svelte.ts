import { SvelteMap } from 'svelte/reactivity';
import type { Dissection, Field } from '#dissectors/field.ts';
import {
  ancestorPaths,
  fieldAt,
  pathOfByte,
  ROOT,
  type FieldPath,
} from '../../format/inspector/field-path.ts';
import { isNoise } from '../../format/inspector/noise.ts';
import { openAtFirst } from '../../format/inspector/tree-rows.ts';

/** What the pointer rests on, and on which side: only the other side follows it. */
interface Pointed {
  readonly path: FieldPath;
  readonly side: 'tree' | 'bytes';
}

/**
 * Which field of a dissection is chosen and which are open. Keys and clicks choose; the pointer shows a field or
 * the field of a byte for as long as it rests there.
 */
export class FieldChoice {
  chosen = $state<FieldPath>(ROOT);
  /** The byte that was stepped to; undefined while a whole field is chosen. */
  cursor = $state<number>();
  pointed = $state.raw<Pointed>();
  readonly #dissection: () => Dissection;
  readonly #openAtFirst = $derived.by(() => openAtFirst(this.#dissection().field));
  readonly #turned = new SvelteMap<FieldPath, boolean>();

  constructor(dissection: () => Dissection, chosen: FieldPath) {
    this.#dissection = dissection;
    this.chosen = chosen;
  }

  /** The field that is told about: the pointed one, else the chosen one. */
  readonly told = $derived.by(() => {
    const { field } = this.#dissection();
    return fieldAt(field, this.pointed?.path ?? this.chosen) ?? fieldAt(field, this.chosen) ?? field;
  });

  readonly isOpen = (path: FieldPath): boolean => {
    const onTheWay = this.#way.includes(path);
    return onTheWay || (this.#turned.get(path) ?? this.#openAtFirst.has(path));
  };

  /** The fields above what is chosen or pointed at, which are open so that it can be seen. */
  readonly #way = $derived.by(() => {
    const pointed = this.pointed?.side === 'bytes' ? ancestorPaths(this.pointed.path) : [];
    return [...ancestorPaths(this.chosen), ...pointed];
  });

  /** Noise is passed over, but for what is chosen or pointed at in the bytes. */
  readonly isListed = (field: Field, path: FieldPath): boolean => {
    return !isNoise(field) || path === this.chosen || path === this.pointed?.path;
  };

  choose(path: FieldPath): void {
    this.chosen = path;
    this.cursor = undefined;
  }

  /** Chooses the innermost field of a byte. */
  step(offset: number): void {
    const path = pathOfByte(this.#dissection().field, offset);
    if (path === undefined) return;
    this.cursor = offset;
    this.pointed = undefined;
    this.chosen = path;
  }

  turn(path: FieldPath, isOpen: boolean): void {
    this.#turned.set(path, isOpen);
    // A field that is closed takes the choice with it, or it would be held open from inside.
    if (!isOpen && ancestorPaths(this.chosen).includes(path)) this.choose(path);
  }

  pointAtField(path: FieldPath | undefined): void {
    if (path !== this.pointed?.path) this.pointed = path === undefined ? undefined : { path, side: 'tree' };
  }

  pointAtByte(offset: number | undefined): void {
    const path = offset === undefined ? undefined : pathOfByte(this.#dissection().field, offset);
    if (path !== this.pointed?.path) this.pointed = path === undefined ? undefined : { path, side: 'bytes' };
  }
}
