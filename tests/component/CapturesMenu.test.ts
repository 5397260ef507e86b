import { expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import CapturesMenu from '../../dashboard/src/lib/components/CapturesMenu.svelte';

const menu = () => page.getByRole('button', { name: 'Captures', exact: true });
const link = (name: string) => page.getByRole('link', { name });

function props() {
  return { isOpening: false, onfiles: vi.fn() };
}

test('offers each file with a sentence on what is in it', async () => {
  await render(CapturesMenu, props());
  await expect.element(link('Capture (pcapng)')).not.toBeInTheDocument();
  await menu().click();
  await expect.element(menu()).toHaveAttribute('aria-expanded', 'true');
  await expect.element(link('Capture (pcapng)')).toHaveAttribute('href', '/api/capture.pcapng');
  const keys = link('Capture with keys');
  await expect.element(keys).toHaveAttribute('href', '/api/capture.pcapng?keys=1');
  await expect
    .element(keys)
    .toHaveTextContent(
      /and the sites’ private keys, if they leaked in this capture: whoever has this file reads the TLS that they open\. Sites of your own \(--route\) keep theirs/,
    );
  await expect.element(link('Key log')).toHaveAttribute('href', '/api/keylog');
  await expect.element(link('HAR: what')).toHaveAttribute('href', '/api/capture.har?lens=stranger');
  for (const name of ['Capture (pcapng)', 'Capture with keys', 'Key log', 'HAR: what'])
    await expect.element(link(name)).toHaveAttribute('download');
});

test('is worked with the keys: arrows go around, Escape closes and gives the focus back', async () => {
  await render(CapturesMenu, props());
  await menu().click();
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(link('Capture (pcapng)')).toHaveFocus();
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(link('Capture with keys')).toHaveFocus();
  await userEvent.keyboard('{ArrowUp}{ArrowUp}');
  await expect.element(page.getByRole('button', { name: /Open a capture/ })).toHaveFocus();
  await userEvent.keyboard('{Escape}');
  await expect.element(menu()).toHaveFocus();
  await expect.element(menu()).toHaveAttribute('aria-expanded', 'false');
});

test('closes when something else is pressed', async () => {
  await render(CapturesMenu, props());
  await menu().click();
  document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
  await expect.element(menu()).toHaveAttribute('aria-expanded', 'false');
});

test('hands on the files that were picked, the same ones again as well', async () => {
  const given = props();
  await render(CapturesMenu, given);
  const picker = document.querySelector<HTMLInputElement>('input[type=file]');
  if (!picker) throw new Error('there is no file picker');
  for (let round = 0; round < 2; round += 1) {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], 'one.pcap'));
    picker.files = transfer.files;
    picker.dispatchEvent(new Event('change', { bubbles: true }));
    expect(picker.value).toBe('');
  }
  expect(given.onfiles).toHaveBeenCalledTimes(2);
  expect(given.onfiles).toHaveBeenLastCalledWith([expect.objectContaining({ name: 'one.pcap' })]);
});
