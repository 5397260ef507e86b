import { expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import LensBanner from '../../dashboard/src/lib/components/lens/LensBanner.svelte';
import LensSwitch from '../../dashboard/src/lib/components/lens/LensSwitch.svelte';
import LentTitle from '../../dashboard/src/lib/components/lens/LentTitle.svelte';
import type { LensView } from '../../dashboard/src/lib/components/lens/lens-view.ts';
import { isLensKey } from '../../dashboard/src/lib/components/lens/lens-key.ts';
import { lentMarks } from '../../dashboard/src/lib/format/lens/lent-marks.ts';
import { message, PERSONA, utf8 } from './support/bytes.ts';

function view(changes: Partial<LensView> = {}): LensView {
  return {
    ...{ lens: 'site', told: { victim: 0, site: 2 }, progress: undefined, isBusy: false, isSlow: false },
    ...{ look: undefined, record: () => undefined, lend: vi.fn(), toggle: vi.fn(), lookAt: vi.fn() },
    ...changes,
  };
}

test('the switch says whose eyes are looked with, and is walked by keyboard', async () => {
  const onlend = vi.fn();
  await render(LensSwitch, { lens: 'stranger', onlend });
  const group = page.getByRole('group', { name: 'Whose eyes' });
  await expect.element(group.getByRole('button', { pressed: true })).toHaveTextContent('Stranger');
  await userEvent.tab();
  await userEvent.tab();
  await userEvent.tab();
  await userEvent.keyboard('{Enter}');
  expect(onlend).toHaveBeenCalledExactlyOnceWith('site');
});

test('the banner says who lent keys and what came of it, and takes them back', async () => {
  const lens = view({ progress: { opened: 12, sealed: 1, doneBytes: 9, totalBytes: 9 } });
  await render(LensBanner, { lens, isRecorded: false });
  const status = page.getByRole('status');
  await expect.element(status).toHaveTextContent(/The site has lent its keys\..*told by the site/);
  await expect.element(status).toHaveTextContent('12 records opened on this page, every tag verified');
  await expect.element(status).toHaveTextContent('1 stays sealed');
  await userEvent.click(page.getByRole('button', { name: /Take them back/ }));
  expect(lens.lend).toHaveBeenCalledExactlyOnceWith('stranger');
});

test('the banner says that an end told no keys, shows slow progress, and is empty for the stranger', async () => {
  const { rerender } = await render(LensBanner, { lens: view({ lens: 'victim' }), isRecorded: true });
  const status = page.getByRole('status');
  await expect.element(status).toHaveTextContent('The browser has told no keys here, so nothing opens.');
  await expect.element(status).toHaveTextContent('recorded');
  const progress = { opened: 1, sealed: 0, doneBytes: 1000, totalBytes: 4000 };
  await rerender({ lens: view({ isSlow: true, progress }), isRecorded: false });
  await expect.element(page.getByRole('progressbar')).toHaveAttribute('value', '1000');
  await rerender({ lens: view({ lens: 'stranger' }), isRecorded: false });
  await expect.element(status).toHaveTextContent('');
});

test('a row says what was inside, marked, or why it stays sealed', async () => {
  const given = { wireTitle: 'Application Data', shown: (text: string) => text };
  const lent = { state: 'opened', title: 'POST /api/v1/login' } as const;
  const { container, rerender } = await render(LentTitle, { ...given, lent });
  expect(container.textContent).toMatch(
    /decrypted with a lent key:.*POST \/api\/v1\/login.*inside a sealed record/,
  );
  expect(container.textContent).not.toContain('Application Data');
  await rerender({ lent: { state: 'sealed', why: 'not-verified', reason: 'The tag does not verify.' } });
  expect(container.textContent).toMatch(/Application Data.*stays sealed: the tag does not verify/);
  expect(container.textContent).not.toContain('inside a sealed record');
});

test('K counts anywhere but where one types', () => {
  const press = (target: Element, key = 'k', more: KeyboardEventInit = {}) => {
    let is = false;
    target.addEventListener('keydown', (event) => (is = isLensKey(event as KeyboardEvent)), { once: true });
    target.dispatchEvent(new KeyboardEvent('keydown', { key, ...more }));
    return is;
  };
  expect(press(document.body)).toBe(true);
  expect(press(document.createElement('button'), 'K')).toBe(true);
  expect(press(document.createElement('input'))).toBe(false);
  expect(press(document.body, 'k', { ctrlKey: true })).toBe(false);
  expect(press(document.body, 'l')).toBe(false);
});

test('in decrypted bytes the persona’s credentials are named, and what a person typed is half hidden', () => {
  const bytes = utf8('{"mobile":"9800000012","password":"monsoon-42"} hunter2-secret');
  const known = {
    hits: [],
    findings: [],
    hiddenTexts: ['hunter2-secret'],
    persona: PERSONA,
    revealed: false,
  };
  const field = { name: 'data', label: '', range: { start: 0, end: bytes.length } };
  const sealed = message({ protocol: 'tls', sealed: true });
  const marks = lentMarks(sealed, { source: 'decrypted', bytes, field }, known);
  expect(marks.map(({ kind, start, hidden }) => [kind, start, hidden])).toEqual([
    ['mobile', 11, undefined],
    ['password', 35, undefined],
    ['password', 48, { start: 55, end: 62 }],
  ]);
});
