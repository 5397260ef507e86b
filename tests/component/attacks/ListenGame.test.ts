import { beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { AttackVerdict, Riddle } from '#contract';
import ListenGame from '../../../dashboard/src/lib/components/attacks/ListenGame.svelte';

const TOLD: Riddle = {
  table: [
    { page: 'Help', bytes: 6830 },
    { page: 'I cannot pay', bytes: 6629 },
    { page: 'Fees and limits', bytes: 6476 },
  ],
  ownLogins: [
    { passwordLength: 1, bytes: 176 },
    { passwordLength: 24, bytes: 199 },
  ],
  seen: { pageBytes: 6629, requestBytes: 187, milliseconds: 3.14 },
  candidates: ['I cannot pay'],
  guessed: { page: 'I cannot pay', passwordLength: 12 },
  answer: { page: 'I cannot pay', passwordLength: 12 },
};
const PADDED: Riddle = {
  table: TOLD.table.map((row) => ({ ...row, bytes: 9277 })),
  ownLogins: TOLD.ownLogins.map((own) => ({ ...own, bytes: 689 })),
  seen: { pageBytes: 9277, requestBytes: 689, milliseconds: 4 },
  candidates: TOLD.table.map((row) => row.page),
  guessed: {},
  answer: TOLD.answer,
};

function verdict(riddle?: Riddle): AttackVerdict {
  return {
    outcome: 'succeeded',
    happened: 'The answer fits one of 3 pages, “I cannot pay”.',
    siteHandled: 6,
    victimSaw: 'The site answered 401.',
    evidence: [1, 2],
    connections: [3, 4],
    defence: 'Padding.',
    ...(riddle && { riddle }),
  };
}

function props(riddle?: Riddle) {
  const shown = (text: string) => text;
  return { verdict: verdict(riddle), shown, onrun: vi.fn(), onanswered: vi.fn() };
}

const game = () => page.getByRole('region', { name: /What do sizes alone give away/ });
const show = () => page.getByRole('button', { name: 'Show the answer' });

beforeEach(async () => {
  await page.viewport(480, 900);
});

test('shows what was measured and seen, and nothing of the answer before it is asked for', async () => {
  const given = props(TOLD);
  await render(ListenGame, given);
  await expect
    .element(game())
    .toHaveTextContent(/came back in 6,629 bytes of sealed records.* after 3\.1 ms/);
  await expect.element(game().getByRole('radio', { name: /I cannot pay 6,629 bytes/ })).toBeVisible();
  await expect
    .element(game())
    .toHaveTextContent(
      /187 bytes.*176 bytes with a password of 1 character, 199 bytes with a password of 24/,
    );
  await expect.element(game()).not.toHaveTextContent(/The answer|told by the site|12 characters/);
  expect(given.onanswered).not.toHaveBeenCalled();
  expect(document.body.scrollWidth).toBeLessThanOrEqual(480);
});

test('a right guess is told so, with what the sizes say and who knows what it was', async () => {
  const given = props(TOLD);
  await render(ListenGame, given);
  await game()
    .getByRole('radio', { name: /I cannot pay/ })
    .click();
  await game().getByRole('spinbutton', { name: 'Characters of the password' }).fill('12');
  await show().click();
  expect(given.onanswered).toHaveBeenCalledOnce();
  await expect.element(game().getByRole('heading', { name: 'The answer' })).toHaveFocus();
  await expect.element(game()).toHaveTextContent(/Page: ✓ So it was\.\s*Password: ✓ So it was\./);
  await expect.element(game()).toHaveTextContent(/Only “I cannot pay” is 6,629 bytes long/);
  await expect.element(game()).toHaveTextContent(/11 bytes more than with 1 character makes 12 characters/);
  await expect.element(game().getByText('told by the site')).toBeVisible();
  await expect.element(game().getByText('told by the victim')).toBeVisible();
  await expect.element(game().getByRole('radio', { name: /Help/ })).toBeDisabled();
  await game().getByRole('button', { name: 'Another round' }).click();
  expect(given.onrun).toHaveBeenCalledOnce();
});

test('a wrong guess is told so, and none at all is passed over', async () => {
  const shown = await render(ListenGame, props(TOLD));
  await game()
    .getByRole('radio', { name: /Fees and limits/ })
    .click();
  await game().getByRole('checkbox', { name: 'It cannot be told' }).click();
  await expect.element(game().getByRole('spinbutton')).toBeDisabled();
  await show().click();
  await expect.element(game()).toHaveTextContent(/Page: ✗ It was another one\..*✗ It can: the bytes count/);
  await shown.rerender(props({ ...TOLD, seen: { ...TOLD.seen, milliseconds: 9 } }));
  await show().click();
  await expect.element(game()).toHaveTextContent(/The sizes say/);
  await expect.element(game()).not.toHaveTextContent(/You said/);
});

test('padded, it says why nobody can tell, and calls a hit luck', async () => {
  await render(ListenGame, props(PADDED));
  await game().getByRole('radio', { name: 'It cannot be told' }).click();
  await game().getByRole('spinbutton').fill('12');
  await show().click();
  await expect.element(game()).toHaveTextContent(/Page: ✓ So it is: it cannot be told\./);
  await expect.element(game()).toHaveTextContent(/Password: ✓ Right, by luck/);
  await expect.element(game()).toHaveTextContent(/All 3 pages are 9,277 bytes long: each of them fits/);
  await expect.element(game()).toHaveTextContent(/its size says nothing of the password/);
  await expect
    .element(game())
    .toHaveTextContent(/filled up to a common length before they are sealed, and so is the login\./);
  await expect.element(game()).not.toHaveTextContent(/Not a word was decrypted/);
});

test('the same round told again keeps what was chosen, another one begins anew', async () => {
  const shown = await render(ListenGame, props(TOLD));
  await game().getByRole('radio', { name: /Help/ }).click();
  await shown.rerender(props({ ...TOLD }));
  await expect.element(game().getByRole('radio', { name: /Help/ })).toBeChecked();
  await shown.rerender(props(PADDED));
  await expect.element(game().getByRole('radio', { name: /Help/ })).not.toBeChecked();
});

test('without a login it asks for the page alone, and without a riddle for nothing', async () => {
  const seen = { pageBytes: 6830, milliseconds: 2 };
  const riddle = { ...TOLD, seen, guessed: { page: 'Help' }, answer: { page: 'Help' } };
  const shown = await render(ListenGame, props(riddle));
  await expect.element(game().getByRole('spinbutton')).not.toBeInTheDocument();
  await show().click();
  await expect.element(game()).not.toHaveTextContent(/password/);
  await shown.rerender(props());
  await expect.element(game()).not.toBeInTheDocument();
});

test('it is played with the keyboard alone', async () => {
  const given = props(TOLD);
  await render(ListenGame, given);
  await userEvent.tab();
  await expect.element(game().getByRole('radio', { name: /Help/ })).toHaveFocus();
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(game().getByRole('radio', { name: /I cannot pay/ })).toBeChecked();
  await userEvent.tab();
  await userEvent.keyboard('12');
  await userEvent.tab();
  await userEvent.tab();
  await expect.element(show()).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  await expect.element(game()).toHaveTextContent(/Page: ✓ So it was\.\s*Password: ✓ So it was\./);
});
