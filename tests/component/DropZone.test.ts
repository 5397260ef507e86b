import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import DropZone from '../../dashboard/src/lib/components/DropZone.svelte';

function drag(type: string, what: 'file' | 'text'): DragEvent {
  const dataTransfer = new DataTransfer();
  if (what === 'file') dataTransfer.items.add(new File(['x'], 'one.pcapng'));
  else dataTransfer.setData('text/plain', 'words');
  const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
  document.body.dispatchEvent(event);
  return event;
}

test('says where to drop while a file is over the page, and takes it', async () => {
  const onfiles = vi.fn();
  await render(DropZone, { slow: undefined, onfiles });
  drag('dragenter', 'file');
  drag('dragenter', 'file');
  drag('dragleave', 'file');
  await expect.element(page.getByText(/Drop a capture/)).toBeVisible();
  expect(drag('dragover', 'file').defaultPrevented).toBe(true);
  expect(drag('drop', 'file').defaultPrevented).toBe(true);
  expect(onfiles).toHaveBeenCalledExactlyOnceWith([expect.objectContaining({ name: 'one.pcapng' })]);
  await expect.element(page.getByText(/Drop a capture/)).not.toBeInTheDocument();
});

test('leaves alone what is no file', async () => {
  const onfiles = vi.fn();
  await render(DropZone, { slow: undefined, onfiles });
  expect(drag('dragover', 'text').defaultPrevented).toBe(false);
  drag('dragenter', 'text');
  drag('drop', 'text');
  expect(onfiles).not.toHaveBeenCalled();
  await expect.element(page.getByText(/Drop a capture/)).not.toBeInTheDocument();
});

test('says which file is being opened when that takes a while', async () => {
  await render(DropZone, { slow: 'large.pcapng', onfiles: vi.fn() });
  await expect.element(page.getByRole('progressbar', { name: 'Opening large.pcapng' })).toBeVisible();
});
