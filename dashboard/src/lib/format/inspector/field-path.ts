import type { ByteRange, Field } from '#dissectors/field.ts';

/** Where a field stands in its tree: its ancestors' places among their siblings and its own, `0.3.1`; the root is ``. */
export type FieldPath = string;

export const ROOT: FieldPath = '';

/** The path of a field's child. */
export function childPath(parent: FieldPath, place: number): FieldPath {
  return parent === ROOT ? String(place) : `${parent}.${String(place)}`;
}

/** Undefined for the root. */
export function parentPath(path: FieldPath): FieldPath | undefined {
  if (path === ROOT) return undefined;
  const dot = path.lastIndexOf('.');
  return dot === -1 ? ROOT : path.slice(0, dot);
}

/** The root first, the parent last. */
export function ancestorPaths(path: FieldPath): readonly FieldPath[] {
  const parent = parentPath(path);
  return parent === undefined ? [] : [...ancestorPaths(parent), parent];
}

export function fieldAt(root: Field, path: FieldPath): Field | undefined {
  if (path === ROOT) return root;
  let field: Field | undefined = root;
  for (const place of path.split('.')) field = field?.children?.[Number(place)];
  return field;
}

/** The innermost field that holds a byte. */
export function pathOfByte(root: Field, offset: number): FieldPath | undefined {
  return pathOfRange(root, { start: offset, end: offset + 1 });
}

/** The innermost field that holds a whole range; the deeper one where a field and its only child cover the same. */
export function pathOfRange(root: Field, range: ByteRange): FieldPath | undefined {
  const holds = (field: Field) => field.range.start <= range.start && range.end <= field.range.end;
  if (!holds(root)) return undefined;
  let path = ROOT;
  for (let field = root; ;) {
    const place = field.children?.findIndex(holds) ?? -1;
    const child = field.children?.[place];
    if (!child) return path;
    path = childPath(path, place);
    field = child;
  }
}
