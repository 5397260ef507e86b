import type { Field } from '#dissectors/field.ts';
import { ancestorPaths, childPath, ROOT, type FieldPath } from './field-path.ts';

/** One visible line of a field tree. */
export interface TreeRow {
  readonly path: FieldPath;
  readonly field: Field;
  /** The root's is 1. */
  readonly level: number;
  /** Place among its siblings, counted from 1, and how many they are. */
  readonly place: number;
  readonly siblings: number;
  /** Undefined for a field without children. */
  readonly isOpen: boolean | undefined;
}

/** As many rows as fit a screen without scrolling far. */
const ROWS_AT_FIRST = 30;
const MALFORMED_AT_FIRST = 8;

/**
 * The rows of a tree from top to bottom, closed fields without what is in them. What is not `isListed` is left out,
 * and a field of which nothing is listed has nothing to open.
 */
export function treeRows(
  root: Field,
  isOpen: (path: FieldPath) => boolean,
  isListed: (field: Field, path: FieldPath) => boolean = () => true,
): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (field: Field, path: FieldPath, level: number, place: number, siblings: number) => {
    const children = (field.children ?? [])
      .map((child, index) => [childPath(path, index), child] as const)
      .filter(([below, child]) => isListed(child, below));
    const open = children.length === 0 ? undefined : isOpen(path);
    rows.push({ path, field, level, place, siblings, isOpen: open });
    if (!open) return;
    for (const [index, [below, child]] of children.entries()) {
      add(child, below, level + 1, index + 1, children.length);
    }
  };
  add(root, ROOT, 1, 1, 1);
  return rows;
}

/**
 * What is open before anybody has opened anything: from the outside in as far as a screen holds it, but for fields
 * that tell by themselves what is in them; and the way to what is malformed.
 */
export function openAtFirst(root: Field): ReadonlySet<FieldPath> {
  const open = new Set<FieldPath>();
  let rows = 1;
  let level: (readonly [FieldPath, Field])[] = [[ROOT, root]];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const [path, field] of level) {
      const children = field.children ?? [];
      if (children.length === 0 || rows + children.length > ROWS_AT_FIRST) continue;
      if (path !== ROOT && field.value !== undefined) continue;
      open.add(path);
      rows += children.length;
      next.push(...children.map((child, place) => [childPath(path, place), child] as const));
    }
    level = next;
  }
  open.add(ROOT);
  for (const path of malformedPaths(root)) for (const above of ancestorPaths(path)) open.add(above);
  return open;
}

/** The first few fields that could not be read as what they should be. */
export function malformedPaths(root: Field): readonly FieldPath[] {
  const found: FieldPath[] = [];
  const look = (field: Field, path: FieldPath) => {
    if (field.malformed !== undefined) found.push(path);
    for (const [place, child] of (field.children ?? []).entries()) {
      if (found.length >= MALFORMED_AT_FIRST) return;
      look(child, childPath(path, place));
    }
  };
  look(root, ROOT);
  return found;
}
