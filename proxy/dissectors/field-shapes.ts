import type { Field } from './field.ts';

type Growing<T> = { -readonly [Key in keyof T]: T[Key] };

/** What is said of the open group besides its name; all of the keys always, so that these objects have one shape. */
export interface About {
  label: string | undefined;
  value: string | number | undefined;
  meaning: string | undefined;
  malformed: string | undefined;
}

// Each is written out with just the keys it has: an object that gets them one by one changes its shape each time.

/** A field without parts. */
export function leaf(
  name: string,
  label: string,
  start: number,
  end: number,
  value: string | number | undefined,
  meaning: string | undefined,
): Field {
  const range = { start, end };
  if (value === undefined)
    return meaning === undefined ? { name, label, range } : { name, label, range, meaning };
  return meaning === undefined ? { name, label, range, value } : { name, label, range, value, meaning };
}

/** A field with the parts that were read of it, if any. */
export function closed(
  name: string,
  usualLabel: string,
  start: number,
  end: number,
  children: Field[],
  about: About | undefined,
): Field {
  if (about === undefined)
    return children.length > 0
      ? { name, label: usualLabel, range: { start, end }, children }
      : { name, label: usualLabel, range: { start, end } };
  const { value, meaning, malformed } = about;
  const label = about.label ?? usualLabel;
  if (malformed === undefined && children.length > 0) {
    const range = { start, end };
    if (meaning === undefined)
      return value === undefined ? { name, label, range, children } : { name, label, range, value, children };
    return value === undefined
      ? { name, label, range, meaning, children }
      : { name, label, range, value, meaning, children };
  }
  const field: Growing<Field> = leaf(name, label, start, end, value, meaning);
  if (malformed !== undefined) field.malformed = malformed;
  if (children.length > 0) field.children = children;
  return field;
}

/** Of a group that nothing is said of yet. */
export function nothingSaid(): About {
  return { label: undefined, value: undefined, meaning: undefined, malformed: undefined };
}
