import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { MessageView } from '#folds/view.ts';
import Lane from '../../../dashboard/src/lib/components/Lane.svelte';
import { LaneChoice } from '../../../dashboard/src/lib/state/choices.svelte.ts';
import { TestCapture } from '../support/capture.ts';

const request = { connection: 1, direction: 'client-to-server' } as const;

test('a lane marks the messages that are still held, those that never arrived, and no others', async () => {
  const capture = new TestCapture().httpLogin('monsoon-42');
  const lane = capture.fold.view().lanes.http;
  const [first, , third] = lane.messages as [MessageView, MessageView, MessageView];
  const given = {
    ...{ name: 'http' as const, lane, choice: new LaneChoice(), failures: [], onreveal: vi.fn() },
    known: { hits: [], findings: [], hiddenTexts: [], persona: undefined, revealed: true },
    dissect: capture.fold.dissect.bind(capture.fold),
    shown: (text: string) => text,
    oninspect: vi.fn(),
    // The last byte of the login alone is held.
    held: { held: [{ ...request, start: third.end - 1, end: third.end }], undelivered: [] },
  };
  const { rerender } = await render(Lane, given);
  const options = page.getByRole('option');
  await expect.element(options.nth(2)).toHaveTextContent(/held\s*POST \/api\/v1\/login/);
  // What goes on next is what one looks at.
  await expect.element(options.nth(2)).toHaveAttribute('aria-selected', 'true');
  await expect.element(options.nth(0)).not.toHaveTextContent('held');
  await expect.element(options.nth(1)).not.toHaveTextContent('held');
  await rerender({ held: { held: [{ ...request, start: first.start, end: first.end }], undelivered: [] } });
  await expect.element(options.nth(0)).toHaveAttribute('aria-selected', 'true');
  const lost = { ...request, start: first.start, end: first.end, by: 'client', how: 'reset' } as const;
  await rerender({ held: { held: [], undelivered: [lost] } });
  await expect.element(options.nth(0)).toHaveTextContent(/never arrived\s*GET \//);
  await expect.element(options.nth(2)).not.toHaveTextContent('held');
});
