import type { Dissection, DissectionSource } from '#dissectors/field.ts';

/** How the page knows the bytes of a dissection, in the words of its badge. */
export function sourceWords(source: DissectionSource, isRecorded: boolean): string {
  if (source === 'wire') return isRecorded ? 'recorded' : 'captured';
  if (source !== 'decrypted') return source;
  return isRecorded ? 'decrypted with a lent key · recorded' : 'decrypted with a lent key';
}

/** What a tab is called: the title its dissection gives, else what the bytes are. */
export function tabTitle(dissection: Dissection, index: number): string {
  if (dissection.title !== undefined) return dissection.title;
  return index === 0 ? 'On the wire' : dissection.field.label;
}
