import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { HeldUnit, Stepping } from '#contract';
import StepBar from '../../../dashboard/src/lib/components/step/StepBar.svelte';

function unit(changes: Partial<HeldUnit>): HeldUnit {
  return {
    ...{ connection: 1, direction: 'client-to-server', lane: 'http', offset: 0, bytes: 110, complete: true },
    unit: 'GET /, 110 B, victim → site',
    ...changes,
  };
}

function props(held: readonly HeldUnit[], lanes: Stepping['lanes'] = { http: 'step', https: 'step' }) {
  return {
    stepping: { mode: 'step', lanes, held } as const,
    view: { held: [], undelivered: [] },
    shown: (text: string) => text.replace('secret', '••••••'),
    onmode: vi.fn(),
    onnext: vi.fn(),
  };
}

const hello = unit({ connection: 2, lane: 'https', unit: 'ClientHello, 512 B, victim → site' });

test('says what is next in each lane and lets it go, in one lane or in both', async () => {
  const given = props([unit({}), hello, unit({ offset: 110 })]);
  await render(StepBar, given);
  const http = page.getByRole('group', { name: 'Stepping HTTP', exact: true });
  const https = page.getByRole('group', { name: 'Stepping HTTPS' });
  await expect.element(http.getByText('next: GET /, 110 B, victim → site')).toBeVisible();
  await expect.element(http.getByText('and 1 more')).toBeVisible();
  await expect.element(https.getByText('next: ClientHello, 512 B, victim → site')).toBeVisible();
  await https.getByRole('button', { name: 'Next unit' }).click();
  expect(given.onnext).toHaveBeenLastCalledWith('https');
  await page.getByRole('button', { name: /Next on each/ }).click();
  expect(given.onnext).toHaveBeenLastCalledWith();
});

test('has nothing to press where nothing is held, and a lane that is live can be held by itself', async () => {
  const given = props([], { http: 'step', https: 'live' });
  await render(StepBar, given);
  await expect.element(page.getByRole('button', { name: 'Next unit' })).toBeDisabled();
  await expect.element(page.getByRole('button', { name: /Next on each/ })).toBeDisabled();
  await page.getByRole('button', { name: 'Step HTTPS' }).click();
  expect(given.onmode).toHaveBeenLastCalledWith('step', 'https');
  await page.getByRole('button', { name: 'HTTP live' }).click();
  expect(given.onmode).toHaveBeenLastCalledWith('live', 'http');
});

test('shows text from the wire only as it may be shown', async () => {
  const { container } = await render(StepBar, props([unit({ unit: 'GET /?p=secret, 110 B' })]));
  await expect.element(page.getByText('next: GET /?p=••••••, 110 B')).toBeVisible();
  expect(container.innerHTML).not.toContain('secret');
});

test('says it when an end did not wait any longer', async () => {
  const gone = { connection: 4, direction: 'server-to-client', start: 5, end: 1205 } as const;
  const view = { held: [], undelivered: [{ ...gone, by: 'client', how: 'reset' } as const] };
  await render(StepBar, { ...props([]), view });
  await expect
    .element(page.getByRole('status'))
    .toHaveTextContent(
      'Connection 4: the victim broke it off while 1,200 B for the victim were held; they never arrived.',
    );
});
