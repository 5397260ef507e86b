import { beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import ArmedBanner from '../../../dashboard/src/lib/components/attacks/ArmedBanner.svelte';
import AttackBench from '../../../dashboard/src/lib/components/attacks/AttackBench.svelte';
import type { AttackActed, AttackVerdict } from '#contract';
import { utf8 } from '../support/bytes.ts';
import { board, CHANGE, CHANGED, deed, HTTP, HTTPS, known, READ, READ_RUN } from './board.ts';

function row(title: string) {
  return page.getByRole('listitem', { name: title, exact: true });
}

/** What has run is folded to a line. */
async function unfold(title = 'Change a transfer'): Promise<void> {
  await row(title).getByRole('button', { name: title, exact: true, expanded: false }).click();
}

function cell(lane: 'HTTP' | 'HTTPS') {
  return page.getByRole('region', { name: `Change a transfer over ${lane}`, exact: true });
}

beforeEach(async () => {
  await page.viewport(1280, 720);
});

test('says before it runs what the stranger will do on each lane, and asks what one expects', async () => {
  const given = board();
  await render(AttackBench, given);
  await expect.element(cell('HTTP').getByText(/Rewrites the payee and the amount/)).toBeVisible();
  await expect.element(cell('HTTPS').getByText(/Flips one bit/)).toBeVisible();
  await cell('HTTPS').getByRole('radio', { name: 'No, and somebody notices' }).click();
  expect(given.attacks.predict).toHaveBeenCalledExactlyOnceWith(
    'change',
    'https',
    'No, and somebody notices',
  );
  await row('Change a transfer').getByRole('button', { name: 'Run' }).click();
  expect(given.attacks.run).toHaveBeenCalledExactlyOnceWith('change', undefined);
  await expect.element(page.getByText(/Encryption is not identity/)).toBeVisible();
});

test('runs with the trust that is asked for, and says which run the verdicts are of', async () => {
  const label = 'The victim has installed the stranger’s CA';
  const circumstance = { key: 'trust', label } as const;
  const given = board({ list: [{ ...CHANGE, circumstance }], results: { change: CHANGED } });
  const shown = await render(AttackBench, given);
  await unfold();
  await expect.element(cell('HTTP')).toHaveTextContent(`A run with the scripted victim, without “${label}”`);
  await page.getByRole('checkbox', { name: label }).click();
  await row(CHANGE.title).getByRole('button', { name: 'Run again' }).click();
  expect(given.attacks.run).toHaveBeenCalledExactlyOnceWith('change', 'trust');
  const trusted = board({
    list: [{ ...CHANGE, circumstance }],
    results: { change: { ...CHANGED, under: 'trust' } },
  });
  await shown.rerender(trusted);
  await expect.element(cell('HTTP')).toHaveTextContent(`A run with the scripted victim, with “${label}”`);
  // Armed without it after a run with it: each verdict says under what it came.
  const whileArmed = { http: { ...HTTP, evidence: [99] } };
  const armed = { ...CHANGE, circumstance, isArmed: true, whileArmed };
  await shown.rerender({ attacks: { ...trusted.attacks, list: [armed] } });
  await expect
    .element(cell('HTTP'))
    .toHaveTextContent(
      new RegExp(
        `While armed, with whoever came, without “${label}”.*A run with the scripted victim, with “${label}”`,
      ),
    );
});

test('sets the verdicts side by side, each with the site’s and the victim’s own word', async () => {
  const given = board({
    ...{ results: { change: CHANGED }, newest: 'change', deeds: [deed()] },
    predictions: { 'change:https': 'No' },
  });
  await render(AttackBench, given);
  await unfold();
  const [http, https] = [cell('HTTP'), cell('HTTPS')];
  await expect.element(http.getByText('Succeeded', { exact: true })).toBeVisible();
  await expect.element(http).toHaveTextContent(/handled 1 request of the attack · Transfers booked: 1/);
  await expect.element(http.getByText('told by the site')).toBeVisible();
  await expect.element(https.getByText('Refused', { exact: true })).toBeVisible();
  await expect.element(https).toHaveTextContent(/handled no request of the attack/);
  await expect.element(https.getByText('ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC')).toBeVisible();
  await expect.element(https.getByText('told by the victim')).toBeVisible();
  // What could be seen there is no word of its own.
  await expect.element(http).not.toHaveTextContent(/told by the victim/);
  await expect.element(https).toHaveTextContent(/You expected: No\. ✓ So it was, and somebody noticed\./);
  await expect.element(http).not.toHaveTextContent(/You expected/);
  await expect.element(https).toHaveTextContent(/from the days of SSL 3/);
  await expect.element(https.getByRole('radio')).not.toBeInTheDocument();
  await expect
    .element(page.getByRole('status'))
    .toHaveTextContent('Change a transfer: over HTTP succeeded, over HTTPS refused.');
  const score = page.getByText('HTTP: 1 of 1 succeeded · HTTPS: 0 of 1 succeeded');
  await expect.element(score).toBeVisible();
  await page.viewport(1024, 768);
  await expect.element(score).toBeInViewport({ ratio: 1 });
});

test('of many deeds those that tell most are shown, and the rest at one click', async () => {
  const field = (seq: number) => deed({ seq, before: utf8('gzip'), after: utf8('identity') });
  const seqs = Array.from({ length: 70 }, (_, at) => 100 + at);
  const http = { ...HTTP, evidence: [...seqs, 200] };
  const given = board({
    results: { change: { ...CHANGED, http } },
    deeds: [...seqs.map(field), deed({ seq: 200 })],
  });
  await render(AttackBench, given);
  await unfold();
  const bytes = cell('HTTP').getByLabelText('Bytes before and after');
  await expect.element(bytes).toHaveLength(6);
  await expect.element(bytes.first()).toHaveTextContent('{"payee":"Crook","amount":9900}');
  await cell('HTTP').getByRole('button', { name: 'And 65 more', expanded: false }).click();
  await expect.element(bytes).toHaveLength(50);
  await expect.element(cell('HTTP').getByText(/And 21 more\./)).toBeVisible();
  await cell('HTTP').getByRole('button', { name: 'Show 6 only', expanded: true }).click();
  await expect.element(bytes).toHaveLength(6);
});

test('shows in the lane it belongs to what was sent and what went on, with what differs marked', async () => {
  const given = board({ results: { change: CHANGED }, deeds: [deed(), deed({ seq: 99, connection: 8 })] });
  await render(AttackBench, given);
  await unfold();
  const bytes = cell('HTTP').getByLabelText('Bytes before and after');
  await expect.element(bytes).toHaveTextContent('{"payee":"Meera","amount":100}');
  await expect.element(bytes).toHaveTextContent('{"payee":"Crook","amount":9900}');
  const marked = [...bytes.element().querySelectorAll('mark')].map(({ textContent }) => textContent);
  expect(marked).toEqual(['Meera', '100', 'Crook', '9900']);
  expect(cell('HTTPS').getByLabelText('Bytes before and after').elements()).toHaveLength(0);
  await cell('HTTP').getByRole('button', { name: 'Show the bytes that were sent' }).click();
  const place = { connection: 5, direction: 'client-to-server', start: 210, end: 240 };
  expect(given.view.oninspect).toHaveBeenLastCalledWith(place);
  await cell('HTTPS').getByRole('button', { name: 'Show the bytes of connection 6' }).click();
  expect(given.view.oninspect).toHaveBeenLastCalledWith(6);
});

test('says on each lane what the defence is', async () => {
  await render(AttackBench, board({ results: { change: CHANGED } }));
  await unfold();
  await expect
    .element(cell('HTTPS'))
    .toHaveTextContent(/The defence: A record’s tag is computed over all of it\.$/);
});

test('shows sealed bytes as bytes, also where they look like text, and names the bit', async () => {
  const flipped = deed({ seq: 21, connection: 6, offset: 1873, before: utf8('4'), after: utf8('5') });
  await render(AttackBench, board({ results: { change: CHANGED }, deeds: [flipped] }));
  await unfold();
  const https = cell('HTTPS');
  await expect.element(https.getByLabelText('Bytes before and after')).toHaveTextContent(/34.*35/);
  await expect.element(https.getByText('one bit: 0011 0100 became 0011 0101')).toBeVisible();
  await expect.element(https.getByText(/^1 byte, from byte 1,873 on/)).toBeVisible();
});

test('starts nothing while one runs, says which, and lets the others be called off', async () => {
  const given = board({ running: 'change', isRunningAll: true });
  await render(AttackBench, given);
  await expect
    .element(page.getByRole('status'))
    .toHaveTextContent('2 of 2: Change a transfer runs on both lanes');
  await expect.element(page.getByRole('progressbar', { name: /Change a transfer/ })).toBeVisible();
  for (const title of ['Read the login', 'Change a transfer'])
    await expect.element(row(title).getByRole('button', { name: 'Run' })).toBeDisabled();
  await expect.element(cell('HTTP').getByRole('radio', { name: 'Yes' })).toBeDisabled();
  await expect.element(row('Change a transfer').getByRole('switch')).toBeDisabled();
  await page.getByRole('button', { name: 'Stop after this one' }).click();
  expect(given.attacks.stopAfterThis).toHaveBeenCalledOnce();
});

test('arms what can wait for whoever comes, and nothing else', async () => {
  const given = board();
  const { rerender } = await render(AttackBench, given);
  expect(row('Read the login').getByRole('switch').elements()).toHaveLength(0);
  await row('Change a transfer').getByRole('switch', { name: 'Arm', checked: false }).click();
  expect(given.attacks.arm).toHaveBeenLastCalledWith('change', true, undefined);
  const deeds = [deed({ seq: 99 })];
  const armed = { ...given.attacks, list: [READ, { ...CHANGE, isArmed: true }], deeds, armedDeeds: deeds };
  await rerender({ attacks: armed });
  // It would act on the victim of a run too.
  await expect.element(row('Read the login').getByRole('button', { name: 'Run' })).toBeDisabled();
  await expect.element(page.getByRole('note')).toHaveTextContent(/is armed.*can run again/);
  await expect
    .element(row('Change a transfer'))
    .toHaveTextContent(/While armed it changed what crosses 1 time; the newest/);
  await row('Change a transfer').getByRole('switch', { name: 'Arm', checked: true }).click();
  expect(given.attacks.arm).toHaveBeenLastCalledWith('change', false, undefined);
});

test('of a recording it says why nothing can be run or armed', async () => {
  await render(AttackBench, { ...board(), isRecorded: true });
  await expect.element(page.getByText(/attacks need the live lab/)).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Run all' })).toBeDisabled();
  await expect.element(row('Change a transfer').getByRole('button', { name: 'Run' })).toBeDisabled();
  await expect.element(row('Change a transfer').getByRole('switch')).toBeDisabled();
});

test('is closed with Escape, and holds nothing of a lane where nothing can be tried', async () => {
  const given = board({ list: [{ ...CHANGE, plan: { http: 'Rewrites the payee.' } }] });
  await render(AttackBench, given);
  await expect.element(cell('HTTPS')).toHaveTextContent('There is nothing to try over HTTPS.');
  expect(cell('HTTPS').getByRole('radio').elements()).toHaveLength(0);
  await userEvent.keyboard('{Escape}');
  // A dialog tells that it was closed in a task of its own.
  await expect.poll(() => given.onclose).toHaveBeenCalledOnce();
});

test.each([
  [1280, 720],
  [1024, 768],
])('stands whole at %i × %i, however long the words are', async (width, height) => {
  await page.viewport(width, height);
  const long = deed({ before: new Uint8Array(1400).fill(0xa5), after: new Uint8Array(1400).fill(0xa4) });
  await render(AttackBench, board({ results: { change: CHANGED }, newest: 'change', deeds: [long] }));
  await unfold();
  await expect.element(page.getByRole('button', { name: 'Run all' })).toBeInViewport({ ratio: 1 });
  await expect
    .element(page.getByRole('button', { name: 'Close the attack bench' }))
    .toBeInViewport({ ratio: 1 });
  const region = page.getByRole('region', { name: 'Attacks over HTTP and over HTTPS' }).element();
  expect(region.scrollWidth).toBeLessThanOrEqual(region.clientWidth);
  expect(document.documentElement.scrollWidth).toBe(width);
});

test('a banner says for as long as any is armed that what crosses is not what was sent, and disarms it', async () => {
  const ondisarm = vi.fn();
  const { rerender } = await render(ArmedBanner, { armed: [], ondisarm });
  expect(page.getByRole('button').elements()).toHaveLength(0);
  await rerender({ armed: [{ ...CHANGE, isArmed: true }] });
  await expect
    .element(page.getByRole('status'))
    .toHaveTextContent('The stranger changes what crosses: “Change a transfer” is armed.');
  await page.getByRole('button', { name: 'Disarm it' }).click();
  expect(ondisarm).toHaveBeenCalledOnce();
});

test('while stepping it says that a run waits, and lets everything go', async () => {
  const onlive = vi.fn();
  await render(AttackBench, { ...board({ running: 'change' }), isStepping: true, onlive });
  await expect.element(row('Change a transfer')).toHaveTextContent(/It waits: the relay holds/);
  await page.getByRole('button', { name: 'Let everything go' }).click();
  expect(onlive).toHaveBeenCalledOnce();
});

test('names the field whose value was changed, and of a forged answer says who answered', async () => {
  const length = deed({ before: utf8('13618'), after: utf8('13821') });
  const shown = await render(AttackBench, board({ results: { change: CHANGED }, deeds: [length] }));
  await unfold();
  await expect.element(cell('HTTP')).toHaveTextContent(/Content-Length, a field of the head/);
  const forged = deed({ attack: 'forge-name', direction: 'server-to-client' });
  const list = [{ ...CHANGE, id: 'forge-name' as const }];
  await shown.rerender(
    board({ list, results: { 'forge-name': { ...CHANGED, id: 'forge-name' } }, deeds: [forged] }),
  );
  await unfold();
  await expect.element(cell('HTTP')).toHaveTextContent(/The resolver answered.*The stranger had answered/);
});

test('says what came of it while armed, with whoever came, apart from what came of a run', async () => {
  const armedDeed = deed({ seq: 99, connection: 9 });
  const whileArmed = {
    http: { ...HTTP, happened: 'The demo browser’s transfer was changed.', evidence: [99], connections: [9] },
  };
  const list = [READ, { ...CHANGE, isArmed: true, whileArmed }];
  const given = board({
    ...{ list, results: { change: CHANGED }, deeds: [deed(), armedDeed], armedDeeds: [armedDeed] },
    predictions: { 'change:http': 'No' },
  });
  const { rerender } = await render(AttackBench, given);
  const armed = cell('HTTP').getByRole('group', { name: 'While armed, with whoever came' });
  await expect.element(armed).toHaveTextContent(/Succeeded The demo browser’s transfer was changed\./);
  await expect.element(armed.getByLabelText('Bytes before and after')).toBeVisible();
  await expect.element(armed).not.toHaveTextContent(/told by the victim/);
  await expect
    .element(cell('HTTP'))
    .toHaveTextContent(/A run with the scripted victim.*booked what the stranger/);
  await expect.element(cell('HTTP')).toHaveTextContent(/You expected: No\. ✗ It was not so/);
  await expect.element(cell('HTTPS')).not.toHaveTextContent(/While armed/);
  await expect
    .element(page.getByRole('status'))
    .toHaveTextContent('While armed: Change a transfer over HTTP: succeeded.');
  // It stands in the verdict already.
  await expect.element(row(CHANGE.title)).toHaveTextContent(/While armed it changed what crosses 1 time\.$/);

  const newer = { ...whileArmed, https: { ...HTTPS, happened: 'The browser left.', evidence: [120] } };
  await rerender({
    attacks: { ...given.attacks, list: [READ, { ...CHANGE, isArmed: true, whileArmed: newer }] },
  });
  await expect.element(cell('HTTPS')).toHaveTextContent(/While armed, with whoever came.*The browser left\./);
  await expect
    .element(page.getByRole('status'))
    .toHaveTextContent('While armed: Change a transfer over HTTPS: refused.');
});

test('what has run folds to a line with its outcomes, and the newest word counts', async () => {
  const whileArmed = {
    https: { ...HTTPS, outcome: 'no effect', happened: 'Nobody noticed.', evidence: [99] },
  };
  const list = [READ, { ...CHANGE, whileArmed }];
  await render(AttackBench, board({ list, results: { change: CHANGED, read: READ_RUN } }));
  await expect
    .element(cell('HTTP'))
    .toHaveTextContent(/^Succeeded The site booked what the stranger wrote\.$/);
  await expect.element(cell('HTTPS')).toHaveTextContent(/^No effect While armed: Nobody noticed\.$/);
  await page.getByRole('button', { name: 'Unfold all' }).click();
  await expect.element(row('Read the login').getByRole('button', { name: 'Run again' })).toBeVisible();
  await expect.element(row('Change a transfer').getByRole('button', { name: 'Run again' })).toBeVisible();
  await page.getByRole('button', { name: 'Fold all' }).click();
  await expect.element(row('Change a transfer').getByRole('switch', { name: 'Arm' })).not.toBeInTheDocument();
});

test('arms with what is to be true, and says while it lasts that it is', async () => {
  const label = 'The victim has installed the stranger’s CA';
  const circumstance = { key: 'trust', label } as const;
  const given = board({ list: [{ ...CHANGE, circumstance }] });
  const { rerender } = await render(AttackBench, given);
  await page.getByRole('checkbox', { name: label }).click();
  await row(CHANGE.title).getByRole('switch', { name: 'Arm' }).click();
  expect(given.attacks.arm).toHaveBeenLastCalledWith('change', true, 'trust');
  const armed = { ...CHANGE, circumstance, isArmed: true };
  await rerender({ attacks: { ...given.attacks, list: [armed] } });
  await expect
    .element(row(CHANGE.title))
    .toHaveTextContent('Armed, without that: it waits for whoever comes.');
  await expect.element(page.getByRole('checkbox', { name: label })).not.toBeChecked();
  await rerender({ attacks: { ...given.attacks, list: [{ ...armed, armedUnder: 'trust' }] } });
  await expect.element(row(CHANGE.title)).toHaveTextContent('Armed, with that: it waits for whoever comes.');
  await expect.element(page.getByRole('checkbox', { name: label })).toBeChecked();
  await expect.element(page.getByRole('checkbox', { name: label })).toBeDisabled();
  await row(CHANGE.title).getByRole('switch', { name: 'Arm', checked: true }).click();
  expect(given.attacks.arm).toHaveBeenLastCalledWith('change', false, undefined);
});

test('beside what is armed opens the demo browser, unless it runs or there is none', async () => {
  const onbrowseropen = vi.fn();
  const given = board({ list: [READ, { ...CHANGE, isArmed: true }] });
  const browser = { running: false, path: '/usr/bin/chromium' };
  const { rerender } = await render(AttackBench, { ...given, browser, onbrowseropen });
  const open = page.getByRole('button', { name: 'Open the demo browser' });
  await open.click();
  expect(onbrowseropen).toHaveBeenCalledOnce();
  expect(
    row('Read the login')
      .getByRole('button', { name: /demo browser/ })
      .elements(),
  ).toHaveLength(0);
  await rerender({ browser: { ...browser, running: true } });
  await expect.element(open).not.toBeInTheDocument();
  await rerender({ browser: { running: false } });
  await expect.element(open).not.toBeInTheDocument();
});

test('says of two legs which is which, and shows them side by side as ladders', async () => {
  const verdict = { ...HTTPS, connections: [6, 7, 8] };
  const given = board({ results: { change: { id: 'change', http: HTTP, https: verdict } } });
  const connections = new Map([
    [5, known('demo-browser', 'cafe', 1)],
    [6, known('scripted-victim', 'cafe', 10, 90)],
    [7, known('stranger', 'onward', 20, 80)],
    [8, known('scripted-victim', 'cafe', 100, 110)],
  ]);
  await render(AttackBench, { ...given, view: { ...given.view, connections } });
  await unfold();
  await expect.element(cell('HTTP')).toHaveTextContent(/connection 5: the demo browser’s/);
  const https = cell('HTTPS');
  await expect.element(https).toHaveTextContent(/connection 6: victim ⇄ stranger/);
  await expect.element(https).toHaveTextContent(/connection 7: stranger ⇄ site/);
  await expect.element(https).toHaveTextContent(/connection 8: the victim’s/);
  await https.getByRole('button', { name: 'Show the bytes of connection 7' }).click();
  expect(given.view.oninspect).toHaveBeenLastCalledWith(7);
  await https.getByRole('button', { name: 'Show the ladder of connection 6' }).click();
  expect(given.view.onladder).toHaveBeenLastCalledWith({ left: 6 });
  await https.getByRole('button', { name: /Both legs side by side/ }).click();
  expect(given.view.onladder).toHaveBeenLastCalledWith({ left: 6, right: 7 });
});

test('what was read inside TLS that the stranger ended is said to be read, not to be changed', async () => {
  const read: AttackActed = {
    ...{ epoch: 1, seq: 20, time: 0, vantage: 'wire', type: 'attack-acted', attack: 'change' },
    ...{ connection: 6, direction: 'client-to-server', before: utf8('{"password":"monsoon-42"}') },
  };
  await render(AttackBench, board({ results: { change: CHANGED }, deeds: [read] }));
  await unfold();
  await expect
    .element(cell('HTTPS'))
    .toHaveTextContent(/The stranger read, as the victim sent it: \{"password":"monsoon-42"\}/);
  await expect.element(cell('HTTPS')).not.toHaveTextContent(/sent on/);
});

test('the banner names what came last, and does not say that something is changed where nothing is', async () => {
  const verdict = { ...HTTPS, evidence: [30] };
  const armed = [{ ...CHANGE, isArmed: true, whileArmed: { http: HTTP, https: verdict } }];
  const { rerender } = await render(ArmedBanner, { armed, ondisarm: vi.fn() });
  const banner = page.getByRole('status');
  await expect.element(banner).toHaveTextContent(/is armed\. Change a transfer over HTTPS: refused\./);
  await rerender({ armed: [{ ...READ, isArmed: true }] });
  await expect
    .element(banner)
    .toHaveTextContent('The stranger waits for whoever comes: “Read the login” is armed.');
  await expect.element(banner).not.toHaveTextContent(/changes|looks wrong/);
});

test('a folded row still says whether what was expected came', async () => {
  const given = board({
    ...{ results: { change: CHANGED } },
    predictions: { 'change:http': 'Yes', 'change:https': 'Yes' },
  });
  await render(AttackBench, given);
  await expect.element(cell('HTTP').getByText(/You expected: Yes\. ✓ So it was/)).toBeInTheDocument();
  await expect.element(cell('HTTPS').getByText(/You expected: Yes\. ✗ It was not so/)).toBeInTheDocument();
});

test('the result of a riddle is neither told nor counted before it is guessed, and both afterwards', async () => {
  const riddle = {
    ...{ table: [], ownLogins: [], candidates: [] },
    ...{ seen: { pageBytes: 1, milliseconds: 1 }, guessed: {}, answer: { page: 'Help' } },
  };
  const https = { ...CHANGED.https, outcome: 'succeeded', riddle } as AttackVerdict;
  const given = board({ results: { change: { ...CHANGED, https } }, newest: 'change' });
  const { rerender } = await render(AttackBench, given);
  await expect.element(page.getByText(/over HTTPS a riddle to guess/)).toBeVisible();
  await expect.element(page.getByText('HTTP: 1 of 1 succeeded', { exact: true })).toBeVisible();
  await expect.element(page.getByText(/HTTPS: 1 of/)).not.toBeInTheDocument();
  const guesses = { [JSON.stringify(riddle)]: {} };
  await rerender({ attacks: { ...given.attacks, guesses } });
  await expect
    .element(page.getByRole('status'))
    .toHaveTextContent('Change a transfer: over HTTP succeeded, over HTTPS succeeded.');
  await expect.element(page.getByText('HTTPS: 1 of 1 succeeded', { exact: true })).toBeVisible();
});

test('what was tried one after the other stands each with its outcome and its connections', async () => {
  const trials = [
    { title: 'First visit', outcome: 'succeeded', happened: 'It was open.', connections: [5] },
    { title: 'One without the stranger', happened: 'It went as usual.', connections: [6] },
    {
      title: 'Second visit',
      outcome: 'no effect',
      happened: 'It asked nothing over HTTP.',
      connections: [7],
    },
  ];
  const https = { ...CHANGED.https, connections: [5, 6, 7], trials } as AttackVerdict;
  const given = board({ results: { change: { ...CHANGED, https } } });
  await render(AttackBench, given);
  await unfold('Change a transfer');
  const tried = cell('HTTPS').getByRole('listitem').filter({ hasText: 'visit' });
  await expect.element(tried.nth(0)).toHaveTextContent(/First visit\s*Succeeded\s*It was open.*connection 5/);
  await expect.element(cell('HTTPS').getByText('It went as usual.')).toBeVisible();
  await expect.element(tried.nth(1)).toHaveTextContent(/Second visit\s*No effect\s*It asked.*connection 7/);
  // Each of them once.
  await expect.element(cell('HTTPS').getByText(/^connection \d/)).toHaveLength(3);
});

test('a folded row runs with what its last run was made under, and unfolds', async () => {
  const circumstance = { key: 'trust', label: 'The victim trusts it' } as const;
  const results = { change: { ...CHANGED, under: 'trust' } };
  const given = board({ list: [{ ...CHANGE, circumstance }], results });
  await render(AttackBench, given);
  const row = page.getByRole('listitem', { name: 'Change a transfer' });
  await row.getByRole('button', { name: 'Run again' }).click();
  expect(given.attacks.run).toHaveBeenCalledExactlyOnceWith('change', 'trust');
  const name = row.getByRole('button', { name: 'Change a transfer' });
  await expect.element(name).toHaveAttribute('aria-expanded', 'true');
  await expect.element(name).toHaveFocus();
  // Again means the same as before.
  await expect.element(row.getByRole('checkbox', { name: 'The victim trusts it' })).toBeChecked();
});

test('a riddle that was answered stays so when the board is opened once more', async () => {
  const riddle = {
    table: [{ page: 'Help', bytes: 1 }],
    ...{ ownLogins: [], candidates: ['Help'], guessed: { page: 'Help' }, answer: { page: 'Help' } },
    seen: { pageBytes: 1, milliseconds: 1 },
  };
  const https = { ...CHANGED.https, riddle } as AttackVerdict;
  const results = { change: { ...CHANGED, https } };
  const given = board({ results });
  const shown = await render(AttackBench, given);
  await unfold('Change a transfer');
  await cell('HTTPS').getByRole('radio', { name: /Help/ }).click();
  await cell('HTTPS').getByRole('button', { name: 'Show the answer' }).click();
  expect(given.attacks.guess).toHaveBeenCalledOnce();
  const [key, guess] = given.attacks.guess.mock.calls[0] as [string, object];
  await shown.unmount();
  await render(AttackBench, board({ results, guesses: { [key]: guess } }));
  await expect.element(cell('HTTPS').getByText('Guess first')).not.toBeInTheDocument();
  await unfold('Change a transfer');
  await expect.element(cell('HTTPS').getByRole('radio', { name: /Help/ })).toBeChecked();
  await expect.element(cell('HTTPS')).toHaveTextContent(/You said\s*Page: ✓ So it was/);
  await expect.element(cell('HTTPS').getByRole('heading', { name: 'The answer' })).not.toHaveFocus();
});
