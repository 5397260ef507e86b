import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import Notebook from '../../dashboard/src/lib/components/Notebook.svelte';
import { lane, PERSONA } from './support/bytes.ts';

const range = { connection: 4, direction: 'client-to-server', start: 213, end: 223 } as const;
const sealed = { connection: 5, direction: 'client-to-server', start: 800, end: 1123 } as const;

function props(password = 'monsoon-42') {
  return {
    view: {
      epoch: 1,
      site: 'piggypay.test',
      sites: ['piggypay.test'],
      lanes: {
        http: lane({ findings: [{ kind: 'password', status: 'read', value: password, ...range }] }),
        https: lane({
          findings: [
            { kind: 'password', status: 'sealed', ...sealed },
            { kind: 'site', status: 'leaks', value: 'piggypay.test', ...sealed, start: 120, end: 133 },
          ],
        }),
      },
      other: [],
      requestsHandled: 6,
      handshakeFailures: [],
    },
    persona: PERSONA,
    isRevealed: false,
    hasHidden: false,
    shown: (text: string) => text,
    onpoint: vi.fn(),
    oninspect: vi.fn(),
    onreveal: vi.fn(),
    onother: vi.fn(),
  };
}

test('sets the password that was read beside the sealed one', async () => {
  await render(Notebook, props());
  await expect.element(page.getByRole('button', { name: 'HTTP Password: monsoon-42' })).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'HTTPS Password: sealed' })).toBeVisible();
});

test('leads from a cell to the bytes it was read from', async () => {
  const given = props();
  await render(Notebook, given);
  await page.getByRole('button', { name: 'HTTP Password: monsoon-42' }).click();
  expect(given.onpoint).toHaveBeenLastCalledWith('http', range);
  await page.getByRole('button', { name: 'HTTPS Password: sealed' }).click();
  expect(given.onpoint).toHaveBeenLastCalledWith('https', sealed);
});

test('says what leaks though it is sealed', async () => {
  await render(Notebook, props());
  await expect.element(page.getByRole('button', { name: /HTTPS Site: piggypay.test leaks/ })).toBeVisible();
});

test('half-masks what a person typed and offers to reveal it', async () => {
  const given = { ...props('hunter2x'), hasHidden: true };
  const { container } = await render(Notebook, given);
  expect(container.innerHTML).not.toContain('hunter2x');
  await page.getByRole('button', { name: 'Reveal' }).click();
  expect(given.onreveal).toHaveBeenCalledOnce();
});

test('tells the site’s own count apart from what was captured', async () => {
  await render(Notebook, props());
  await expect.element(page.getByText(/told by the site.*handled 6 requests/)).toBeVisible();
});

test('claims no count for a site whose word is not in the recording', async () => {
  const given = props();
  const { rerender } = await render(Notebook, { ...given, isRecorded: true });
  await expect.element(page.getByText(/handled 6 requests/)).toBeVisible();
  await rerender({ view: { ...given.view, requestsHandled: 0 } });
  await expect.element(page.getByText(/told by the site/)).not.toBeInTheDocument();
});

test('says whose it is where there are several sites', async () => {
  const given = props();
  await render(Notebook, { ...given, view: { ...given.view, sites: ['piggypay.test', 'own.test'] } });
  await expect.element(page.getByText('Of piggypay.test alone.')).toBeVisible();
});
