import { createRawSnippet } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { LensView } from '../../dashboard/src/lib/components/lens/lens-view.ts';
import Stage from '../../dashboard/src/lib/components/Stage.svelte';
import { defaultMessage } from '../../dashboard/src/lib/format/lane-choice.ts';
import { LaneChoice } from '../../dashboard/src/lib/state/choices.svelte.ts';
import { LadderState } from '../../dashboard/src/lib/state/ladder.svelte.ts';
import { LoginForm } from '../../dashboard/src/lib/state/login-form.svelte.ts';
import { FakeInspector } from './inspector/fake-inspector.svelte.ts';
import { threeLogins } from './ladder/capture.ts';
import { PERSONA, utf8 } from './support/bytes.ts';
import { TestCapture } from './support/capture.ts';

function props(capture = new TestCapture()) {
  return {
    view: capture.fold.view(),
    entered: capture.entered,
    persona: PERSONA,
    link: 'live' as const,
    theme: 'auto' as const,
    answer: undefined,
    chatAnswer: undefined,
    browser: undefined,
    isLoggingIn: false,
    isChatting: false,
    isBrowserBusy: false,
    isResetting: false,
    isRevealed: false,
    form: new LoginForm(),
    choices: { http: new LaneChoice(), https: new LaneChoice() },
    dissect: capture.fold.dissect.bind(capture.fold),
    onlogin: vi.fn(),
    onchat: vi.fn(),
    onreset: vi.fn(),
    onreveal: vi.fn(),
    ontheme: vi.fn(),
    onbrowseropen: vi.fn(),
    onbrowserclose: vi.fn(),
  };
}

// The nonce and its answer of RFC 6455, 1.3.
const UPGRADE =
  'GET /support HTTP/1.1\r\nHost: piggypay.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

