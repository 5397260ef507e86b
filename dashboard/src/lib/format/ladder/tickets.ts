import type { Ladder } from '#folds/ladder/ladder.ts';
import type { LadderStep } from '#folds/ladder/step.ts';
import type { LentRecord } from '#folds/lent-record.ts';

type Growing<T> = { -readonly [Key in keyof T]: T[Key] };

const TICKET = 'NewSessionTicket';

/** What is known of a record beyond the ladder, by its key. */
export interface RecordsKnown {
  /** What lent keys make of it. */
  recordOf: (key: string) => LentRecord | undefined;
  /** Nanoseconds since the epoch began. */
  timeOf: (key: string) => number | undefined;
}

/**
 * The ladder with session tickets as arrows of their own where lent keys showed them among sealed data: from outside
 * nothing tells them from an answer. The same ladder where there are none.
 */
export function ticketsApart(ladder: Ladder, known: RecordsKnown): Ladder {
  if (!ladder.steps.some((step) => hasTickets(step, known))) return ladder;
  const parts = ladder.steps.flatMap((step) => (hasTickets(step, known) ? partsOf(step, known) : [step]));
  const steps = parts.map((step, index) => {
    const before = parts[index - 1]?.time ?? step.time;
    return { ...step, elapsed: Math.max(0, step.time - before) };
  });
  return { ...ladder, steps };
}

function hasTickets({ kind, sealed, place, messages }: LadderStep, { recordOf }: RecordsKnown): boolean {
  return kind === 'data' && sealed && place !== undefined && messages.some((key) => isTicket(recordOf(key)));
}

function isTicket(record: LentRecord | undefined): boolean {
  return record?.state === 'opened' && record.title.split(', ').every((title) => title === TICKET);
}

/** Records in a row that are tickets, or that are none, make one arrow each. */
function partsOf(step: LadderStep, { recordOf, timeOf }: RecordsKnown): readonly LadderStep[] {
  const runs: { readonly areTickets: boolean; readonly keys: string[] }[] = [];
  for (const key of step.messages) {
    const areTickets = isTicket(recordOf(key));
    const last = runs.at(-1);
    if (last?.areTickets === areTickets) last.keys.push(key);
    else runs.push({ areTickets, keys: [key] });
  }
  return runs.map(({ areTickets, keys }, index): LadderStep => {
    const [key = step.key] = keys;
    const next = runs[index + 1]?.keys[0];
    const end = next === undefined ? step.place?.end : startOf(next);
    const part = {
      ...step,
      ...{ key, messages: keys, records: keys.length, time: timeOf(key) ?? step.time },
      ...(step.place && end !== undefined ? { place: { ...step.place, start: startOf(key), end } } : {}),
    };
    return areTickets ? asTickets(part) : part;
  });
}

function asTickets(step: LadderStep): LadderStep {
  const sentence =
    'Tickets for later handshakes, as the lent key shows: from outside they look like a part of the answer.';
  const tickets: Growing<LadderStep> = {
    ...step,
    ...{ kind: 'handshake', title: 'Session tickets', holds: [TICKET], sentence },
  };
  delete tickets.guess;
  delete tickets.detail;
  return tickets;
}

/** A message's key ends in where it begins. */
function startOf(key: string): number {
  return Number(key.slice(key.lastIndexOf(':') + 1));
}
