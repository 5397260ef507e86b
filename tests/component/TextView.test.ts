import { beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import TextView from '../../dashboard/src/lib/components/TextView.svelte';
import { box } from './support/box.ts';
import { utf8 } from './support/bytes.ts';

beforeEach(async () => {
  await page.viewport(1280, 720);
});

const plain = { marks: [], focus: undefined, isFlashed: false, label: 'bytes' };

test.each(['<img src=x onerror=alert(1)>', '</pre><script>alert(1)</script>', '{@html "<b>"}', '&lt;b&gt;'])(
  'shows %s as the text it is',
  async (payload) => {
    const { container } = await render(TextView, { ...plain, bytes: utf8(payload) });
    expect(container.querySelector('pre')?.textContent).toBe(payload);
    expect(container.querySelector('img, script, b')).toBeNull();
  },
);

test('shows characters that would reorder or hide text as codes', async () => {
  const { container } = await render(TextView, { ...plain, bytes: utf8('a\u202eb\u0007\u200b') });
  expect(container.querySelector('pre')?.textContent).toBe('aU+202Eb\\x07U+200B');
});

test('marks a secret and names it', async () => {
  const marks = [{ kind: 'password' as const, start: 1, end: 11 }];
  const { container } = await render(TextView, { ...plain, marks, bytes: utf8('"monsoon-42"') });
  expect(container.querySelector('mark.password')?.textContent).toBe('monsoon-42');
  expect(container.querySelector('.name')?.textContent).toBe('password');
});

test('never has the hidden half of a secret in the page', async () => {
  const marks = [{ kind: 'password' as const, start: 1, end: 9, hidden: { start: 5, end: 9 } }];
  const { container } = await render(TextView, { ...plain, marks, bytes: utf8('"hunter2x"') });
  expect(container.textContent).toContain('hunt••••');
  expect(container.innerHTML).not.toContain('er2x');
});

test('shows part of a large message, around what is pointed at, and says so', async () => {
  const bytes = utf8(`${'line of text\r\n'.repeat(20_000)}NEEDLE${'\r\nmore'.repeat(20_000)}`);
  const focus = { start: 280_000, end: 280_006 };
  const { container } = await render(TextView, { target: box(), props: { ...plain, bytes, focus } });
  await expect.element(page.getByText('NEEDLE', { exact: true })).toBeInViewport();
  await expect.element(page.getByText(/^Bytes \d+ to \d+ of 400,006 B/)).toBeInTheDocument();
  expect(container.textContent.length).toBeLessThan(100_000);
});
