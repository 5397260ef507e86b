import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { LeakCase, LeakStep } from '#folds/leaked-key/leak-case.ts';
import StolenKeyTab from '../../../dashboard/src/lib/components/keys/StolenKeyTab.svelte';
import {
  firstCase,
  sessionsLine,
  stolenColumns,
  type StolenColumn,
} from '../../../dashboard/src/lib/format/keys/stolen.ts';

const LOGIN = 'POST /api/v1/login HTTP/1.1\r\n\r\n{"password":"monsoon-42\u202e"}';
const PLACE = { connection: 4, direction: 'client-to-server', start: 300, end: 560 } as const;

function step(id: LeakStep['id'], state: LeakStep['state'], more: Partial<LeakStep> = {}): LeakStep {
  return { id, title: `Title of ${id}`, state, says: `About ${id}.`, ...more };
}

const OPENS: LeakCase = {
  ...{
    host: 'static-rsa.test',
    connection: 4,
    openedAt: 2e9,
    opener: 'scripted-victim',
    key: 'RSA, 2048 bits',
  },
  ...{ version: 'TLS 1.2', suite: 'TLS_RSA_WITH_AES_128_GCM_SHA256', exchange: 'static RSA' },
  ...{ opened: 8, sealed: 0, agreesWithKeyLog: true },
  login: { title: 'POST /api/v1/login', bytes: new TextEncoder().encode(LOGIN), typed: ['monsoon-42'] },
  steps: [
    step('key', 'done', {
      source: 'leaked by the site',
      comparedWith: { what: 'the certificate', source: 'told by the victim' },
    }),
    step('exchange', 'done', { source: 'captured', value: new Uint8Array(256).fill(0xa7), places: [PLACE] }),
    step('pre-master', 'done', { source: 'computed with the leaked key', value: new Uint8Array(48).fill(3) }),
    step('master', 'done', { source: 'computed with the leaked key', value: new Uint8Array(48).fill(4) }),
    step('records', 'done'),
    step('login', 'done'),
    step('key-log', 'done', { source: 'told by the site' }),
  ],
};
const SEALED: LeakCase = {
  ...{
    host: 'piggypay.test',
    connection: 6,
    openedAt: 3e9,
    opener: 'scripted-victim',
    key: 'EC',
    version: 'TLS 1.3',
  },
  ...{ suite: 'TLS_AES_256_GCM_SHA384', exchange: '(EC)DHE', opened: 0, sealed: 12 },
  steps: [
    step('key', 'done'),
    step('exchange', 'done', { places: [PLACE, { ...PLACE, direction: 'server-to-client' }] }),
    step('pre-master', 'stops', { title: 'Shared secret', says: 'Neither crossed the wire.' }),
    ...(['master', 'records', 'login', 'key-log'] as const).map((id) => step(id, 'not-reached')),
  ],
};

function columns(cases: readonly LeakCase[], sessions = 1): readonly StolenColumn[] {
  return ['static-rsa.test', 'piggypay.test'].map((host) => {
    const own = cases.filter((each) => each.host === host);
    return { host, sessions, hasLeaked: own.length > 0, cases: own };
  });
}

function props(shownColumns = columns([OPENS, SEALED])) {
  return {
    columns: shownColumns,
    experiments: {
      running: undefined,
      progress: undefined,
      results: {},
      run: vi.fn(() => Promise.resolve()),
    },
    isRecording: false,
    isRecorded: false,
    shown: (text: string, typed: readonly string[]) =>
      typed
        .reduce((masked, value) => masked.replaceAll(value, 'mons••••••'), text)
        .replaceAll('\u202e', '‹U+202E›'),
    onrecord: vi.fn(),
    oninspect: vi.fn(),
  };
}

test('shows the same steps for both hosts, where one opens and where the other stops', async () => {
  await render(StolenKeyTab, props());
  const opens = page.getByRole('region', { name: 'static-rsa.test' });
  const sealed = page.getByRole('region', { name: 'piggypay.test' });
  await expect.element(opens.getByText('Read, the password included: 8 of 8 records opened.')).toBeVisible();
  await expect.element(sealed.getByText('Stays sealed: 0 of 12 records opened.')).toBeVisible();
  expect(opens.getByRole('listitem').elements()).toHaveLength(7);
  expect(sealed.getByRole('listitem').elements()).toHaveLength(7);
  await expect
    .element(sealed.getByRole('listitem').nth(2))
    .toHaveTextContent(/Stops here:.*Neither crossed the wire\./s);
  await expect.element(sealed.getByRole('listitem').nth(3)).toHaveTextContent(/Not reached:/);
  await expect.element(page.getByText(/protects the past, not the future/)).toBeVisible();
  await expect
    .element(page.getByText(/48-byte/))
    .toHaveTextContent(/TLS 1\.3.*only signs.*The same holds for \(EC\)DHE in TLS 1\.2/);
});

