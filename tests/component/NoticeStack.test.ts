import { beforeEach, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import NoticeStack from '../../dashboard/src/lib/components/NoticeStack.svelte';
import { Notices } from '../../dashboard/src/lib/state/notices.svelte.ts';

beforeEach(async () => {
  await page.viewport(1280, 720);
});

test('says what happened, why and what to do, and goes when dismissed', async () => {
  const ondismiss = vi.fn();
  const notices = [
    { id: 7, what: 'It did not open', why: 'No browser was found.', todo: 'Name one with --browser.' },
  ];
  await render(NoticeStack, { notices, ondismiss });
  for (const text of ['It did not open', 'No browser was found.', 'Name one with --browser.']) {
    await expect.element(page.getByText(text)).toBeVisible();
  }
  await page.getByRole('button', { name: 'Dismiss: It did not open' }).click();
  expect(ondismiss).toHaveBeenCalledExactlyOnceWith(7);
});

test('tells the same thing once at a time, and not at all once it is tried again', () => {
  const notices = new Notices();
  notices.add('The login failed', 'No answer came.', 'Try again.');
  notices.add('The login failed', 'No answer came.', 'Try again.');
  notices.add('The reset failed', 'No answer came.', 'Try again.');
  expect(notices.shown).toHaveLength(2);
  notices.forget('The login failed');
  expect(notices.shown.map(({ what }) => what)).toEqual(['The reset failed']);
});
