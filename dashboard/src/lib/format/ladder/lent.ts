import type { LadderStep } from '#folds/ladder/step.ts';
import type { LentRecord } from '#folds/lent-record.ts';

/** What lent keys make of a sealed step: the titles of what was inside; undefined while it stays sealed. */
export function lentTitle(
  { sealed, messages }: LadderStep,
  recordOf: (key: string) => LentRecord | undefined,
): string | undefined {
  if (!sealed) return undefined;
  const titles = messages.flatMap((key) => {
    const record = recordOf(key);
    return record?.state === 'opened' ? [record.title] : [];
  });
  // Half-opened would look like all of it.
  return titles.length === messages.length ? [...new Set(titles)].join(', ') : undefined;
}