test('says of the key that it leaked, and of the certificate alone how that is known', async () => {
  const { rerender } = await render(StolenKeyTab, props());
  const key = page.getByRole('region', { name: 'static-rsa.test' }).getByRole('listitem').first();
  await expect.element(key).toHaveTextContent(/Title of key leaked by the site About key\./);
  await expect.element(key).toHaveTextContent(/Held against the certificate: told by the victim/);
  await rerender({ isRecorded: true });
  await expect.element(key).toHaveTextContent(/Title of key given with the recording/);
});

test('a rogue CA is no key to what was recorded', async () => {
  await render(StolenKeyTab, props());
  const said = page.getByText(/each of them opens it/);
  await expect.element(said).toHaveTextContent(/rogue CA that the victim trusts opens no recorded session/);
  await expect.element(said).not.toHaveTextContent(/rogue CA.*each of them opens it/);
});

test('shows the decrypted login as text, what was typed in it as everywhere else', async () => {
  const { container } = await render(StolenKeyTab, props());
  const text = page.getByRole('region', { name: 'The decrypted login request' });
  await expect.element(text).toHaveTextContent('{"password":"mons••••••‹U+202E›"}');
  expect(container.textContent).not.toContain('monsoon-42');
  expect(container.textContent).not.toContain('\u202e');
});

test('leads from the step to the captured bytes', async () => {
  const given = props();
  await render(StolenKeyTab, given);
  const sealed = page.getByRole('region', { name: 'piggypay.test' });
  await sealed.getByRole('button', { name: /The site’s bytes/ }).click();
  expect(given.oninspect).toHaveBeenCalledExactlyOnceWith({ ...PLACE, direction: 'server-to-client' });
});

test('records first, then leaks; while one is under way neither can be pressed', async () => {
  const given = props(columns([], 0));
  const { rerender } = await render(StolenKeyTab, given);
  await expect.element(page.getByText('Nothing recorded yet.').first()).toBeVisible();
  await page.getByRole('button', { name: /Record a session/ }).click();
  expect(given.onrecord).toHaveBeenCalledOnce();
  await page.getByRole('button', { name: /private key leaks/ }).click();
  expect(given.experiments.run).toHaveBeenCalledExactlyOnceWith('stolen-key');
  const progress = { id: 'stolen-key' as const, done: 0.6, doing: 'The private keys of both sites leak.' };
  await rerender({
    ...given,
    experiments: { ...given.experiments, running: 'stolen-key' as const, progress },
  });
  await expect.element(page.getByRole('status')).toHaveTextContent(progress.doing);
  for (const name of [/Record a session/, /private key leaks/])
    await expect.element(page.getByRole('button', { name })).toBeDisabled();
});

test('of a recording it says so, and offers nothing to press', async () => {
  await render(StolenKeyTab, { ...props(), isRecorded: true });
  await expect.element(page.getByText('recorded', { exact: true }).first()).toBeVisible();
  expect(page.getByRole('button', { name: /private key leaks/ }).elements()).toEqual([]);
});

test('several sessions with one host can be chosen from, the one with the login first', async () => {
  const { login, ...rest } = OPENS;
  expect(login).toBeDefined();
  const later = { ...rest, connection: 9, openedAt: 12_345_000_000, opened: 3 };
  const [column] = columns([OPENS, later, { ...later, connection: 11, opened: 0, sealed: 3 }], 3);
  expect(column && firstCase(column)).toBe(OPENS);
  expect(column && sessionsLine(column)).toBe('3 sessions recorded; with the stolen key 2 of 3 open.');
  expect(column && sessionsLine({ ...column, hasLeaked: false })).toBe(
    '3 sessions recorded; the stranger cannot read them.',
  );
  await render(StolenKeyTab, props(column && [column]));
  await page.getByRole('combobox').selectOptions('connection 9 · 12.345\u00a0s · scripted victim');
  await expect.element(page.getByText('Read: 3 of 3 records opened.')).toBeVisible();
});

test('a host outside the lab has a column of its own, in place of those of which nothing is there', () => {
  const leaks = (sessions: number) => ({
    cases: () => [{ ...OPENS, host: 'own.test' }],
    sessions: (host: string) => (host === 'own.test' ? [4] : Array.from({ length: sessions }, (_, id) => id)),
    hasLeaked: () => true,
  });
  expect(stolenColumns(leaks(0)).map(({ host }) => host)).toEqual(['own.test']);
  expect(stolenColumns(leaks(1)).map(({ host }) => host)).toEqual([
    'static-rsa.test',
    'piggypay.test',
    'own.test',
  ]);
});
