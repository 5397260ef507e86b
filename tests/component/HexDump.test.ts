import { beforeEach, expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import HexDump from '../../dashboard/src/lib/components/HexDump.svelte';
import { box } from './support/box.ts';
import { utf8 } from './support/bytes.ts';

beforeEach(async () => {
  await page.viewport(1280, 720);
});

const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index & 0xff);
const plain = {
  legend: [],
  marks: [],
  focus: undefined,
  isFlashed: false,
  label: 'bytes',
  onhover: () => {},
};

test('shows the right bytes at the right offsets, in hex and ASCII', async () => {
  const { container } = await render(HexDump, {
    target: box(),
    props: { ...plain, bytes: utf8('GET /login HTTP/1.1\r\n') },
  });
  await expect
    .poll(() => rowsOf(container))
    .toEqual([
      '0000 47 45 54 20 2f 6c 6f 67 69 6e 20 48 54 54 50 2f GET /login HTTP/',
      '0010 31 2e 31 0d 0a 1.1..',
    ]);
});

test('draws a few rows of a large message, and those in view after a jump to its end', async () => {
  const focus = { start: 99_998, end: 99_999 };
  const { container } = await render(HexDump, { target: box(), props: { ...plain, bytes, focus } });
  await expect.poll(() => rowsOf(container).at(-1)).toMatch(/^18690 .* 9e 9f/);
  expect(rowsOf(container).length).toBeLessThan(60);
});

test('marks the bytes of a field, of a secret and of the focus, and hides what must be hidden', async () => {
  const legend = [{ range: { start: 0, end: 1 }, tint: 0, label: 'Type', says: 'data' }];
  const marks = [{ kind: 'password' as const, start: 4, end: 8, hidden: { start: 6, end: 8 } }];
  const { container } = await render(HexDump, {
    target: box(),
    props: { ...plain, bytes: utf8('abcdefgh'), legend, marks, focus: { start: 4, end: 5 }, isFlashed: true },
  });
  await expect.poll(() => rowsOf(container)).toEqual(['0000 61 62 63 64 65 66 •• •• abcdef••']);
  expect(textOf(container, '.hex .tint-0')).toBe('61');
  expect(textOf(container, '.hex .mark-password')).toBe('65 66 •• ••');
  expect(textOf(container, '.hex .flash')).toBe('65');
});

test('tells which byte the pointer is on', async () => {
  const onhover = vi.fn();
  await render(HexDump, { target: box(), props: { ...plain, bytes: utf8('abc'), onhover } });
  await page.getByText('62', { exact: true }).hover();
  expect(onhover).toHaveBeenLastCalledWith(1);
});

function rowsOf(container: Element): readonly string[] {
  return [...container.querySelectorAll('.row')].map((row) =>
    (row.textContent ?? '').replace(/\s+/g, ' ').trim(),
  );
}

function textOf(container: Element, selector: string): string {
  const cells = [...container.querySelectorAll(selector)];
  return cells.map((cell) => (cell.textContent ?? '').trim()).join(' ');
}
