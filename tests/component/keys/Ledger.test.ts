import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { LedgerRow } from '#folds/ledger/ledger-row.ts';
import LedgerTab from '../../../dashboard/src/lib/components/keys/LedgerTab.svelte';
import { groupLine, survivalSentences, tellersLine } from '../../../dashboard/src/lib/format/keys/ledger.ts';

const BARE: LedgerRow = {
  ...{ connection: 2, host: 'tls12.test', port: 443, opener: 'scripted-victim', openedAt: 1_203_000_000 },
  ...{ version: 'TLS 1.2', suite: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' },
  ...{ began: 'full', retried: false, requests: 1 },
  handshakeBytes: { 'client-to-server': 517, 'server-to-client': 2157 },
  bytes: { 'client-to-server': 900, 'server-to-client': 3000 },
  secrets: [{ label: 'CLIENT_RANDOM', fingerprint: '9a2db2e2', toldBy: ['victim', 'site'], sharedWith: [5] }],
  tickets: { source: 'captured', count: 1 },
  first: { connection: 2, direction: 'client-to-server', start: 0, end: 266 },
};
const FULL: LedgerRow = { ...BARE, group: 'x25519', ended: { at: 2_000_000_000, by: 'client', how: 'end' } };
const RESUMED: LedgerRow = {
  ...BARE,
  ...{ connection: 5, began: 'resumed with a ticket', requests: 2 },
  secrets: [{ label: 'CLIENT_RANDOM', fingerprint: '9a2db2e2', toldBy: ['site'], sharedWith: [2] }],
};

function props(rows: readonly LedgerRow[] = [FULL, RESUMED]) {
  return {
    ...{
      rows,
      withoutKeys: 3,
      isRecorded: false,
      shown: (text: string) => text.replaceAll('\u202e', 'U+202E'),
    },
    ...{ oninspect: vi.fn(), onorigin: vi.fn() },
  };
}

test('has a row for each connection, the newest first, and says how many had no keys', async () => {
  await render(LedgerTab, props());
  const rows = page.getByRole('row');
  await expect
    .element(rows.nth(1))
    .toHaveTextContent(/#5 tls12\.test:443.*TLS 1\.2 · no key exchange.*Resumed with a ticket.*In use/s);
  await expect
    .element(rows.nth(2))
    .toHaveTextContent(
      /#2 tls12\.test:443.*TLS 1\.2 · x25519.*Full handshake.*517 B out, 2,157 B back.*closed by the victim at 2\.000\ss/s,
    );
  await expect
    .element(page.getByText('3 connections besides spoke HTTP: no keys, nothing is protected.'))
    .toBeVisible();
});

test('states that there is no one session key, where keys live, and what is reused', async () => {
  await render(LedgerTab, props([]));
  await expect
    .element(
      page.getByText(/each direction has its own, and in TLS 1\.3 the handshake has others than the data/),
    )
    .toBeVisible();
  await expect.element(page.getByText(/in the memory of the process that ends TLS/)).toBeVisible();
  await expect
    .element(page.getByText(/with the same master secret and new randoms in TLS 1\.2/))
    .toBeVisible();
  await expect.element(page.getByText(/No TLS connection has crossed yet/)).toBeVisible();
});

test('opens to the marks of its secrets, with who told them and where the same is', async () => {
  const given = props();
  await render(LedgerTab, given);
  const toggle = page.getByRole('button', { name: '#2 tls12.test:443' });
  await expect.element(toggle).toHaveAttribute('aria-expanded', 'false');
  await toggle.click();
  await expect.element(toggle).toHaveAttribute('aria-expanded', 'true');
  const secrets = page.getByRole('table', { name: 'Secrets of connection 2' });
  await expect.element(secrets).toHaveTextContent(/CLIENT_RANDOM.*9a2db2e2.*both ends.*#5/s);
  await page.getByRole('button', { name: 'Where they come from' }).click();
  expect(given.onorigin).toHaveBeenCalledExactlyOnceWith(2);
  await page.getByRole('button', { name: 'Inspect' }).click();
  expect(given.oninspect).toHaveBeenCalledExactlyOnceWith(FULL.first);
});

test('goes from one connection to the other with the same secret', async () => {
  await render(LedgerTab, props());
  await page.getByRole('row', { name: /^#5/ }).getByRole('button', { name: '#2' }).click();
  const other = page.getByRole('button', { name: '#2 tls12.test:443' });
  await expect.element(other).toHaveAttribute('aria-expanded', 'true');
  await expect.element(other).toHaveFocus();
});

test('shows what a client or a file said as text, characters that turn it around as codes', async () => {
  const { container } = await render(LedgerTab, props([{ ...FULL, host: 'a\u202eb' }]));
  await expect.element(page.getByText(/aU\+202Eb/)).toBeVisible();
  expect(container.textContent).not.toContain('\u202e');
});

test('says why there is no group', () => {
  expect(groupLine(FULL)).toBe('x25519');
  expect(groupLine(RESUMED)).toBe('no key exchange');
  expect(groupLine({ ...BARE, suite: 'TLS_RSA_WITH_AES_128_GCM_SHA256' })).toBe('static RSA');
});

test('says who told the secrets, and that they differ', () => {
  const one = { label: 'CLIENT_RANDOM', fingerprint: '00000000', sharedWith: [] } as const;
  expect(tellersLine({ secrets: [] })).toBe('none told');
  expect(tellersLine(FULL)).toBe('1 told, the same by both ends');
  expect(tellersLine(RESUMED)).toBe('1 told by the site');
  expect(
    tellersLine({
      secrets: [
        { ...one, toldBy: ['victim'] },
        { ...one, fingerprint: '11111111', toldBy: ['site'] },
      ],
    }),
  ).toBe('1 told; the ends differ');
});

test('says what is left of the keys: of TLS 1.3 in the key log alone, of TLS 1.2 with whoever resumes too', () => {
  expect(survivalSentences(FULL).join(' ')).toMatch(
    /connection is over.*whoever keeps it for resumption.*1 ticket issued/,
  );
  expect(survivalSentences(RESUMED).join(' ')).toMatch(/connection lasts.*in the memory/);
  const sealed = { ...FULL, version: 'TLS 1.3', tickets: { source: 'sealed' } } as const;
  expect(survivalSentences(sealed).join(' ')).toMatch(
    /the only copy of its traffic secrets.*sealed in TLS 1\.3/,
  );
});
