import type { Measure, Measures } from '#contract';
import { LABEL_WORDS } from './experiment-words.ts';
import { differenceText, isDifference, isList, measureName, measureText } from './measure-text.ts';

/** Something measured of each of several, side by side. */
export interface ComparedRow {
  readonly name: string;
  readonly cells: readonly string[];
  /** What the second has more or less than the first, of two numbers that differ. */
  readonly difference?: string;
}

export interface Comparison {
  /** `First`, `Second`. */
  readonly columns: readonly string[];
  readonly rows: readonly ComparedRow[];
}

/** A list of names, and whether it says of them that they stayed the same or are new. */
export interface NamedList {
  readonly name: string;
  readonly kind: 'same' | 'new' | 'plain';
  readonly items: readonly string[];
}

export interface MeasuredFact {
  readonly name: string;
  readonly value: string;
}

/** What was measured in one go, sorted by how it is best read. */
export interface MeasuredSection {
  /** Absent of what stands for the whole experiment. */
  readonly title?: string;
  readonly comparison?: Comparison;
  readonly lists: readonly NamedList[];
  readonly facts: readonly MeasuredFact[];
  /** What was said with it. */
  readonly sentences: readonly string[];
}

type Group = Readonly<Record<string, Measure>>;

const ORDINALS = ['First', 'Second', 'Third', 'Fourth', 'Fifth'];
// Longer than a name or a number; what is said in whole sentences is not set in a column.
const LONGEST_VALUE = 60;

/**
 * Lays out any measures: groups of the same make side by side, a group of such groups under a title of its own, lists
 * of labels as they stayed or are new, the rest as facts. What a number counts is read from its name, which has the
 * unit (`bytesSaved`, `milliseconds`).
 */
export function arrange(measures: Measures): readonly MeasuredSection[] {
  const entries = Object.entries(measures);
  const parts = entries.filter(
    ([, value]) => isGroup(value) && alikeGroups(Object.entries(value)).length > 1,
  );
  const compared = alikeGroups(entries);
  // Groups that are compared inside are read one after the other, not beside each other.
  const nested = compared.length > 1 && compared.some(([name]) => parts.some(([part]) => part === name));
  const apart = compared.length > 1 && !nested ? [] : parts;
  const own = Object.fromEntries(entries.filter(([name]) => !apart.some(([part]) => part === name)));
  const whole = sectionOf(own);
  return [
    ...(isEmpty(whole) ? [] : [whole]),
    ...apart.flatMap(([name, value]) =>
      isGroup(value) ? [{ title: measureName(name), ...sectionOf(value) }] : [],
    ),
  ];
}

function sectionOf(measures: Measures): MeasuredSection {
  const entries = Object.entries(measures);
  const alike = alikeGroups(entries);
  const list = entries.find(([, value]) => isListOfGroups(value));
  const groups: readonly (readonly [string, Group])[] =
    alike.length > 1
      ? alike
      : isListOfGroups(list?.[1])
        ? list[1].map((group, at) => [ORDINALS[at] ?? `Number ${String(at + 1)}`, group])
        : [];
  const taken = new Set(
    alike.length > 1 ? alike.map(([name]) => name) : groups.length > 0 ? [list?.[0]] : [],
  );
  const lists: NamedList[] = [];
  const facts: MeasuredFact[] = [];
  const saved: MeasuredFact[] = [];
  const pairs: ComparedRow[] = [];
  const sentences: string[] = [];
  for (const [name, value] of entries) {
    if (taken.has(name)) continue;
    if (isGroup(value) && Object.values(value).every(isNames)) lists.push(...namedLists(name, value));
    else if (groups.length > 1 && isList(value) && value.length === groups.length)
      pairs.push({ name: measureName(name), cells: value.map((item) => measureText(name, item)) });
    else if (isDifference(name)) saved.push(factOf(name, value));
    else if (typeof value === 'string' && value.length > LONGEST_VALUE) sentences.push(value);
    else for (const [path, leaf] of leaves(value, name)) facts.push(factOf(path, leaf));
  }
  if (groups.length < 2) return { lists, facts: [...facts, ...saved], sentences };
  const { columns, rows } = compare(groups);
  // What was saved and stands as a difference in the table already, is not said twice.
  const differences = new Set(rows.map(({ difference }) => difference?.slice(1)));
  const more = saved.filter(({ value }) => !differences.has(value.replace(/^[-−]/, '')));
  const comparison = { columns, rows: [...rows, ...pairs] };
  // Nor what a row has of each already.
  const told = new Set(comparison.rows.flatMap(({ name, cells }) => cells.map((cell) => `${name}: ${cell}`)));
  const kept = [...facts, ...more].filter(({ name, value }) => !told.has(`${name}: ${value}`));
  return { comparison, lists, facts: kept, sentences };
}

