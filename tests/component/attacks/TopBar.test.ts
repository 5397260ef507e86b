import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import TopBar from '../../../dashboard/src/lib/components/TopBar.svelte';

/** With every room and switch that there is. */
function props() {
  return {
    ...{ link: 'live' as const, theme: 'light' as const, isResetting: false, lens: 'stranger' as const },
    ...{ isStepping: false, onlend: vi.fn(), onstep: vi.fn(), ontheme: vi.fn(), oninspect: vi.fn() },
    ...{ onladder: vi.fn(), onkeys: vi.fn(), onattacks: vi.fn(), onreset: vi.fn() },
  };
}

test.each([
  [1280, false],
  [1280, true],
  [1024, false],
  [1024, true],
])(
  'has all its buttons on a screen %i wide (recorded: %s), each with its name',
  async (width, isRecorded) => {
    await page.viewport(width, 720);
    const given = props();
    await render(TopBar, { ...given, isRecorded, notes: isRecorded ? ['The key log opens nothing.'] : [] });
    const names = [
      'Ladder',
      'Inspector',
      'Keys',
      'Attacks',
      'Captures',
      isRecorded ? 'New live capture' : /^Reset/,
    ];
    for (const name of names)
      await expect.element(page.getByRole('button', { name })).toBeInViewport({ ratio: 1 });
    await page.getByRole('button', { name: 'Attacks' }).click();
    expect(given.onattacks).toHaveBeenCalledOnce();
  },
);
