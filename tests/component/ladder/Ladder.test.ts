import { createRawSnippet } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { CaptureFold } from '#folds/capture.ts';
import type { LentRecord } from '#folds/lent-record.ts';
import Ladder from '../../../dashboard/src/lib/components/ladder/Ladder.svelte';
import { LadderState } from '../../../dashboard/src/lib/state/ladder.svelte.ts';
import { utf8 } from '../support/bytes.ts';
import tls13 from '../../vectors/tls13-login.hex?raw';
import { TestCapture } from '../support/capture.ts';
import { play, threeLogins } from './capture.ts';
import { misled } from './misled.ts';

beforeEach(async () => {
  await page.viewport(1280, 720);
});

function setUp(fold: CaptureFold = threeLogins()) {
  const state = new LadderState();
  state.open();
  const oninspect = vi.fn();
  const props = {
    ...{ state, ladders: fold.ladders, view: fold.view(), isRecorded: false, oninspect },
    shown: (text: string) => text.replaceAll('monsoon', '•••••••'),
  };
  return { state, oninspect, props };
}

const left = page.getByRole('region', { name: 'Left ladder' });
const right = page.getByRole('region', { name: 'Right ladder' });
const detail = page.getByRole('region', { name: 'The chosen step' });
const step = (name: RegExp) => page.getByRole('button', { name });

function current(): string | null | undefined {
  return document.querySelector('[aria-current="step"]')?.getAttribute('aria-label');
}

test('puts the newest login over HTTP beside that over HTTPS, round trips counted', async () => {
  await render(Ladder, setUp().props);
  await expect.element(left.getByRole('heading')).toHaveTextContent('HTTP');
  await expect.element(left).toHaveTextContent(/1 round trip before the first request/);
  await expect.element(right.getByRole('heading')).toHaveTextContent('TLS 1.3');
  await expect.element(right).toHaveTextContent(/2 round trips before the first request/);
  await expect.element(right).toHaveTextContent(/TCP 1 \(not captured\) \+ TLS handshake 1/);
  await expect.element(page.getByText('No handshake: nobody proves who he is')).toBeVisible();
});

test('puts TLS 1.2 beside TLS 1.3, and marks in words what only one of them seals', async () => {
  await render(Ladder, setUp().props);
  await page.getByRole('button', { name: 'TLS 1.2 beside TLS 1.3' }).click();
  await expect.element(left.getByRole('heading')).toHaveTextContent('TLS 1.2');
  await expect.element(left).toHaveTextContent(/3 round trips/);
  await expect.element(step(/Site to Victim: Certificate,/)).toHaveTextContent(/sealed in TLS 1\.3/);
  await expect.element(step(/The rest of the handshake/)).toHaveTextContent(/in clear in TLS 1\.2/);
  await expect.element(step(/ServerKeyExchange/)).not.toHaveTextContent(/TLS 1\.3/);
});

test('says why two versions cannot be compared when one of them is missing', async () => {
  const { props, state } = setUp(new TestCapture().httpLogin('monsoon-42').fold);
  await render(Ladder, props);
  const versions = page.getByRole('button', { name: 'TLS 1.2 beside TLS 1.3' });
  await expect.element(versions).toHaveAttribute('aria-disabled', 'true');
  await expect.element(versions).toHaveAccessibleDescription(/Needs a connection of TLS 1\.2/);
  await versions.click({ force: true });
  expect(state.mode).toBe('login');
});

test('shows any connection on either side, and keeps the other', async () => {
  await render(Ladder, setUp().props);
  const choice = page.getByLabelText('Connection of the left ladder');
  await choice.selectOptions('#2 piggypay.test:443 · TLS 1.2 · scripted victim');
  await expect.element(left.getByRole('heading')).toHaveTextContent('TLS 1.2');
  await expect.element(right.getByRole('heading')).toHaveTextContent('TLS 1.3');
});

test('opens the bytes of an arrow by click and by Enter, and nothing where none were captured', async () => {
  const { props, oninspect } = setUp();
  await render(Ladder, props);
  await step(/POST \/api\/v1\/login/).click();
  expect(oninspect).toHaveBeenLastCalledWith({
    ...{ connection: 1, direction: 'client-to-server', start: 68, end: 243 },
  });
  await step(/Victim to Site: ClientHello/).click();
  expect(oninspect).toHaveBeenLastCalledWith(expect.objectContaining({ connection: 3, start: 5 }));
  await userEvent.keyboard('{Enter}');
  expect(oninspect).toHaveBeenCalledTimes(3);
  const connect = step(/TCP connect/).first();
  await expect.element(connect).toHaveAttribute('aria-disabled', 'true');
  await connect.click({ force: true });
  expect(oninspect).toHaveBeenCalledTimes(3);
});

