import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ExperimentProgress, Measures } from '#contract';
import type { ExperimentsView } from '../../../dashboard/src/lib/components/keys/experiments-view.ts';
import KeyPairsTab from '../../../dashboard/src/lib/components/keys/KeyPairsTab.svelte';

function experiments(given: Partial<ExperimentsView> = {}) {
  const nothing = { list: [], running: undefined, progress: undefined, results: {} };
  return { ...nothing, ...given, run: vi.fn(() => Promise.resolve()) };
}

// A toy pair: 3·11 = 33, 3·7 ≡ 1 mod lcm(2, 10).
const RSA: Measures = {
  ...{ milliseconds: [40, 90, 310], medianMilliseconds: 90, shortestMilliseconds: 40 },
  longestMilliseconds: 310,
  numbers: { bits: 6, n: '21', e: '03', d: '07', p: '03', q: '0b', isProduct: true, isInverse: false },
};

test('one click makes the pairs, and another the race', async () => {
  const given = experiments();
  await render(KeyPairsTab, { experiments: given, isRecorded: false });
  await page.getByRole('button', { name: 'Make key pairs' }).click();
  await page.getByRole('button', { name: 'Race them' }).click();
  expect(given.run.mock.calls).toEqual([['key-pairs'], ['race']]);
});

test('shows which numbers are public and which never leave, the timings, and only checks that hold as good', async () => {
  const run = { id: 'key-pairs' as const, outcome: '', measures: { rsa: RSA }, events: [] };
  await render(KeyPairsTab, {
    experiments: experiments({ results: { 'key-pairs': run } }),
    isRecorded: false,
  });
  const card = page.getByRole('region', { name: 'RSA-2048' });
  await expect.element(card).toHaveTextContent(/90 ms median of 3; from 40 ms to 310 ms/);
  await expect
    .element(card)
    .toHaveTextContent(/Public.*n the modulus.*21.*e the public.*03.*Private.*d the.*07/s);
  await expect
    .element(card.getByText('p·q = n').element().closest('li'))
    .toHaveTextContent('✓ computed: holds');
  await expect
    .element(
      card
        .getByText(/^e·d ≡ 1/)
        .element()
        .closest('li'),
    )
    .toHaveTextContent('✗ computed');
  await expect.element(page.getByText(/made to be shown, and are never used/)).toBeVisible();
});

test('fills while the race runs, and holds both buttons back meanwhile', async () => {
  const entrant = { family: 'RSA-2048', doing: 'sign', operationsPerSecond: 1234.5 };
  const progress: ExperimentProgress = {
    ...{ id: 'race', done: 0.25, doing: 'EC P-256: sign' },
    measures: { entrants: [entrant] },
  };
  await render(KeyPairsTab, { experiments: experiments({ running: 'race', progress }), isRecorded: false });
  await expect
    .element(page.getByRole('row', { name: /RSA-2048 sign/ }))
    .toHaveTextContent(/1,230.*carries none/s);
  await expect.element(page.getByRole('progressbar')).toHaveAttribute('value', '0.25');
  await expect.element(page.getByText('EC P-256: sign')).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Make key pairs' })).toBeDisabled();
  await expect.element(page.getByRole('button', { name: 'Race them' })).toBeDisabled();
});

test('gives the measured ratio as the reason, and only once it was measured', async () => {
  const entrants = [
    { family: 'RSA-2048', doing: 'decrypt', operationsPerSecond: 1500, megabytesPerSecond: 0.285 },
    { family: 'AES-128-GCM', doing: 'seal records', operationsPerSecond: 1e5, megabytesPerSecond: 1638.4 },
  ];
  const result = {
    id: 'race' as const,
    outcome: '',
    measures: { entrants, ratio: 5749, rounds: 7, sliceMilliseconds: 40 },
    events: [],
  };
  const { rerender } = await render(KeyPairsTab, { experiments: experiments(), isRecorded: false });
  expect(page.getByText(/times as many bytes/).elements()).toEqual([]);
  await rerender({ experiments: experiments({ results: { race: result } }) });
  await expect.element(page.getByText(/AES-128-GCM sealed about 6,000 times as many bytes/)).toBeVisible();
  await expect.element(page.getByText(/7 turns of 40 ms each.*the median turn/)).toBeVisible();
});

test('brings the race into view, and again as it grows', async () => {
  const scrolled = vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(() => undefined);
  const race = page.getByRole('region', { name: /The race/ });
  const entrant = (doing: string) => ({ family: 'RSA-2048', doing, operationsPerSecond: 1 });
  const running = (...entrants: Measures[]) =>
    experiments({ running: 'race', progress: { id: 'race', done: 0, doing: '', measures: { entrants } } });
  const { rerender } = await render(KeyPairsTab, { experiments: experiments(), isRecorded: false });
  expect(scrolled).not.toHaveBeenCalled();
  for (const [times, entrants] of [
    [],
    [entrant('sign')],
    [entrant('sign')],
    [entrant('sign'), entrant('verify')],
  ].entries()) {
    await rerender({ experiments: running(...entrants) });
    await expect.element(race.getByRole('progressbar')).toBeVisible();
    // The third has nothing new in it.
    expect(scrolled).toHaveBeenCalledTimes(times < 2 ? times + 1 : times);
    expect(scrolled.mock.contexts.at(-1)).toBe(race.element());
  }
  const last = { id: 'race' as const, done: 1, doing: 'It is over.' };
  await rerender({ experiments: experiments({ running: 'race', progress: last }) });
  await expect.element(race.getByText('It is over.')).toBeVisible();
  await expect.element(race.getByRole('row', { name: /RSA-2048 verify/ })).toBeVisible();
  expect(scrolled).toHaveBeenCalledTimes(3);
  const measures = { entrants: [entrant('sign'), entrant('verify')], ratio: 2000 };
  const result = { id: 'race' as const, outcome: '', measures, events: [] };
  for (const scrolls of [4, 4]) {
    await rerender({ experiments: experiments({ results: { race: result } }) });
    await expect.element(race.getByText(/2,000 times/)).toBeVisible();
    expect(scrolled).toHaveBeenCalledTimes(scrolls);
  }
  scrolled.mockRestore();
});

test('can measure nothing in a recording, and says so', async () => {
  await render(KeyPairsTab, { experiments: experiments(), isRecorded: true });
  await expect.element(page.getByRole('button', { name: 'Race them' })).toBeDisabled();
  expect(page.getByText(/A recording is shown/).elements()).toHaveLength(2);
});
