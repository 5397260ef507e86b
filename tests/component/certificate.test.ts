import { expect, test, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { CertificateCase } from '#folds/certificate-check/certificate-case.ts';
import type { CertificateCheck } from '#folds/certificate-check/check.ts';
import { bad, good, line, open } from '#folds/certificate-check/check-line.ts';
import CertificatePanel from '../../dashboard/src/lib/components/certificate/CertificatePanel.svelte';
import HostChoice from '../../dashboard/src/lib/components/certificate/HostChoice.svelte';

const GIVEN: CertificateCase = {
  ...{ connection: 4, opener: 'scripted-victim', host: 'expired.test', chain: [new Uint8Array(1)] },
  ...{ chainFrom: 'victim', isOnWire: false, trusted: [], at: 0, version: 0x0304, requests: 0, logins: 0 },
  verdict: { isSatisfied: false, code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' },
};
const CHECK: CertificateCheck = {
  lines: [
    line('version', good('TLS 1.3', 'Settled.')),
    line('dates', bad('until \u202eyesterday', 'Too late.')),
    line('signature', open('no key', 'Nobody is here.')),
  ],
  isGood: false,
  agrees: true,
  path: [],
};

function props(given: CertificateCase | undefined = GIVEN) {
  return {
    connections: [
      { connection: 2, host: 'piggypay.test', opener: 'demo-browser' as const },
      { connection: 4, host: 'expired.test', opener: 'scripted-victim' as const },
    ],
    given,
    check: () => Promise.resolve(CHECK),
    onselect: vi.fn(),
    onclose: vi.fn(),
  };
}

test('says of each line in words whether it passes, with its value, and the victim’s own verdict beside', async () => {
  await render(CertificatePanel, props());
  const lines = page.getByRole('listitem');
  await expect.element(lines.nth(0)).toHaveTextContent(/^\s*Passes .*TLS 1\.3/s);
  await expect.element(lines.nth(1)).toHaveTextContent(/^\s*Fails .*Does it count today/s);
  await expect.element(lines.nth(2)).toHaveTextContent(/^\s*Not checked/s);
  await expect.element(page.getByText('CERT_HAS_EXPIRED')).toBeVisible();
  await expect.element(page.getByText('Both came to the same.')).toBeVisible();
  await expect.element(page.getByText('0 requests: 0 bytes of the login were sent')).toBeVisible();
});

test('shows what a certificate says as text, characters that turn it around as codes', async () => {
  const { container } = await render(CertificatePanel, props());
  await expect.element(page.getByText(/yesterday/)).toBeVisible();
  expect(container.textContent).not.toContain('\u202e');
});

test('goes to another connection, newest first, and closes with Escape', async () => {
  const given = props();
  await render(CertificatePanel, given);
  const choice = page.getByRole('combobox');
  await expect.element(choice).toHaveValue('4');
  await choice.selectOptions('piggypay.test · connection 2, the demo browser');
  expect(given.onselect).toHaveBeenCalledExactlyOnceWith(2);
  await page.getByRole('button', { name: 'Close the certificate check' }).click();
  expect(given.onclose).toHaveBeenCalled();
});

test('says what to do before any certificate was shown', async () => {
  await render(CertificatePanel, { ...props(), given: undefined });
  await expect.element(page.getByText(/No site has shown a certificate yet/)).toBeVisible();
});

test('offers the hosts by whether they let the victim in, with one line about the one that is chosen', async () => {
  const onchoose = vi.fn();
  const hosts = [
    { name: 'piggypay.test', about: 'The site.', isGood: true, hasHttp: true },
    { name: 'expired.test', about: 'Ran out yesterday.', isGood: false, hasHttp: false },
  ];
  const { rerender } = await render(HostChoice, { hosts, chosen: 'piggypay.test', onchoose });
  await page.getByRole('combobox', { name: 'Site' }).selectOptions('expired.test');
  expect(onchoose).toHaveBeenCalledExactlyOnceWith('expired.test');
  await page.viewport(1280, 720);
  await rerender({ chosen: 'expired.test' });
  await expect.element(page.getByText('Ran out yesterday.')).toBeVisible();
});
