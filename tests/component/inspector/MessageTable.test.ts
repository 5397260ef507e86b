import { beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { MessageRow } from '#folds/inspector/shapes.ts';
import MessageTable from '../../../dashboard/src/lib/components/inspector/MessageTable.svelte';
import MessageList from '../../../dashboard/src/lib/components/MessageList.svelte';
import { box } from '../support/box.ts';
import { message } from '../support/bytes.ts';

beforeEach(async () => {
  await page.viewport(1280, 720);
});

const MANY = 100_000;

function row(index: number): MessageRow {
  const place = { start: index * 10, end: index * 10 + 10 };
  return {
    ...message({ ...place, title: `message ${String(index)}` }),
    ...{ index, host: 'piggypay.test', lane: 'http' },
  };
}

test('of 100,000 messages asks for those near the view, keeps few in the page, and says which are coming', async () => {
  const asked: (readonly [number, number])[] = [];
  const given = {
    rows: { from: 0, rows: Array.from({ length: 100 }, (_, index) => row(index)) },
    matching: MANY,
    selectedIndex: undefined,
    shown: (text: string) => text,
    onshow: (from: number, to: number) => asked.push([from, to]),
    onselect: vi.fn(),
  };
  const target = box();
  target.style.display = 'grid';
  const { container, rerender } = await render(MessageTable, { target, props: given });
  const list = page.getByRole('listbox');
  await expect.element(page.getByText('message 3', { exact: true })).toBeVisible();
  expect(asked.at(-1)?.[0]).toBe(0);
  (list.element() as HTMLElement).focus();
  await userEvent.keyboard('{End}');
  expect(given.onselect).toHaveBeenLastCalledWith(MANY - 1);
  await rerender({ selectedIndex: MANY - 1 });
  await expect.poll(() => asked.at(-1)?.[1]).toBe(MANY);
  await expect.element(page.getByRole('option', { selected: true })).toHaveTextContent('…');
  const [from = 0] = asked.at(-1) ?? [];
  await rerender({
    rows: { from, rows: Array.from({ length: MANY - from }, (_, index) => row(from + index)) },
  });
  await expect.element(page.getByRole('option', { selected: true })).toHaveTextContent(/message 99999/);
  expect(container.querySelectorAll('[role=option]').length).toBeLessThan(40);
  const last = asked.at(-1);
  expect((last?.[1] ?? 0) - (last?.[0] ?? 0)).toBeLessThan(300);
});

test('a message of a lane opens in the inspector with a double click and with Enter', async () => {
  const messages = [message({ title: 'GET /' })];
  const oninspect = vi.fn();
  const props = { messages, label: 'list', shown: (text: string) => text, onselect: vi.fn(), oninspect };
  await render(MessageList, { ...props, selectedKey: messages[0]?.key });
  await page.getByText('GET /').dblClick();
  expect(oninspect).toHaveBeenCalledExactlyOnceWith(messages[0]);
  (page.getByRole('listbox').element() as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
  expect(oninspect).toHaveBeenCalledTimes(2);
});
