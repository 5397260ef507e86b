import { expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import OpenQuestion from '../../dashboard/src/lib/components/OpenQuestion.svelte';

function props() {
  return { name: 'one.pcapng', messages: 152, onopen: vi.fn(), oncancel: vi.fn() };
}

/** A button that has the focus when the question comes up. */
function asking(): HTMLButtonElement {
  const button = document.createElement('button');
  document.body.append(button);
  button.focus();
  return button;
}

test('says what would be forgotten, and offers to save it first', async () => {
  await render(OpenQuestion, props());
  await expect.element(page.getByRole('dialog', { name: 'Open one.pcapng?' })).toBeVisible();
  await expect
    .element(page.getByText('Opening this capture forgets the 152 messages captured live.'))
    .toBeVisible();
  const save = page.getByRole('link', { name: /Save them first/ });
  await expect.element(save).toHaveAttribute('href', '/api/capture.pcapng?keys=1');
  await expect.element(save).toHaveAttribute('download');
  await expect.element(save).toHaveFocus();
});

test('opens, with the focus back where it was', async () => {
  const given = props();
  const before = asking();
  await render(OpenQuestion, given);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect.poll(() => given.onopen).toHaveBeenCalledOnce();
  expect(given.oncancel).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(before);
  before.remove();
});

test.each([
  ['with its button', () => page.getByRole('button', { name: 'Cancel' }).click()],
  ['with Escape', () => userEvent.keyboard('{Escape}')],
])('leaves everything as it is %s', async (_name, cancel) => {
  const given = props();
  const before = asking();
  await render(OpenQuestion, given);
  await cancel();
  await expect.poll(() => given.oncancel).toHaveBeenCalledOnce();
  expect(given.onopen).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(before);
  before.remove();
});
