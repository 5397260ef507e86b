import type { Fingerprint } from '#contract';
import type { ByteRange, Dissection } from '#dissectors/field.ts';
import type { Explanation } from '#explanations/explanation.ts';
import type { ConnectionRow, MessageFilter, MessageRow } from '#folds/inspector/shapes.ts';
import type { StreamRange } from '#folds/view.ts';

/** What the inspector's screen shows and asks for; where it comes from is not the screen's to know. */
export interface InspectorView {
  readonly isOpen: boolean;
  /** Messages of the whole capture, and those that the filter lets through. */
  readonly total: number;
  readonly matching: number;
  /** The list is still behind the capture. */
  readonly isCatchingUp: boolean;
  readonly connections: readonly ConnectionRow[];
  /** Messages of each connection that the filter lets through; undefined while it narrows nothing. */
  readonly matches?: ReadonlyMap<number, number> | undefined;
  readonly hosts: readonly string[];
  readonly filter: MessageFilter;
  /** The loaded window of the filtered list, from this index on. */
  readonly rows: { readonly from: number; readonly rows: readonly MessageRow[] };
  readonly selected: MessageRow | undefined;
  readonly selectedIndex: number | undefined;
  /** Of the selected message; the first is what was on the wire. Undefined while it is being taken apart. */
  readonly dissections: readonly Dissection[] | undefined;
  /** Bytes to scroll to and flash; `turn` makes each asking new. */
  readonly focus: { readonly range: ByteRange; readonly turn: number } | undefined;
  open(at?: StreamRange): void;
  close(): void;
  setFilter(filter: MessageFilter): void;
  show(from: number, to: number): void;
  select(index: number): void;
}

/** What the field of that name is for; undefined where its label says enough. */
export type ExplanationOf = (fieldName: string) => Explanation | undefined;
/** What a ClientHello gives away about its program; undefined when nobody can say. */
export type FingerprintOf = (connection: number) => Promise<Fingerprint | undefined>;
