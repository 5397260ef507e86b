import { sameBytes } from '#keys/bytes.ts';
import { type Knowable, KNOWERS, whoKnows } from './knowledge.ts';
import type { Knower, OriginSource, OriginStage, OriginStep } from './key-origin.ts';
import type { Part } from './message-parts.ts';
import type { ToldValue } from './lenders-word.ts';

/** One way to compute a value: from these steps, by id. */
export interface Way {
  readonly from: readonly string[];
  /** Gets their values in the same order; absent where it cannot be computed here. */
  readonly compute?: (...values: readonly Uint8Array[]) => Uint8Array | undefined;
  /** It crossed sealed, and is read with these; it is not made from them. */
  readonly opens?: true;
}

export interface StepDraft extends Pick<OriginStep, 'id' | 'name' | 'rfc' | 'formula' | 'about'> {
  /** Who has it without computing it. */
  readonly held?: readonly Knower[];
  readonly ways?: readonly Way[];
  /** A value that is there, whatever can be computed. */
  readonly value?: Uint8Array | undefined;
  readonly source?: OriginSource;
  readonly places?: OriginStep['places'];
  /** What an end lends. */
  readonly told?: ToldValue | undefined;
  /** What a computed value must be, where an end sent it. */
  readonly sent?: { readonly what: string; readonly bytes: Uint8Array } | undefined;
  /** Why there is no value; else the first input that is missing says it. */
  readonly whyUnknown?: string | undefined;
}

interface Found {
  readonly value: Uint8Array;
  readonly source: OriginSource;
}

export const BOTH_ENDS: readonly Knower[] = ['victim', 'site'];
export const EVERYBODY: readonly Knower[] = KNOWERS;

/** Gathers steps in the order in which one follows from the other, and works out their values and who knows them. */
export class StepList {
  readonly #steps: Omit<OriginStep, 'knownTo'>[] = [];
  readonly #values = new Map<string, Uint8Array>();
  readonly #sources = new Map<string, OriginSource>();
  readonly #names = new Map<string, string>();
  readonly #knowable: Knowable[] = [];

  add(stage: OriginStage, draft: StepDraft): Uint8Array | undefined {
    const { id, name, rfc, formula, about, held = [], ways = [], places, told } = draft;
    const found = this.#find(draft);
    this.#names.set(id, name);
    this.#knowable.push({ id, held, ways: ways.map(({ from }) => from) });
    if (found) {
      this.#values.set(id, found.value);
      this.#sources.set(id, found.source);
    }
    const expected = draft.sent ?? (told && { what: `what was ${told.source}`, bytes: told.bytes });
    const isCompared = expected !== undefined && (found?.source === 'computed' || draft.sent !== undefined);
    this.#steps.push({
      id,
      stage,
      name,
      ...(formula === undefined ? {} : { formula }),
      ...(about === undefined ? {} : { about }),
      inputs: [...new Set(ways.flatMap(({ from, opens }) => (opens ? [] : from)))],
      ...(ways.some(({ opens }) => opens)
        ? { openedWith: ways.flatMap(({ from, opens }) => (opens ? from : [])) }
        : {}),
      ...(found
        ? { value: found.value, source: found.source }
        : { whyUnknown: draft.whyUnknown ?? this.#missing(ways) }),
      ...(places && places.length > 0 ? { places } : {}),
      ...(isCompared && found
        ? { agreesWith: { what: expected.what, equal: sameBytes(found.value, expected.bytes) } }
        : {}),
      rfc,
    });
    return found?.value;
  }

  /** A value that crossed in clear. */
  addCaptured(
    stage: OriginStage,
    draft: Pick<StepDraft, 'id' | 'name' | 'rfc' | 'about'>,
    part: Part | undefined,
  ): void {
    this.add(stage, {
      ...draft,
      ...(part && { held: EVERYBODY, value: part.bytes, source: 'captured', places: part.places }),
      whyUnknown: 'It is not in the capture.',
    });
  }

  has(id: string): boolean {
    return this.#names.has(id);
  }

  value(id: string): Uint8Array | undefined {
    return this.#values.get(id);
  }

  done(): readonly OriginStep[] {
    const known = whoKnows(this.#knowable);
    return this.#steps.map((step) => ({ ...step, knownTo: known.get(step.id) ?? [] }));
  }

  #find(draft: StepDraft): Found | undefined {
    if (draft.value) return { value: draft.value, source: draft.source ?? 'computed' };
    for (const { from, compute } of draft.ways ?? []) {
      const values = from.flatMap((id) => this.#values.get(id) ?? []);
      const value = values.length === from.length ? compute?.(...values) : undefined;
      if (!value) continue;
      const isConstant = from.every((id) => this.#sources.get(id) === 'public constant');
      return { value, source: isConstant ? 'public constant' : 'computed' };
    }
    return draft.told && { value: draft.told.bytes, source: draft.told.source };
  }

  #missing(ways: readonly Way[]): string {
    const [first] = ways;
    const missing = first?.from.find((id) => !this.#values.has(id));
    const name = missing === undefined ? undefined : this.#names.get(missing);
    return name === undefined ? 'It is not known here.' : `It needs ${name}, which is not known here.`;
  }
}