test('is walked by the arrow keys, down a ladder and over to the other', async () => {
  await render(Ladder, setUp().props);
  await expect.poll(current).toMatch(/^Step 1, Victim to Site: TCP connect/);
  await userEvent.keyboard('{ArrowRight}{ArrowDown}');
  expect(current()).toMatch(/^Step 2, Victim to Site: ClientHello/);
  await expect.element(detail).toHaveTextContent(/names piggypay\.test and offers/);
  await userEvent.keyboard('{End}');
  expect(current()).toMatch(/Alert/);
  await userEvent.keyboard('{Home}{ArrowUp}');
  expect(current()).toMatch(/^Step 1,/);
  expect(document.activeElement?.getAttribute('aria-label')).toBe(current());
  await userEvent.keyboard('{ArrowLeft}{ArrowDown}');
  expect(current()).toMatch(/GET \/login/);
});

test('reads each step as a sentence of its own', async () => {
  await render(Ladder, setUp().props);
  await expect
    .element(step(/The rest of the handshake/))
    .toHaveAccessibleName(
      /^Step 5, Site to Victim: The rest of the handshake, 656 \w+, sealed, guessed from its place: .*Certificate.*, .* later\. In this place/,
    );
  await expect
    .element(step(/TCP connect/).first())
    .toHaveAccessibleName(/, not captured, .*drawn, not captured\.$/);
});

test('explains the step that is pointed at, with the badge of how it is known', async () => {
  const { props } = setUp();
  const { rerender } = await render(Ladder, props);
  await step(/POST \/api\/v1\/login/).hover();
  await expect.element(detail).toHaveTextContent(/175 \w+.*captured.*asks in plain text/);
  await rerender({ isRecorded: true });
  await expect.element(detail).toHaveTextContent(/recorded/);
  await step(/TCP connect/)
    .first()
    .hover();
  await expect.element(detail).toHaveTextContent(/not captured/);
});

test('shows what a lent key opens in place, and seals it again', async () => {
  const { props } = setUp();
  const opened: LentRecord = { state: 'opened', title: 'Finished, from the inside' };
  const lentRecord = (key: string) => (key === '3:client-to-server:253' ? opened : undefined);
  const { rerender } = await render(Ladder, { ...props, lentRecord });
  const lent = step(/decrypted with a lent key: Finished, from the inside/);
  await expect.element(lent).toHaveTextContent(/Finished, from the inside.*decrypted with a lent key/);
  await expect.element(step(/The rest of the handshake/)).not.toHaveTextContent(/lent key/);
  await rerender({ lentRecord: () => undefined });
  await expect.element(lent).not.toBeInTheDocument();
});

test('hides what a person typed wherever a step would say it', async () => {
  const capture = new TestCapture().open(1, 80);
  capture.bytes(
    ...([1, 'client-to-server'] as const),
    new TextEncoder().encode('GET /login?password=monsoon HTTP/1.1\r\nHost: piggypay.test\r\n\r\n'),
  );
  const { props } = setUp(capture.fold);
  const { baseElement } = await render(Ladder, props);
  await expect.element(step(/GET \/login\?password=•••••••/)).toBeInTheDocument();
  expect(baseElement.innerHTML).not.toContain('monsoon');
});

test('says what to do when nothing has crossed, and closes with Escape', async () => {
  const { props, state } = setUp(new TestCapture().fold);
  const before = document.createElement('button');
  document.body.append(before);
  before.focus();
  await render(Ladder, props);
  await expect.element(page.getByText('Nothing has crossed yet.')).toBeVisible();
  await userEvent.keyboard('{Escape}');
  await expect.poll(() => state.isOpen).toBe(false);
  expect(document.activeElement).toBe(before);
  before.remove();
});

test('leaves the focus where it is when the first arrows come', async () => {
  const capture = new TestCapture();
  const { rerender } = await render(Ladder, setUp(capture.fold).props);
  const out = page.getByRole('button', { name: 'Close the ladder' });
  (out.element() as HTMLElement).focus();
  capture.httpLogin('monsoon-42');
  await rerender({ ladders: capture.fold.ladders, view: capture.fold.view() });
  await expect.element(step(/POST \/api\/v1\/login/)).toBeVisible();
  await expect.element(out).toHaveFocus();
});