/** A text frame as a client sends it. */
function masked(text: string): Uint8Array {
  const mask = [0xa1, 0xb2, 0xc3, 0xd4];
  const payload = Array.from(utf8(text), (byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Uint8Array.of(0x81, 0x80 | payload.length, ...mask, ...payload);
}

beforeEach(async () => {
  await page.viewport(1280, 720);
});

test('says what to do before anything crossed', async () => {
  await render(Stage, props());
  await expect.element(page.getByText('Nothing has crossed yet').first()).toBeVisible();
  await expect.element(page.getByText(/nobody has logged in/).first()).toBeVisible();
});

test('shows the password in the HTTP lane after a login, with nothing more to press', async () => {
  await render(Stage, props(new TestCapture().httpLogin('monsoon-42')));
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  await expect.element(lane.getByText('monsoon-42', { exact: true })).toBeInViewport();
  await expect.element(lane.getByRole('option', { selected: true })).toHaveTextContent('POST /api/v1/login');
  await expect.element(lane.getByRole('status')).toHaveTextContent(/^Found the password 1× and the mobile/);
});

test('goes from a notebook cell to the message and flashes its bytes', async () => {
  await render(Stage, props(new TestCapture().httpLogin('monsoon-42')));
  await page.getByRole('button', { name: /^HTTP Token/ }).click();
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  await expect.element(lane.getByRole('option', { selected: true })).toHaveTextContent('200 OK');
  await expect.element(lane.getByText('eyJhbGciOi.J9')).toHaveClass('flash');
});

test('has what a person typed nowhere in the page but half, until it is revealed', async () => {
  const capture = new TestCapture().httpLogin('hunter2-secret');
  const given = props(capture);
  const { container, rerender } = await render(Stage, given);
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  await expect.element(lane.getByText('hunter2•••••••')).toBeVisible();
  expect(container.innerHTML).not.toContain('-secret');
  await lane.getByRole('button', { name: 'hex' }).click();
  await expect.element(lane.getByText('••').first()).toBeVisible();
  expect(container.innerHTML).not.toContain('-secret');
  await lane.getByRole('button', { name: 'text' }).click();
  await lane.getByRole('button', { name: 'Reveal' }).click();
  expect(given.onreveal).toHaveBeenCalledOnce();
  await rerender({ isRevealed: true });
  await expect.element(lane.getByText('hunter2-secret')).toBeVisible();
});

test('logs in with L and resets with R, but not while a person types', async () => {
  const given = props();
  await render(Stage, given);
  await userEvent.keyboard('l');
  expect(given.onlogin).toHaveBeenCalledExactlyOnceWith('9800000012', 'monsoon-42', 'dns');
  await userEvent.keyboard('r');
  expect(given.onreset).toHaveBeenCalledOnce();
  await page.getByLabelText('Mobile').fill('lr');
  await page.getByLabelText('Mobile').click();
  await userEvent.keyboard('lr');
  expect(given.onlogin).toHaveBeenCalledOnce();
  expect(given.onreset).toHaveBeenCalledOnce();
});

test('nobody logs in before it is known who the victim is', async () => {
  const given = { ...props(), persona: undefined };
  await render(Stage, given);
  await expect.element(page.getByRole('button', { name: /log in on both/i })).toBeDisabled();
  await userEvent.keyboard('l');
  expect(given.onlogin).not.toHaveBeenCalled();
});

test('asks before one key forgets what crossed, and forgets it when that is pressed again in time', async () => {
  const given = props(new TestCapture().httpLogin('monsoon-42'));
  await render(Stage, given);
  const status = page.getByRole('status', { name: 'Reset' });
  vi.useFakeTimers();
  try {
    await userEvent.keyboard('r');
    expect(given.onreset).not.toHaveBeenCalled();
    await expect.element(status).toHaveTextContent('Press R again within 3 seconds to forget 4 messages');
    vi.advanceTimersByTime(3000);
    await expect.element(status).toHaveTextContent(/^$/);
    await userEvent.keyboard('r');
    expect(given.onreset).not.toHaveBeenCalled();
    await userEvent.keyboard('r');
    expect(given.onreset).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});

test('marks the message that the stranger changed, and says what the site received instead', async () => {
  const capture = new TestCapture().httpLogin('hunter2-secret');
  const given = props(capture);
  const login = given.view.lanes.http.messages[2];
  if (!login) throw new Error('no login');
  const { connection, direction, end } = login;
  const bytes = { before: utf8('"password":"hunter2-secret"'), after: utf8('"password":"stolen"') };
  const deed = { epoch: 1000, seq: 99, time: 1, vantage: 'wire', type: 'attack-acted' } as const;
  const change = { ...deed, attack: 'change' as const, connection, direction, offset: end - 30, ...bytes };
  const { container, rerender } = await render(Stage, given);
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  await expect.element(lane.getByText('changed on the way')).not.toBeInTheDocument();
  await rerender({ changed: new Map([[connection, [change]]]) });
  const marked = lane.getByRole('option').filter({ hasText: 'changed on the way' });
  await expect.element(marked).toHaveTextContent('POST /api/v1/login');
  const said = lane.getByRole('group', { name: 'Changed on the way' });
  await expect.element(said).toHaveTextContent(/the site received .*stolen.* instead of .*hunter2/);
  expect(container.innerHTML).not.toContain('-secret');
});

test('a lane says which newest login failed, and counts no failures of another site', async () => {
  const given = props(new TestCapture().httpLogin('monsoon-42'));
  const failure = { connection: 9, site: 'expired.test', code: 'CERT_HAS_EXPIRED', message: 'expired' };
  const view = { ...given.view, failedLogin: 'expired.test', handshakeFailures: [failure] };
  const { rerender } = await render(Stage, { ...given, view });
  const lane = page.getByRole('region', { name: 'HTTPS' });
  await expect
    .element(lane.getByText('The newest login, at expired.test, failed before anything was sent.'))
    .toBeVisible();
  await expect.element(lane.getByText(/handshake failed/)).not.toBeInTheDocument();
  await rerender({ view: { ...view, handshakeFailures: [{ ...failure, site: 'piggypay.test' }] } });
  await expect.element(lane.getByText(/handshake failed: CERT_HAS_EXPIRED/)).toBeVisible();
});

test.each([
  [
    { how: 'refused', connection: 1, status: 401 },
    'The newest login was refused with 401: told by the site.',
  ],
  [{ how: 'cut-off', connection: 1 }, 'The newest connection was cut off without an answer (captured).'],
] as const)('a lane says what came of the newest login that did not get in: %o', async (failure, words) => {
  const given = props(new TestCapture().httpLogin('monsoon-42'));
  const { lanes } = given.view;
  const view = { ...given.view, lanes: { ...lanes, http: { ...lanes.http, failure } } };
  await render(Stage, { ...given, view });
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  await expect.element(lane.getByText(words)).toBeVisible();
});

test('what went wrong is seen and dismissed also while something lies over the Stage', async () => {
  const ondismiss = vi.fn();
  const notices = createRawSnippet(() => ({
    render: () => '<div role="alert"><button>Dismiss: no answer</button></div>',
    setup: (element) => {
      element.querySelector('button')?.addEventListener('click', ondismiss);
    },
  }));
  const capture = new TestCapture().httpLogin('monsoon-42').open(7, 443);
  const ladder = new LadderState();
  const given = { ...props(capture), notices, ladder, ladders: capture.fold.ladders };
  const { rerender } = await render(Stage, given);
  ladder.open();
  await page
    .getByRole('dialog', { name: 'Ladder' })
    .getByRole('button', { name: /^Dismiss/ })
    .click();
  ladder.close();
  const inspector = new FakeInspector(capture.fold);
  await rerender({ inspector });
  await page
    .getByRole('dialog', { name: 'Inspector' })
    .getByRole('button', { name: /^Dismiss/ })
    .click();
  inspector.isOpen = false;
  await page.getByRole('button', { name: /Other traffic/ }).click();
  await page
    .getByRole('dialog', { name: 'Other traffic' })
    .getByRole('button', { name: /^Dismiss/ })
    .click();
  expect(ondismiss).toHaveBeenCalledTimes(3);
});

test('says of a change in sealed bytes what it was, also where a lent key shows what was inside', async () => {
  const fold = threeLogins();
  const view = fold.view();
  const record = defaultMessage(view.lanes.https);
  if (!record) throw new Error('nothing sealed');
  const { key, connection, direction, start } = record;
  const inside = utf8('POST /api/v1/login HTTP/1.1');
  const field = { name: 'http', label: 'HTTP', range: { start: 0, end: inside.length } };
  const lens: LensView = {
    ...{ lens: 'site', told: undefined, progress: undefined, isBusy: false, isSlow: false },
    look: { key, dissections: [{ source: 'decrypted', bytes: inside, field }] },
    record: (asked) => (asked === key ? { state: 'opened', title: 'POST /api/v1/login' } : undefined),
    ...{ lend: vi.fn(), toggle: vi.fn(), lookAt: vi.fn() },
  };
  const change = {
    ...({ epoch: 1000, seq: 99, time: 1, vantage: 'wire', type: 'attack-acted', attack: 'change' } as const),
    ...{ connection, direction, offset: start + 20, before: Uint8Array.of(0xab), after: Uint8Array.of(0xaa) },
  };
  const dissect = fold.dissect.bind(fold);
  await render(Stage, { ...props(), view, dissect, lens, changed: new Map([[connection, [change]]]) });
  const lane = page.getByRole('region', { name: 'HTTPS', exact: true });
  await expect.element(lane.getByRole('button', { name: 'Decrypted', pressed: true })).toBeVisible();
  await expect
    .element(lane.getByRole('group', { name: 'Changed on the way' }))
    .toHaveTextContent(/sealed: the site received aa instead of ab/);
});

test('calls a hash that a page sent in place of the password what it is', async () => {
  const hash = 'ab'.repeat(32);
  const body = JSON.stringify({ mobile: '9800000012', passwordHash: hash });
  const head = `POST /api/v1/login-hashed HTTP/1.1\r\nHost: piggypay.test\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}`;
  const capture = new TestCapture().open(1, 80).bytes(1, 'client-to-server', utf8(`${head}\r\n\r\n${body}`));
  capture.enter('password', hash, { vantage: 'site', isHash: true });
  await render(Stage, { ...props(capture), isRevealed: true });
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  await expect.element(lane.getByRole('status')).toHaveTextContent(/^Found the password’s hash 1×/);
  await expect.element(lane.getByText('hash', { exact: true })).toBeVisible();
  await expect.element(lane.getByText('password', { exact: true })).not.toBeInTheDocument();
  const cell = page.getByRole('button', { name: /^HTTP Password/ });
  await expect.element(cell).toHaveTextContent(/a hash, sent in its place/);
});

test('logs in with what was typed over the persona’s', async () => {
  const given = props();
  await render(Stage, given);
  await page.getByLabelText('Password (invented)').fill('hunter2x');
  await page.getByRole('button', { name: /Log in on both/ }).click();
  expect(given.onlogin).toHaveBeenCalledExactlyOnceWith('9800000012', 'hunter2x', 'dns');
});

test('is back at the persona when what was typed is cleared', async () => {
  const given = props();
  await render(Stage, given);
  await page.getByLabelText('Password (invented)').fill('hunter2x');
  await expect.element(page.getByLabelText('Password')).toHaveValue('hunter2x');
  given.form.host = 'expired.test';
  given.form.clear();
  expect(given.form.host).toBeUndefined();
  await expect.element(page.getByLabelText('Password (invented)')).toHaveValue('monsoon-42');
});

test.each([
  [1280, 720],
  [1024, 768],
])('stands whole at %i × %i, without scrolling the page', async (width, height) => {
  await page.viewport(width, height);
  await render(Stage, props(new TestCapture().httpLogin('monsoon-42')));
  await expect.element(page.getByRole('button', { name: 'HTTP Requests' })).toBeInViewport({ ratio: 1 });
  expect(document.documentElement.scrollWidth).toBe(width);
});

test.each([
  [853, 480],
  [1024, 576],
  [600, 800],
])('scrolls down at %i × %i rather than cut a lane off, whatever its verdict says', async (width, height) => {
  await page.viewport(width, height);
  const given = props(new TestCapture().httpLogin('monsoon-42').open(7, 443));
  const { lanes } = given.view;
  const http = { ...lanes.http, evictedBytes: 5000, failure: { how: 'cut-off', connection: 1 } as const };
  await render(Stage, { ...given, view: { ...given.view, lanes: { ...lanes, http } } });
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  await expect.element(lane.getByText(/cut off without an answer/)).toBeVisible();
  expect(document.documentElement.scrollWidth).toBe(width);
  const { scrollHeight, clientHeight } = lane.element();
  expect(scrollHeight).toBe(clientHeight);
  const bottom = lane
    .getByText(/cut off without an answer/)
    .element()
    .getBoundingClientRect().bottom;
  expect(bottom).toBeLessThan(lane.element().getBoundingClientRect().bottom);
  const bytes = lane.getByRole('region', { name: /as text/ }).element();
  expect(bytes.clientHeight).toBeGreaterThan(50);
});

test('keeps traffic that is not the login in a drawer, with the reason', async () => {
  const capture = new TestCapture().httpLogin('monsoon-42').open(7, 443);
  await render(Stage, props(capture));
  await page.getByRole('button', { name: /Other traffic \(\d+\)/ }).click();
  await expect.element(page.getByRole('dialog')).toBeVisible();
  const [parked] = capture.fold.view().other;
  if (!parked) throw new Error('nothing was parked');
  await expect.element(page.getByRole('dialog').getByText(parked.reason)).toBeVisible();
  await page.getByRole('button', { name: 'Close other traffic' }).click();
  await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
});

test('has nothing of the victim to press while a recording is shown, says why, and starts anew', async () => {
  const given = { ...props(new TestCapture().httpLogin('monsoon-42')), isRecorded: true, onfiles: vi.fn() };
  await render(Stage, given);
  await expect.element(page.getByRole('button', { name: /Log in on both/ })).toBeDisabled();
  await expect.element(page.getByText(/A recording is shown/)).toBeVisible();
  await userEvent.keyboard('l');
  expect(given.onlogin).not.toHaveBeenCalled();
  // Twice in a row it would begin a capture and forget it.
  await userEvent.keyboard('rr');
  expect(given.onreset).not.toHaveBeenCalled();
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  await expect.element(lane.getByText(/^recorded · /).first()).toBeVisible();
  await expect.element(lane.getByText(/captured/)).not.toBeInTheDocument();
  await page.getByRole('button', { name: 'New live capture' }).click();
  expect(given.onreset).toHaveBeenCalledOnce();
  expect(document.documentElement.scrollWidth).toBe(1280);
});

test('says of an empty recording what is not in it, and promises nothing', async () => {
  await render(Stage, { ...props(), isRecorded: true, hasLab: false });
  await expect.element(page.getByText('In this recording no request went over HTTP.')).toBeVisible();
  await expect.element(page.getByText('the file does not say what was typed').first()).toBeVisible();
  await expect.element(page.getByText('Nothing has crossed yet')).not.toBeInTheDocument();
  await expect.element(page.getByText('piggypay.test')).not.toBeInTheDocument();
});

test('shows one site at a time, and lets another be chosen', async () => {
  const capture = new TestCapture().httpLogin('monsoon-42').open(9, 80, 'own.test');
  capture.bytes(9, 'client-to-server', utf8('GET /elsewhere HTTP/1.1\r\nHost: own.test\r\n\r\n'));
  const onsite = vi.fn();
  const given = { ...props(capture), onsite };
  const { rerender } = await render(Stage, given);
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  const chooser = lane.getByRole('combobox', { name: 'Host in the lanes' });
  await expect.element(chooser).toHaveValue('piggypay.test');
  await expect.element(lane.getByText('GET /elsewhere')).not.toBeInTheDocument();
  await chooser.selectOptions('own.test');
  expect(onsite).toHaveBeenCalledExactlyOnceWith('own.test');
  capture.fold.showSite('own.test');
  await rerender({ view: capture.fold.view() });
  await expect.element(lane.getByRole('option', { name: /GET \/elsewhere/ })).toBeVisible();
  await expect.element(page.getByText('Of own.test alone.')).toBeVisible();
});

test('follows a chat to the line that was said, read without its mask', async () => {
  const capture = new TestCapture()
    .open(4, 80)
    .bytes(4, 'client-to-server', utf8(UPGRADE))
    .bytes(4, 'server-to-client', utf8(SWITCH))
    .bytes(4, 'client-to-server', masked('When are you open?'));
  const given = { ...props(capture), dissectAll: capture.fold.dissectAll.bind(capture.fold) };
  given.choices.http.follow(4);
  await render(Stage, given);
  const lane = page.getByRole('region', { name: 'HTTP', exact: true });
  await expect.element(lane.getByRole('option', { selected: true })).toHaveTextContent('Text “When are you');
  await expect
    .element(
      lane
        .getByRole('region', { name: /as text/ })
        .or(lane.getByLabelText(/as text/))
        .first(),
    )
    .toHaveTextContent('When are you open?');
});
