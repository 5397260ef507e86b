import { tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import KeysRoom from '../../../dashboard/src/lib/components/keys/KeysRoom.svelte';
import type { LensName } from '../../../dashboard/src/lib/state/lens.svelte.ts';
import { KeysRoomState } from '../../../dashboard/src/lib/state/keys-room.svelte.ts';
import { origin13 } from './origin.ts';

function props(isLent = false) {
  const state = new KeysRoomState();
  state.open();
  return {
    state,
    entries: [
      {
        connection: 2,
        host: 'tls12.test',
        version: 'TLS 1.2',
        opener: 'demo-browser' as const,
        tellsPrivateHalf: false,
      },
      {
        connection: 4,
        host: 'piggypay.test',
        version: 'TLS 1.3',
        opener: 'scripted-victim' as const,
        tellsPrivateHalf: true,
      },
    ],
    origin: origin13(isLent),
    experiments: {
      ...{ list: [], running: undefined, progress: undefined, results: {} },
      run: vi.fn(() => Promise.resolve()),
    },
    lens: (isLent ? 'site' : 'stranger') as LensName,
    verify: vi.fn(() => Promise.resolve<boolean | undefined>(true)),
    shown: (text: string) => text,
    onlend: vi.fn(),
    onopencards: vi.fn(() => Promise.resolve(true)),
    oninspect: vi.fn(),
  };
}

function step(name: string) {
  return page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name, exact: true }) })
    .last();
}

test('without a lent key shows what was on the wire, says why the rest is sealed, and one button lends', async () => {
  const given = props();
  await render(KeysRoom, given);
  await expect.element(step('client key_share')).toHaveTextContent(/c1c1c1c1 c1c1c1c1.*captured/);
  await expect.element(step('client_write_key')).toHaveTextContent(/No key is lent\./);
  await expect.element(step('client_write_key')).not.toHaveTextContent('abab');
  await expect.element(page.getByText('Sealed in TLS 1.3.')).toBeVisible();
  await page.getByRole('button', { name: 'Lend the key' }).click();
  expect(given.onlend).toHaveBeenCalledExactlyOnceWith('site');
});

test('with a lent key shows the values, whole when asked, and what they agree with', async () => {
  await render(KeysRoom, props(true));
  await expect
    .element(step('client_write_key'))
    .toHaveTextContent('HKDF-Expand-Label(Secret, "key", "", 16)');
  const value = step('client_write_key').getByText(/^(abababab ?)+/);
  await expect.element(value).toHaveTextContent(/^(abababab ?){4}…$/);
  await page.getByRole('button', { name: 'All of client_write_key' }).click();
  await expect.element(value).toHaveTextContent(/^(abababab ?){8}$/);
  await expect.element(step('server_write_key')).toHaveTextContent('✓ equals the key log');
});

test('says in words who can compute a value', async () => {
  await render(KeysRoom, props());
  await expect.element(step('client key_share')).toHaveTextContent(/victim: yes.*site: yes.*stranger: yes/s);
  await expect.element(step('client_write_key')).toHaveTextContent(/victim: yes.*site: yes.*stranger: no/s);
});

test('marks what goes into the step that the focus is in, and nothing else', async () => {
  await render(KeysRoom, props(true));
  const copy = page.getByRole('button', { name: 'Copy client_write_key' }).element();
  if (copy instanceof HTMLElement) copy.focus();
  await expect.element(step('client_write_key')).toHaveClass('pointed');
  expect(page.getByText('goes in', { exact: true }).elements()).toHaveLength(1);
  await expect.element(step('shared secret')).toHaveTextContent('goes in');
});

test('the focus marks on, whatever lies under a pointer at rest, until the pointer moves', async () => {
  await render(KeysRoom, props(true));
  const marked = page.getByRole('dialog').element().getElementsByClassName('pointed');
  const copy = page.getByRole('button', { name: 'Copy client_write_key' }).element();
  if (copy instanceof HTMLElement) copy.focus();
  await expect.poll(() => Array.from(marked, ({ id }) => id)).toEqual(['origin-client-write-key']);
  // As when the focus has scrolled one card from under the pointer and another under it.
  step('client_write_key').element().dispatchEvent(new PointerEvent('pointerleave'));
  step('shared secret').element().dispatchEvent(new PointerEvent('pointerenter'));
  await tick();
  expect(Array.from(marked, ({ id }) => id)).toEqual(['origin-client-write-key']);
  await step('shared secret').hover();
  await expect.poll(() => Array.from(marked, ({ id }) => id)).toEqual(['origin-shared-secret']);
});

test('what was sealed is opened with keys, and not made from them', async () => {
  const steps = origin13(true).steps.map((each) =>
    each.id === 'server-write-key' ? { ...each, inputs: [], openedWith: ['client-write-key'] } : each,
  );
  await render(KeysRoom, { ...props(true), origin: { ...origin13(true), steps } });
  await expect.element(step('server_write_key')).toHaveTextContent('Opened with client_write_key.');
  await expect.element(step('server_write_key')).not.toHaveTextContent('Made from');
  const copy = page.getByRole('button', { name: 'Copy server_write_key' }).element();
  if (copy instanceof HTMLElement) copy.focus();
  await expect.element(step('client_write_key')).toHaveTextContent('opens it');
});

