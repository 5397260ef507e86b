import { expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import VictimPanel from '../../dashboard/src/lib/components/VictimPanel.svelte';
import { PERSONA } from './support/bytes.ts';

function props() {
  return {
    persona: PERSONA,
    mobile: PERSONA.mobile,
    password: PERSONA.password,
    lookup: 'dns' as const,
    line: 'When are you open?',
    isRevealed: false,
    isLoggingIn: false,
    isChatting: false,
    answer: undefined,
    chatAnswer: undefined,
    browser: { path: '/opt/browser', running: false },
    isBrowserBusy: false,
    shown: (text: string) => text,
    onmobile: vi.fn(),
    onpassword: vi.fn(),
    onlookup: vi.fn(),
    onchatline: vi.fn(),
    onlogin: vi.fn(),
    onchat: vi.fn(),
    onbrowseropen: vi.fn(),
    onbrowserclose: vi.fn(),
  };
}

test('is filled in with the persona and logs in on one click, or on Enter', async () => {
  const given = props();
  await render(VictimPanel, given);
  await expect.element(page.getByLabelText('Mobile')).toHaveValue('9800000012');
  await expect.element(page.getByLabelText('Password (invented)')).toHaveValue('monsoon-42');
  await page.getByRole('button', { name: /Log in on both/ }).click();
  await page.getByLabelText('Mobile').click();
  await userEvent.keyboard('{Enter}');
  expect(given.onlogin).toHaveBeenCalledTimes(2);
});

test('draws dots for a password that is not the persona’s, until it is revealed', async () => {
  const { rerender } = await render(VictimPanel, { ...props(), password: 'hunter2x' });
  const field = page.getByLabelText('Password');
  await expect.element(field).toHaveClass('concealed');
  await rerender({ isRevealed: true });
  await expect.element(field).not.toHaveClass('concealed');
});

test('tells how both logins went, in the victim’s words', async () => {
  const answer = {
    http: { ok: true, status: 200, name: 'Asha', requests: 3 },
    https: {
      ok: false,
      error: { code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' },
      requests: 0,
    },
  };
  await render(VictimPanel, { ...props(), answer });
  await expect.element(page.getByText('told by the victim')).toBeVisible();
  await expect.element(page.getByText('200 · welcome Asha')).toBeVisible();
  await expect.element(page.getByText('CERT_HAS_EXPIRED: certificate has expired')).toBeVisible();
});

test('opens and closes the demo browser, and says what it was told about it', async () => {
  const given = props();
  const { rerender } = await render(VictimPanel, given);
  await page.getByRole('button', { name: 'Open demo browser' }).click();
  expect(given.onbrowseropen).toHaveBeenCalledOnce();
  await rerender({ browser: { path: '/opt/browser', running: true, note: 'Trusted in it alone.' } });
  await expect.element(page.getByText('Trusted in it alone.')).toBeVisible();
  await page.getByRole('button', { name: 'Close demo browser' }).click();
  expect(given.onbrowserclose).toHaveBeenCalledOnce();
});

test('says that the scripted victim works when there is no browser', async () => {
  await render(VictimPanel, { ...props(), browser: { running: false } });
  await expect.element(page.getByRole('button', { name: 'Open demo browser' })).toBeDisabled();
  await expect.element(page.getByText(/The scripted victim works without one/)).toBeVisible();
});

test('looks the name up in clear, or over HTTPS where that is chosen', async () => {
  const given = props();
  await render(VictimPanel, given);
  const choice = page.getByLabelText('Name lookup');
  await expect.element(choice).toHaveValue('dns');
  await choice.selectOptions('via HTTPS (DoH)');
  expect(given.onlookup).toHaveBeenCalledExactlyOnceWith('doh');
});

test('says a proposed line in the support chat, on one click or on Enter', async () => {
  const given = props();
  await render(VictimPanel, given);
  await page.getByRole('tab', { name: 'Support chat' }).click();
  const line = page.getByLabelText('Say in the support chat');
  await expect.element(line).toHaveValue('When are you open?');
  await page.getByRole('button', { name: 'Say it on both' }).click();
  await line.click();
  await userEvent.keyboard('{Enter}');
  expect(given.onchat).toHaveBeenCalledTimes(2);
  await line.fill('Hello');
  expect(given.onchatline).toHaveBeenLastCalledWith('Hello');
  expect(given.onlogin).not.toHaveBeenCalled();
});

test('tells once what both chats answered, and why one of them got nowhere', async () => {
  const reply = 'Day and night.';
  const both = { http: { ok: true, reply }, https: { ok: true, reply } };
  const { rerender } = await render(VictimPanel, { ...props(), chatAnswer: both });
  await page.getByRole('tab', { name: 'Support chat' }).click();
  await expect.element(page.getByText('“Day and night.”', { exact: true })).toBeVisible();
  await expect.element(page.getByText('told by the victim')).toBeVisible();
  const error = { code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' };
  await rerender({ chatAnswer: { http: { ok: true, reply }, https: { ok: false, error } } });
  await expect.element(page.getByText('CERT_HAS_EXPIRED: certificate has expired')).toBeVisible();
});

test('goes from tab to tab with the arrow keys', async () => {
  await render(VictimPanel, props());
  await page.getByRole('tab', { name: 'Log in' }).click();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(page.getByRole('tab', { name: 'Support chat', selected: true })).toHaveFocus();
  await expect.element(page.getByRole('tabpanel', { name: 'Support chat' })).toBeVisible();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(page.getByRole('tab', { name: 'Log in', selected: true })).toHaveFocus();
});
