import { beforeEach, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { explainHttp } from '#dissectors/http1/explain.ts';
import BytesPane from '../../dashboard/src/lib/components/BytesPane.svelte';
import { box } from './support/box.ts';
import { message } from './support/bytes.ts';
import { TestCapture } from './support/capture.ts';

beforeEach(async () => {
  await page.viewport(1280, 720);
});

function props() {
  const capture = new TestCapture().httpLogin('hunter2x');
  const shown = capture.fold.view().lanes.http.messages.find(({ title }) => title.startsWith('POST'));
  if (!shown) throw new Error('the login was not captured');
  const dissection = capture.fold.dissect(shown);
  return {
    message: shown,
    dissection,
    marks: [],
    mode: 'hex' as const,
    focus: undefined,
    shown: (text: string) => text,
    onmode: vi.fn(),
    onpoint: vi.fn(),
    oninspect: vi.fn(),
    onreveal: vi.fn(),
  };
}

test('names the coloured bytes in the words of the dissector, and points at them', async () => {
  const given = props();
  await render(BytesPane, { target: box(), props: given });
  await page.getByRole('button', { name: /Target: \/api\/v1\/login/ }).click();
  expect(given.onpoint).toHaveBeenCalledExactlyOnceWith({ start: 5, end: 18 });
});

test('says which field the pointer is on', async () => {
  await render(BytesPane, { target: box(), props: props() });
  await page.getByText('50', { exact: true }).first().hover();
  await expect.element(page.getByText('HTTP request › Request line › Method: POST')).toBeVisible();
});

test('does not tell the value of a field that is hidden', async () => {
  const given = props();
  const start = new TextDecoder().decode(given.dissection.bytes).indexOf('hunter2x');
  const hidden = {
    kind: 'password' as const,
    start,
    end: start + 8,
    hidden: { start: start + 4, end: start + 8 },
  };
  const { container } = await render(BytesPane, { target: box(), props: { ...given, marks: [hidden] } });
  const cell = container.querySelector(`.hex [data-offset="${String(start + 5)}"]`);
  await page.elementLocator(cell ?? container).hover();
  await expect.element(page.getByText(/› password: hunt••••$/)).toBeVisible();
  expect(container.querySelector('.about')?.textContent).not.toContain('hunter2x');
});

test('switches between text and hex', async () => {
  const given = props();
  await render(BytesPane, { target: box(), props: given });
  await expect.element(page.getByRole('button', { name: 'hex' })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: 'text' }).click();
  expect(given.onmode).toHaveBeenCalledExactlyOnceWith('text');
});

test('copes with a message of no bytes', async () => {
  const empty = {
    source: 'wire' as const,
    bytes: new Uint8Array(0),
    field: { name: 'data', label: 'Bytes', range: { start: 0, end: 0 } },
  };
  const given = { ...props(), message: message({ end: 0 }), dissection: empty };
  await render(BytesPane, { target: box(), props: given });
  await expect.element(page.getByText('captured · 0 B on connection 1')).toBeVisible();
});

test('does not tell it in the legend either, nor in its hex', async () => {
  const bytes = new TextEncoder().encode('GET /?pin=471 HTTP/1.1\r\n\r\n');
  const dissection = { source: 'wire' as const, bytes, field: explainHttp(bytes, 'request') };
  const marks = [{ kind: 'typed' as const, start: 10, end: 13, hidden: { start: 11, end: 13 } }];
  const given = { ...props(), dissection, marks };
  const { container } = await render(BytesPane, { target: box(), props: given });
  await expect.element(page.getByRole('button', { name: /Target: \/\?pin=4••/ })).toBeVisible();
  expect(container.textContent).not.toMatch(/471|34 37 31/);
});

test('what was revealed can be hidden again', async () => {
  const given = props();
  const marks = [{ kind: 'password' as const, start: 4, end: 9, isRevealed: true as const }];
  await render(BytesPane, { target: box(), props: { ...given, marks } });
  await page.getByRole('button', { name: 'Hide' }).click();
  expect(given.onreveal).toHaveBeenCalledOnce();
});
