import { beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import MessageList from '../../dashboard/src/lib/components/MessageList.svelte';
import { message } from './support/bytes.ts';
import MessageListBox from './support/MessageListBox.svelte';

beforeEach(async () => {
  await page.viewport(1280, 720);
});

const three = [10, 20, 30].map((size, index) =>
  message({ start: index * 100, end: index * 100 + size, title: `message ${String(index)}` }),
);

test('is walked with the arrow keys, Home and End, and stays within its ends', async () => {
  await render(MessageListBox, { messages: three });
  const list = page.getByRole('listbox');
  const selected = page.getByRole('option', { selected: true });
  (list.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(selected).toHaveTextContent('message 0');
  await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
  await expect.element(selected).toHaveTextContent('message 2');
  await userEvent.keyboard('{ArrowUp}');
  await expect.element(selected).toHaveTextContent('message 1');
  expect(list.element().getAttribute('aria-activedescendant')).toBe(selected.element().id);
  await userEvent.keyboard('{Home}');
  await expect.element(selected).toHaveTextContent('message 0');
  await userEvent.keyboard('{End}');
  await expect.element(selected).toHaveTextContent('message 2');
});

test('selects the message that is clicked', async () => {
  const onselect = vi.fn();
  const shown = (text: string) => text;
  await render(MessageList, { messages: three, selectedKey: undefined, label: 'list', shown, onselect });
  await page.getByText('message 1').click();
  expect(onselect).toHaveBeenCalledExactlyOnceWith(three[1]);
});

const many = Array.from({ length: 100_000 }, (_, index) =>
  message({ start: index * 10, end: index * 10 + 10, title: `message ${String(index)}` }),
);

test('keeps few rows of 100,000 in the page and follows the newest', async () => {
  const { container, rerender } = await render(MessageListBox, { messages: many });
  await expect.element(page.getByText('message 99999')).toBeInViewport();
  expect(container.querySelectorAll('[role=option]').length).toBeLessThan(40);
  await rerender({
    messages: [...many, message({ start: 2_000_000, end: 2_000_010, title: 'newest message' })],
  });
  await expect.element(page.getByText('newest message')).toBeInViewport();
});

test('stays where a person scrolled to, and goes back to the newest on request', async () => {
  const { container, rerender } = await render(MessageListBox, { messages: many });
  await expect.element(page.getByText('message 99999')).toBeInViewport();
  const list = container.querySelector('[role=listbox]') as HTMLElement;
  list.scrollTop = 0;
  await expect.element(page.getByText('message 0', { exact: true })).toBeInViewport();
  await rerender({
    messages: [...many, message({ start: 2_000_000, end: 2_000_010, title: 'newest message' })],
  });
  await expect.element(page.getByText('message 0', { exact: true })).toBeInViewport();
  await page.getByRole('button', { name: 'newest' }).click();
  await expect.element(page.getByText('newest message')).toBeInViewport();
});

test('shows titles from the wire through the function that makes them fit to be shown', async () => {
  const shown = (text: string) => text.replaceAll('secret', '•••');
  const messages = [message({ title: 'GET /?q=secret', detail: 'secret' })];
  const { container } = await render(MessageList, {
    messages,
    selectedKey: undefined,
    label: 'list',
    shown,
    onselect: () => {},
  });
  await expect.element(page.getByText('GET /?q=•••')).toBeInTheDocument();
  expect(container.textContent).not.toContain('secret');
});
