import type { KeyShareTold, LogEvent, PrivateKeyLeaked } from '#contract';
import { CaptureFold } from '#folds/capture.ts';
import type { KeyOrigin, OriginStep } from '#folds/key-origin/key-origin.ts';
import type { Lender } from '#folds/lent-told.ts';
import { captured, type Passed } from '../../dissect/captured.ts';

type Told = Pick<KeyShareTold, 'group' | 'privateKey'> & { readonly connection: number };
type Leaked = Pick<PrivateKeyLeaked, 'host' | 'key'>;

/** A fold that has seen these connections and was told this, key logs by both ends; each is with `own.test`. */
export function foldOf(
  passed: readonly Passed[],
  shares: readonly Told[] = [],
  leaks: readonly Leaked[] = [],
  toldBy: readonly Lender[] = ['victim', 'site'],
) {
  const fold = new CaptureFold();
  const events: LogEvent[] = captured(passed).flatMap((event): readonly LogEvent[] =>
    event.type === 'secrets-logged' ? toldBy.map((vantage) => ({ ...event, vantage })) : [event],
  );
  const numbered = () => ({ epoch: 1000, seq: events.length + 1, time: events.length * 1e6 });
  for (const share of shares)
    events.push({ ...numbered(), vantage: 'victim', type: 'key-share-told', ...share });
  for (const leak of leaks)
    events.push({ ...numbered(), vantage: 'site', type: 'private-key-leaked', ...leak });
  for (const event of events) fold.apply(event);
  return fold;
}

export function originOf(fold: CaptureFold, connection = 1, lender: Lender = 'victim'): KeyOrigin {
  return found(fold, connection, lender);
}

/** As it is while no key is lent. */
export function originUnlent(fold: CaptureFold, connection = 1): KeyOrigin {
  return found(fold, connection, undefined);
}

function found(fold: CaptureFold, connection: number, lender: Lender | undefined): KeyOrigin {
  const origin = fold.origins.of(connection, lender);
  if (!origin) throw new Error('no origin');
  return origin;
}

export function stepOf({ steps }: KeyOrigin, id: string): OriginStep {
  const found = steps.find((step) => step.id === id);
  if (!found) throw new Error(`no step ${id}`);
  return found;
}

export function hexOf({ value }: { readonly value?: Uint8Array }): string {
  return Buffer.from(value ?? []).toString('hex');
}

/** What holds of every origin, whatever the connection. */
export function faultsOf(origin: KeyOrigin): readonly string[] {
  const ids = origin.steps.map(({ id }) => id);
  return origin.steps.flatMap((step, at) => {
    const faults: string[] = [];
    if (ids.indexOf(step.id) !== at) faults.push(`${step.id} is there twice`);
    if ([...step.inputs, ...(step.openedWith ?? [])].some((input) => !ids.slice(0, at).includes(input)))
      faults.push(`${step.id} comes too early`);
    if ((step.value === undefined) === (step.whyUnknown === undefined))
      faults.push(`${step.id} says too much or little`);
    if (step.value && step.source === undefined) faults.push(`${step.id} has no source`);
    if (step.agreesWith?.equal === false) faults.push(`${step.id} differs from ${step.agreesWith.what}`);
    return faults;
  });
}

/** What the stranger can know of it. */
export function knownToStranger({ steps }: KeyOrigin): readonly string[] {
  return steps.filter(({ knownTo }) => knownTo.includes('stranger')).map(({ id }) => id);
}