test('shows exactly what was signed, part by part, and checks the signature once', async () => {
  const given = props(true);
  const { rerender } = await render(KeysRoom, given);
  const signature = page.getByRole('region', { name: 'The certificate’s key only signs' });
  await expect.element(signature).toHaveTextContent(/Exactly these 146 bytes were signed/);
  await expect.element(signature).toHaveTextContent(/64 spaces (20 ){64}/);
  await expect.element(signature).toHaveTextContent('“TLS 1.3, server CertificateVerify”');
  await expect.element(signature.getByText(/✓ Verified on this page/)).toBeVisible();
  // The same, computed anew with the next view of the capture.
  await rerender({ origin: origin13(true) });
  expect(given.verify).toHaveBeenCalledOnce();
});

test.each([
  [false, '✗ It does not verify'],
  [undefined, 'This browser can’t check ecdsa_secp256r1_sha256.'],
])('says so when the check of the signature gives %s', async (isGood, words) => {
  await render(KeysRoom, { ...props(true), verify: () => Promise.resolve(isGood) });
  await expect.element(page.getByText(words)).toBeVisible();
});

test('goes to the bytes on the wire, and to another connection', async () => {
  const given = props();
  await render(KeysRoom, given);
  await page.getByRole('button', { name: 'Show the bytes of client key_share' }).click();
  const place = { connection: 4, direction: 'client-to-server', start: 100, end: 132 };
  expect(given.oninspect).toHaveBeenCalledExactlyOnceWith(place);
  await page.getByLabelText('Connection').selectOptions('tls12.test · TLS 1.2 · connection 2, demo browser');
  expect(given.state.connection).toBe(2);
});

test('names the end that lends, and says so when it told nothing of this connection', async () => {
  const given = props(true);
  const { rerender } = await render(KeysRoom, given);
  await expect.element(page.getByText('lent by the site, on this screen only')).toBeVisible();
  await rerender({ origin: { ...origin13(true), lent: { by: 'victim', hasTold: false } } });
  await expect
    .element(page.getByText('the victim lends its keys, and told none of this connection'))
    .toBeVisible();
});

test('says of what was sealed that a lent key opened it, and has one mark for a good signature', async () => {
  const steps = origin13(true).steps.map((each) =>
    each.id === 'server-write-key' ? { ...each, source: 'decrypted with a lent key' as const } : each,
  );
  await render(KeysRoom, { ...props(true), origin: { ...origin13(true), steps } });
  await expect.element(step('server_write_key').getByText('decrypted with a lent key')).toBeVisible();
  const signature = page.getByRole('region', { name: 'The certificate’s key only signs' });
  await expect.element(signature.getByText('signature, decrypted with a lent key')).toBeVisible();
  const verdict = signature.getByText(/✓ Verified on this page/);
  await expect.element(verdict).toBeVisible();
  expect(verdict.element().querySelectorAll('svg')).toHaveLength(0);
});

test('where nobody told the shared secret, offers a client that does, and goes to its connection', async () => {
  const given = props();
  const { rerender } = await render(KeysRoom, given);
  await expect.element(page.getByText(/tells the private half of its key share, so that/)).toBeVisible();
  await page.getByRole('button', { name: 'Connect with open cards' }).click();
  expect(given.onopencards).toHaveBeenCalledOnce();
  await expect.element(page.getByLabelText('Connection')).toHaveFocus();
  await rerender({
    experiments: {
      ...given.experiments,
      running: 'open-cards',
      progress: { id: 'open-cards', done: 0.5, doing: 'TLS 1.2 with tls12.test' },
    },
  });
  await expect.element(page.getByText('TLS 1.2 with tls12.test')).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Connect with open cards' })).toBeDisabled();
});

test('where this victim did tell it, lends its keys instead; and where it is known, offers nothing', async () => {
  const given = { ...props(), origin: { ...origin13(false), tellsPrivateHalf: true } };
  const { rerender } = await render(KeysRoom, given);
  await page.getByRole('button', { name: 'Lend the victim’s keys' }).click();
  expect(given.onlend).toHaveBeenCalledExactlyOnceWith('victim');
  const steps = origin13(true).steps.map((each) =>
    each.id === 'shared-secret' ? { ...each, value: new Uint8Array(32), source: 'computed' as const } : each,
  );
  await rerender({ origin: { ...origin13(true), steps } });
  await expect.element(page.getByRole('button', { name: 'Lend the victim’s keys' })).not.toBeInTheDocument();
  await expect.element(page.getByRole('button', { name: 'Connect with open cards' })).not.toBeInTheDocument();
});

test('a recording has nobody to connect', async () => {
  await render(KeysRoom, { ...props(), isRecorded: true });
  await expect.element(step('client_write_key')).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Connect with open cards' })).not.toBeInTheDocument();
});

test('says what to do before any handshake crossed', async () => {
  await render(KeysRoom, { ...props(), entries: [], origin: undefined });
  await expect.element(page.getByText('No TLS handshake has crossed yet.')).toBeVisible();
});

test('walks its tabs with the arrow keys, remembers where it was, and closes with Escape', async () => {
  const given = props();
  await render(KeysRoom, given);
  await expect.element(page.getByRole('tab', { name: 'Where they come from' })).toHaveFocus();
  await userEvent.keyboard('{ArrowLeft}{ArrowLeft}');
  await expect.element(page.getByRole('tab', { name: 'Key pairs and the race' })).toHaveFocus();
  await expect.element(page.getByRole('tabpanel', { name: 'Key pairs and the race' })).toBeVisible();
  await userEvent.keyboard('{Escape}');
  // A dialog tells that it was closed in a task of its own.
  await expect.poll(() => given.state.isOpen).toBe(false);
  given.state.open();
  expect(given.state.tab).toBe('key-pairs');
  given.state.open(2);
  expect(given.state).toMatchObject({ tab: 'key-origin', connection: 2 });
});
