import type { AttackActed, WireEvent } from '#contract';
import { ChangedFold, changesIn } from '#folds/changed.ts';
import { expect, test } from 'vitest';

const encoder = new TextEncoder();

function acted(told: Partial<AttackActed>, seq = 1): AttackActed {
  const wire = { epoch: 7, seq, time: seq, vantage: 'wire' } as const;
  const place = { connection: 3, direction: 'client-to-server', offset: 100 } as const;
  const bytes = { before: encoder.encode('amount=5'), after: encoder.encode('amount=9') };
  return { ...wire, type: 'attack-acted', attack: 'change', ...place, ...bytes, ...told };
}

function folded(...events: readonly WireEvent[]): ChangedFold {
  const fold = new ChangedFold();
  for (const event of events) fold.apply(event);
  return fold;
}

const request = { connection: 3, direction: 'client-to-server', start: 90, end: 120 } as const;

test('finds what was changed in a message, and in none beside it, behind it or on another way', () => {
  const view = folded(acted({})).view();
  expect(changesIn(view, request).map(({ after }) => new TextDecoder().decode(after))).toEqual(['amount=9']);
  expect(changesIn(view, { ...request, start: 108, end: 130 })).toEqual([]);
  expect(changesIn(view, { ...request, end: 100 })).toEqual([]);
  expect(changesIn(view, { ...request, connection: 4 })).toEqual([]);
  expect(changesIn(view, { ...request, direction: 'server-to-client' })).toEqual([]);
});

test('takes bytes put in, and bytes left out, for changes too', () => {
  const nothing = new Uint8Array();
  const view = folded(acted({ before: nothing }), acted({ after: nothing, offset: 110 }, 2)).view();
  expect(changesIn(view, request)).toHaveLength(2);
});

test('marks nothing where the same bytes went on, or none on a wire were named', () => {
  const same = encoder.encode('amount=5');
  const unplaced: Partial<AttackActed>[] = [
    { after: same },
    { offset: undefined },
    { connection: undefined },
  ].map((told) => told as Partial<AttackActed>);
  expect(folded(...unplaced.map((told) => acted(told))).view().size).toBe(0);
});

test('does not take for changed what a forged answer overtook: it crossed as it was', () => {
  expect(folded(acted({ attack: 'forge-name', direction: 'server-to-client' })).view().size).toBe(0);
});

test('goes with the bytes that the log drops, and with the epoch', () => {
  const evicted = { epoch: 7, seq: 2, time: 2, vantage: 'wire', type: 'bytes-evicted' } as const;
  const place = { connection: 3, direction: 'client-to-server', from: 0 } as const;
  expect(folded(acted({}), { ...evicted, ...place, to: 107 }).view().size).toBe(1);
  expect(folded(acted({}), { ...evicted, ...place, to: 108 }).view().size).toBe(0);
  const started = { epoch: 8, seq: 1, time: 0, vantage: 'wire', type: 'epoch-started' } as const;
  const fold = folded(acted({}), { ...started, wallClock: '', routes: [], source: 'live' });
  expect(fold.view().size).toBe(0);
});

test('is the same object until something changed', () => {
  const fold = folded(acted({}));
  const view = fold.view();
  fold.apply({ ...acted({}, 2), type: 'attack-armed' });
  expect(fold.view()).toBe(view);
  fold.apply(acted({ offset: 300 }, 3));
  expect(fold.view()).not.toBe(view);
});
