import type { Field } from '#dissectors/field.ts';

/** Names of fields that only hold others apart. */
const BETWEEN: ReadonlySet<string> = new Set([
  'plainsight.separator',
  'plainsight.line_end',
  'plainsight.json.punctuation',
  'plainsight.multipart.head_end',
  'plainsight.http.head_end',
  'http.chunk_boundary',
]);

/** A field that tells a beginner nothing: what stands between others, and how long the next one is. */
export function isNoise({ name, label, children, malformed }: Field): boolean {
  if (children !== undefined || malformed !== undefined) return false;
  return BETWEEN.has(name) || /(^L| l)ength$/.test(label);
}