function namedLists(name: string, group: Group): readonly NamedList[] {
  return Object.entries(group).map(([key, items]) => ({
    name: `${measureName(key)} ${measureName(name).toLowerCase()}`,
    kind: key === 'same' || key === 'new' ? key : 'plain',
    items: isNames(items) ? items.map((item) => LABEL_WORDS[item] ?? item) : [],
  }));
}

function factOf(name: string, value: Measure): MeasuredFact {
  return { name: measureName(name), value: measureText(name, value) };
}

/** Those that have at least half of their leaves in common with the first of them. */
function alikeGroups(
  entries: readonly (readonly [string, Measure])[],
): readonly (readonly [string, Group])[] {
  const groups = entries.flatMap(([name, value]) =>
    isGroup(value) && !Object.values(value).every(isNames) ? [[name, value] as const] : [],
  );
  const best = groups.map(([, candidate]) => {
    const names = new Set(leaves(candidate).map(([path]) => path));
    return groups.filter(([, group]) => {
      const own = leaves(group);
      const common = own.filter(([path]) => names.has(path)).length;
      return common > 0 && common * 2 >= Math.max(own.length, names.size);
    });
  });
  return best.reduce((most, those) => (those.length > most.length ? those : most), []);
}

function compare(groups: readonly (readonly [string, Group])[]): Comparison {
  const flat = groups.map(([, group]) => new Map(leaves(group)));
  const names = [...new Set(flat.flatMap((leaf) => [...leaf.keys()]))];
  // Of what one has none of, the other has parts: those say it.
  const told = names.filter((name) => !names.some((other) => other.startsWith(`${name} `)));
  const rows = told.map((name) => {
    const cells = flat.map((leaf) => cellText(name, leaf));
    const difference =
      flat.length === 2 ? differenceText(name, flat[0]?.get(name), flat[1]?.get(name)) : undefined;
    return { name: measureName(name), cells, ...(difference === undefined ? {} : { difference }) };
  });
  return { columns: groups.map(([name]) => measureName(name)), rows };
}

function cellText(name: string, leaf: ReadonlyMap<string, Measure>): string {
  const value = leaf.get(name);
  if (value !== undefined) return measureText(name, value);
  const above = name.split(' ').slice(0, -1).join(' ');
  return leaf.get(above) === null ? 'none' : '–';
}

/** The values that are no groups, with the way to each. */
function leaves(value: Measure, prefix = ''): readonly (readonly [string, Measure])[] {
  if (!isGroup(value)) return [[prefix, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, prefix === '' ? name : `${prefix} ${name}`),
  );
}

function isEmpty({ comparison, lists, facts, sentences }: MeasuredSection): boolean {
  return !comparison && lists.length + facts.length + sentences.length === 0;
}

function isGroup(value: Measure | undefined): value is Group {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isNames(value: Measure): value is readonly string[] {
  return isList(value) && value.every((item) => typeof item === 'string');
}

function isListOfGroups(value: Measure | undefined): value is readonly Group[] {
  return isList(value) && value.length > 1 && value.every(isGroup);
}