test('marks the arrow of what the stranger changed on the way, in words', async () => {
  const { props } = setUp(new TestCapture().httpLogin('monsoon-42').fold);
  const deed = { epoch: 1000, seq: 99, time: 1, vantage: 'wire', type: 'attack-acted' } as const;
  const place = { attack: 'change', connection: 1, direction: 'client-to-server', offset: 60 } as const;
  const bytes = { before: new Uint8Array([1]), after: new Uint8Array([2]) };
  await render(Ladder, { ...props, changed: new Map([[1, [{ ...deed, ...place, ...bytes }]]]) });
  await expect
    .element(step(/POST \/api\/v1\/login.*Changed on the way/))
    .toHaveTextContent('changed on the way');
  await expect.element(step(/: GET \//)).not.toHaveTextContent('changed on the way');
});

test('tells a forged answer from the one that came too late, and leads to the stranger', async () => {
  const { props, state } = setUp(misled());
  state.choose('left', 2, {});
  await render(Ladder, props);
  const forged = step(/Stranger to Victim: Response A piggypay\.test.*the stranger’s answer, 127\.0\.0\.66/);
  await expect.element(forged).toHaveTextContent('the stranger’s answer');
  const late = step(/Resolver to Victim: Response A piggypay\.test.*came too late, 127\.0\.0\.1,/);
  await expect.element(late).toHaveTextContent('came too late');
  await expect.element(step(/Victim to Stranger: GET \//)).toBeVisible();
  await expect.element(step(/Changed on the way/)).not.toBeInTheDocument();
});

test('draws what the stranger answers itself between two, and the look-up before it past the stranger', async () => {
  const { props, state } = setUp(misled());
  state.choose('left', 2, {});
  const { container } = await render(Ladder, props);
  await expect.element(step(/Victim to Stranger: GET \//)).toBeVisible();
  const heads = [...container.querySelectorAll('.actors.left span')].map(({ textContent }) => textContent);
  expect(heads).toEqual(['Victim', '', 'Stranger']);
  const width = (name: RegExp) =>
    step(name).element().querySelector('.arrow')?.getBoundingClientRect().width ?? 0;
  const whole = width(/Victim to Stranger: GET \//);
  expect(width(/Victim to Resolver: Query/)).toBeCloseTo(whole, 0);
  // From where the stranger stands.
  expect(width(/Stranger to Victim: Response/)).toBeCloseTo(whole / 2, 0);
});

test('has no second stranger, and room for every title, beside another ladder at 1024 pixels', async () => {
  await page.viewport(1024, 768);
  const capture = new TestCapture();
  play(capture, 1, tls13, { opener: 'stranger', hop: 'onward' });
  const { props, state } = setUp(capture.fold);
  state.choose('right', 1, { left: 1 });
  const { container } = await render(Ladder, props);
  await expect.element(right.getByRole('heading')).toHaveTextContent('TLS 1.3');
  const heads = [...container.querySelectorAll('.actors.right span')].map(({ textContent }) => textContent);
  expect(heads).toEqual(['Stranger', '', 'Site']);
  const titles = [...container.querySelectorAll<HTMLElement>('[data-step] b')];
  expect(titles.length).toBeGreaterThan(20);
  const cut = titles.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
  expect(cut.map(({ textContent }) => textContent)).toEqual([]);
});

test('follows the newest arrow while one steps, unless one has scrolled away from it', async () => {
  const stepBar = createRawSnippet(() => ({ render: () => '<p>step</p>' }));
  const capture = new TestCapture().open(1, 80);
  const ask = (): void => {
    capture
      .bytes(1, 'client-to-server', utf8('GET / HTTP/1.1\r\nHost: piggypay.test\r\n\r\n'))
      .bytes(1, 'server-to-client', utf8('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
  };
  const now = () => ({ ladders: capture.fold.ladders, view: capture.fold.view() });
  for (let turn = 0; turn < 12; turn++) ask();
  const { rerender, container } = await render(Ladder, { ...setUp(capture.fold).props, stepBar });
  const newest = () => page.elementLocator([...container.querySelectorAll('[data-step]')].at(-1) as Element);
  const ladder = container.querySelector('.ladders') as HTMLElement;
  await expect.element(newest()).not.toBeInViewport();
  ladder.scrollTop = ladder.scrollHeight;
  await expect.element(newest()).toBeInViewport();
  for (let turn = 0; turn < 3; turn++) {
    ask();
    await rerender(now());
    await expect.element(newest()).toBeInViewport();
  }
  // The ladder listens since it was drawn, so it has looked where the newest arrow is before this hears of it. An end
  // of scrolling may still be told of an earlier scroll.
  const isScrolled = new Promise((resolve) => ladder.addEventListener('scroll', resolve, { once: true }));
  ladder.scrollTop = 0;
  await isScrolled;
  ask();
  await rerender(now());
  await expect.element(newest()).not.toBeInViewport();
});
