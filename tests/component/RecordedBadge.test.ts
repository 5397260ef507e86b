import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import RecordedBadge from '../../dashboard/src/lib/components/RecordedBadge.svelte';

function props() {
  return { notes: [] as readonly string[], hasLab: true, isResetting: false, onback: vi.fn() };
}

test('says that it was recorded, and starts a live capture instead', async () => {
  const given = props();
  await render(RecordedBadge, given);
  await expect.element(page.getByText('recorded', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'New live capture' }).click();
  expect(given.onback).toHaveBeenCalledOnce();
});

test('lists what could not be shown', async () => {
  await render(RecordedBadge, { ...props(), notes: ['2 packets were passed over: no IP in it.'] });
  await page.getByText('1 note').click();
  await expect.element(page.getByText('2 packets were passed over: no IP in it.')).toBeVisible();
});

test('leads nowhere when there is no lab behind it', async () => {
  await render(RecordedBadge, { ...props(), hasLab: false });
  await expect.element(page.getByRole('button', { name: 'New live capture' })).not.toBeInTheDocument();
});

test('shows at once what came of a key log, which somebody gave to open something', async () => {
  const note = 'The key log has no line for any of the 7 TLS connections in this capture.';
  await render(RecordedBadge, { ...props(), notes: [note] });
  await expect.element(page.getByText(note)).toBeVisible();
});
