import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Dissection } from '#dissectors/field.ts';
import Inspector from '../../../dashboard/src/lib/components/inspector/Inspector.svelte';
import { textsToHide } from '../../../dashboard/src/lib/format/mask.ts';
import { shownText } from '../../../dashboard/src/lib/format/shown-text.ts';
import { PERSONA, utf8 } from '../support/bytes.ts';
import { TestCapture } from '../support/capture.ts';
import { FakeInspector } from './fake-inspector.svelte.ts';

beforeEach(async () => {
  await page.viewport(1280, 720);
});

const ROUTE = { name: 'piggypay.test', port: 80, tls: false, address: '127.0.0.1:1', listen: 41_000 };

function setUp(password = 'monsoon-42', more: readonly Dissection[] = [], capture = new TestCapture()) {
  capture.httpLogin(password);
  const inspector = new FakeInspector(capture.fold, more);
  const secrets = textsToHide(capture.entered, PERSONA);
  const { hits, findings } = capture.fold.view().lanes.http;
  const props = (revealed: boolean) => ({
    inspector,
    known: { hits, findings, hiddenTexts: revealed ? [] : secrets, persona: PERSONA, revealed },
    isRecorded: false,
    reach: { routes: [ROUTE], ca: '/tmp/ca.pem' },
    hasHidden: secrets.length > 0,
    shown: (text: string) =>
      shownText(text, { hiddenTexts: revealed ? [] : secrets, persona: PERSONA, revealed }),
    explanationOf: (name: string) =>
      name === 'http.request.method'
        ? { text: 'What the client wants done.', rfc: { number: 9110, section: '9' } }
        : undefined,
    fingerprintOf: () => Promise.resolve(undefined),
    onreveal: vi.fn(),
  });
  const login = inspector.all.findIndex(({ title }) => title.startsWith('POST'));
  return { inspector, props, login, capture };
}

const tree = page.getByRole('tree');
const chosen = page.getByRole('treeitem', { selected: true });
const dump = page.getByRole('region', { name: /^Bytes of/ });
const about = page.getByRole('region', { name: 'The chosen field' });

/** The hex of the bytes that a class marks, in the order of the bytes. */
function bytesMarked(name: string): string {
  const cells = [...document.querySelectorAll(`.hex .${name}`)];
  return cells.map((cell) => (cell.textContent ?? '').trim()).join(' ');
}

/** Sixteen bytes stand in a row once the room is measured, which is with the first frame; fewer before. */
async function measured(): Promise<void> {
  await expect.poll(() => document.querySelector('.row .hex')?.childElementCount).toBe(16);
}

async function cell(offset: number) {
  await measured();
  const find = () => document.querySelector(`.hex [data-offset="${String(offset)}"]`);
  await expect.poll(find).not.toBeNull();
  return page.elementLocator(find() ?? document.body);
}

test('walks the messages with the arrow keys and takes the chosen one apart', async () => {
  const { props } = setUp();
  await render(Inspector, props(false));
  const list = page.getByRole('listbox', { name: 'Messages' });
  (list.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
  await expect
    .element(list.getByRole('option', { selected: true }))
    .toHaveTextContent(/POST \/api\/v1\/login/);
  await expect.element(tree.getByText('Request line')).toBeVisible();
  await expect.element(dump).toHaveAccessibleName('Bytes of POST /api/v1/login, in hex');
});

test('a field that is pointed at shows its bytes, for as long as it is pointed at', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  await tree.getByText('Method').hover();
  await expect.poll(() => bytesMarked('pointed')).toBe('50 4f 53 54');
  await expect.element(about.getByRole('heading')).toHaveTextContent('Method');
  await page.getByRole('heading', { name: 'Inspector' }).hover();
  await expect.poll(() => bytesMarked('pointed')).toBe('');
  await expect.element(about.getByRole('heading')).toHaveTextContent('HTTP request');
});

test('a byte that is pointed at shows its innermost field and opens the way to it', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  // Inside the Host header, which tells its value while it is closed.
  await expect.element(page.getByRole('treeitem', { name: /^Name:\s*Host$/ })).not.toBeInTheDocument();
  await (await cell(30)).hover();
  await expect.element(page.getByRole('treeitem', { name: /^Name:\s*Host$/ })).toBeVisible();
  await expect.element(about).toHaveTextContent(/plainsight\.http\.header_name/);
  await (await cell(30)).click();
  await expect.element(chosen).toHaveTextContent(/Name:\s*Host/);
  await expect.poll(() => bytesMarked('chosen')).toBe('48 6f 73 74');
});

test('the arrow keys step from byte to byte and choose the field of each', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  await measured();
  (dump.element() as HTMLElement).focus();
  await userEvent.keyboard('{Home}{ArrowRight}{ArrowRight}');
  await expect.element(chosen).toHaveTextContent(/Method:\s*POST/);
  await expect.poll(() => bytesMarked('cursor')).toBe('53');
  await userEvent.keyboard('{ArrowDown}');
  await expect.poll(() => document.querySelector('.hex .cursor')?.getAttribute('data-offset')).toBe('18');
  await expect.element(chosen).toHaveTextContent(/Separator/);
});

test('the arrow keys step from field to field, in and out, and the bytes follow', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  (tree.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(chosen).toHaveTextContent('Request line');
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(chosen).toHaveTextContent(/Method/);
  await expect.poll(() => bytesMarked('chosen')).toBe('50 4f 53 54');
  await userEvent.keyboard('{ArrowLeft}');
  await expect.element(chosen).toHaveTextContent('Request line');
  await userEvent.keyboard('{ArrowLeft}');
  await expect.element(chosen).toHaveAttribute('aria-expanded', 'false');
  await expect.element(tree.getByText('Method')).not.toBeInTheDocument();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(chosen).toHaveAttribute('aria-expanded', 'true');
  await userEvent.keyboard('{End}');
  await expect.poll(() => bytesMarked('chosen')).toMatch(/^22 70 61 73 73/);
  await userEvent.keyboard('{Home}');
  await expect.element(chosen).toHaveTextContent('HTTP request');
  expect(tree.element().getAttribute('aria-activedescendant')).toBe(chosen.element().id);
});

test('explains the chosen field: Wireshark’s name, the sentence and where it is written', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  await tree.getByText('Method').click();
  await expect.element(about).toHaveTextContent(/http\.request\.method/);
  await expect.element(about).toHaveTextContent(/What the client wants done\./);
  const link = about.getByRole('link', { name: /RFC 9110, 9/ });
  await expect.element(link).toHaveAttribute('href', 'https://www.rfc-editor.org/rfc/rfc9110#section-9');
  await expect.element(link).toHaveAttribute('target', '_blank');
  await expect.element(link).toHaveAttribute('rel', expect.stringContaining('noopener'));
});

test('opens at given bytes: chooses the innermost field around them and flashes them', async () => {
  const { inspector, props, capture } = setUp();
  const token = capture.fold.view().lanes.http.findings.find(({ kind }) => kind === 'token');
  if (!token) throw new Error('no token was found');
  inspector.open(token);
  await render(Inspector, props(false));
  await expect.element(chosen).toHaveTextContent(/token:\s*eyJhbGciOi\.J9/);
  await expect.poll(() => bytesMarked('flash')).toBe('65 79 4a 68 62 47 63 69 4f 69 2e 4a 39');
});

test('marks what is malformed in words, with the reason, and opens the way to it', async () => {
  const field = {
    name: 'tls.record',
    label: 'TLS record',
    range: { start: 0, end: 3 },
    children: [
      {
        name: 'tls.record.length',
        label: 'Length',
        range: { start: 0, end: 3 },
        malformed: 'Says 9 bytes, 3 are here.',
      },
    ],
  };
  const { inspector, props } = setUp('monsoon-42', [
    { source: 'reassembled', title: 'Cut short', bytes: utf8('abc'), field },
  ]);
  inspector.select(0);
  await render(Inspector, props(false));
  await page.getByRole('tab', { name: /Cut short reassembled/ }).click();
  const item = page.getByRole('treeitem', { name: /Length.*malformed: Says 9 bytes, 3 are here\./ });
  await expect.element(item).toBeVisible();
  await item.click();
  await expect.element(about).toHaveTextContent(/Malformed: Says 9 bytes, 3 are here\./);
});

test('each way to look at a message has its tab, its bytes and the badge of its source', async () => {
  const bytes = utf8('POST /x HTTP/1.1\r\n\r\n');
  const field = { name: 'http', label: 'HTTP request', range: { start: 0, end: bytes.length } };
  const { inspector, props } = setUp('monsoon-42', [{ source: 'decrypted', bytes, field }]);
  inspector.select(0);
  await render(Inspector, props(false));
  const tabs = page.getByRole('tab');
  await expect.element(tabs.nth(0)).toHaveTextContent(/On the wire\s*captured/);
  await expect.element(tabs.nth(1)).toHaveTextContent(/HTTP request\s*decrypted with a lent key/);
  (tabs.nth(0).element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(tabs.nth(1)).toHaveAttribute('aria-selected', 'true');
  await expect.element(dump).toHaveTextContent(/50 4f 53 54 20 2f 78/);
});

test('has what a person typed nowhere in the page but half, in no tab, until it is revealed', async () => {
  const bytes = utf8('{"password":"hunter2-secret"}');
  const field = {
    name: 'json.value.string',
    label: 'password',
    range: { start: 13, end: 27 },
    value: 'hunter2-secret',
  };
  const { inspector, props, login } = setUp('hunter2-secret', [{ source: 'decrypted', bytes, field }]);
  inspector.select(login);
  const { baseElement, rerender } = await render(Inspector, props(false));
  await expect.element(tree.getByText('hunter2•••••••').first()).toBeVisible();
  expect(baseElement.innerHTML).not.toContain('-secret');
  await tree.getByText('hunter2•••••••').first().click();
  await expect.element(about).toHaveTextContent(/stays half hidden/);
  expect(baseElement.innerHTML).not.toContain('-secret');
  await page.getByRole('tab').nth(1).click();
  await expect.element(tree.getByText('hunter2•••••••')).toBeVisible();
  expect(baseElement.innerHTML).not.toContain('-secret');
  for (const name of ['Copy as hex', 'Copy as text']) {
    const button = page.getByRole('button', { name });
    await expect.element(button).toHaveAttribute('aria-disabled', 'true');
    await expect.element(button).toHaveAttribute('title', expect.stringContaining('reveal it first'));
  }
  await rerender(props(true));
  await expect.element(tree.getByText('hunter2-secret')).toBeVisible();
  await expect
    .element(page.getByRole('button', { name: 'Copy as hex' }))
    .toHaveAttribute('aria-disabled', 'false');
});

test('copies the bytes as hex, as text and as a command line, and nothing that is hidden', async () => {
  const written: string[] = [];
  vi.spyOn(navigator.clipboard, 'writeText').mockImplementation((text) => {
    written.push(text);
    return Promise.resolve();
  });
  const { inspector, props, login } = setUp();
  inspector.select(login);
  // It is said for a moment only, which ends when this test says so.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { rerender } = await render(Inspector, props(false));
  await page.getByRole('button', { name: 'Copy as hex' }).click();
  await page.getByRole('button', { name: 'Copy as text' }).click();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await expect.poll(() => written).toHaveLength(3);
  expect(written[0]).toMatch(/^50 4f 53 54 20 2f 61 70 69/);
  expect(written[1]).toMatch(/^POST \/api\/v1\/login HTTP\/1\.1\nHost: piggypay\.test\n/);
  expect(written[2]).toMatch(
    /^curl 'http:\/\/piggypay\.test\/api\/v1\/login' \\\n {2}--connect-to '::127\.0\.0\.1:41000' /,
  );
  const said = page.getByText('Copied', { exact: true });
  await expect.poll(() => said.elements()).toHaveLength(3);
  vi.advanceTimersByTime(2000);
  await expect.poll(() => said.elements()).toHaveLength(0);
  vi.useRealTimers();

  await rerender({ reach: undefined });
  const refused = page.getByRole('button', { name: 'Copy as curl' });
  await expect.element(refused).toHaveAttribute('aria-disabled', 'true');
  await expect.element(refused).toHaveAccessibleDescription(/would lead out of this machine/);

  const hiding = setUp('hunter2-secret');
  hiding.inspector.select(hiding.login);
  await render(Inspector, hiding.props(false));
  await page.getByRole('button', { name: 'Copy as curl' }).last().click({ force: true });
  await page.getByRole('button', { name: 'Copy as text' }).last().click({ force: true });
  expect(written).toHaveLength(3);
});

test('narrows the list, says how much is left, and clears again', async () => {
  const { inspector, props } = setUp();
  await render(Inspector, props(false));
  const count = page.getByRole('search').getByRole('status');
  await expect.element(count).toHaveTextContent('4 of 4');
  await page.getByLabelText('Find in titles and bytes').fill('POST');
  await expect.element(count).toHaveTextContent('1 of 4');
  expect(inspector.filters.at(-1)).toEqual({ text: 'POST' });
  await page.getByLabelText('Lane').selectOptions('HTTPS');
  await expect.element(count).toHaveTextContent('0 of 4');
  expect(inspector.filters.at(-1)).toEqual({ text: 'POST', lane: 'https' });
  await expect.element(page.getByText('No message matches.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect.element(count).toHaveTextContent('4 of 4');
  expect(inspector.filter).toEqual({});
  await expect.element(page.getByLabelText('Find in titles and bytes')).toHaveValue('');
});

test('narrows to one connection from its list, and back to all', async () => {
  const { inspector, props } = setUp();
  await render(Inspector, props(false));
  const list = page.getByRole('listbox', { name: 'Connections' });
  await list.getByText('piggypay.test:80').click();
  expect(inspector.filter).toEqual({ connection: 1 });
  (list.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowUp}');
  expect(inspector.filter).toEqual({});
  await page.getByLabelText('Filter connections').fill('nowhere');
  await expect.element(page.getByText(/No connection is called that/)).toBeVisible();
});

test('closes with Escape and gives the focus back', async () => {
  const { inspector, props } = setUp();
  const before = document.createElement('button');
  document.body.append(before);
  before.focus();
  await render(Inspector, props(false));
  await expect.element(page.getByRole('dialog', { name: 'Inspector' })).toBeVisible();
  await userEvent.keyboard('{Escape}');
  await expect.poll(() => inspector.isOpen).toBe(false);
  expect(document.activeElement).toBe(before);
  before.remove();
});

test('says what to do when nothing has crossed and when nothing is chosen', async () => {
  const empty = new FakeInspector(new TestCapture().fold);
  const { props } = setUp();
  const { rerender } = await render(Inspector, { ...props(false), inspector: empty });
  await expect.element(page.getByText('Nothing has crossed yet.')).toBeVisible();
  await rerender(props(false));
  await expect.element(page.getByText('Choose a message')).toBeVisible();
});

test('shows the fingerprints of a ClientHello, and nothing where there are none', async () => {
  const { inspector, props } = setUp();
  const bytes = utf8('x');
  const field = { name: 'tls', label: 'TLS', range: { start: 0, end: 1 } };
  const [message] = inspector.all;
  if (!message) throw new Error('nothing was captured');
  const given = {
    ...props(false),
    inspector: {
      ...{ isOpen: true, total: 1, matching: 1, isCatchingUp: false, connections: [], hosts: [], filter: {} },
      ...{ rows: { from: 0, rows: [] }, selectedIndex: 0, focus: undefined },
      selected: { ...message, title: 'ClientHello', protocol: 'tls' as const },
      dissections: [{ source: 'wire' as const, bytes, field }],
      ...{ open: vi.fn(), close: vi.fn(), setFilter: vi.fn(), show: vi.fn(), select: vi.fn() },
    },
    fingerprintOf: (connection: number) =>
      Promise.resolve({ ja3: 'j3'.repeat(16), ja4: `t13d${String(connection)}` }),
  };
  const { rerender } = await render(Inspector, given);
  await expect.element(page.getByText('j3'.repeat(16))).toBeVisible();
  await expect.element(page.getByText('t13d1')).toBeVisible();
  await rerender({ fingerprintOf: () => Promise.resolve(undefined) });
  await expect.element(page.getByText('JA3')).not.toBeInTheDocument();
});

test('tells the messages of different connections apart, and what the arrows mean', async () => {
  const { props } = setUp();
  await render(Inspector, props(false));
  const row = page.getByRole('option', { name: /POST \/api\/v1\/login/ });
  await expect.element(row).toHaveTextContent(/connection\s*1\s*piggypay\.test.*to the site:/);
  await expect.element(row).toHaveTextContent(/\d+ bytes$/);
  const messages = page.getByRole('region', { name: 'Messages' });
  await expect.element(messages.getByText('s since the capture began')).toBeVisible();
  await expect.element(messages.getByText('→ to the site, ← to the victim')).toBeVisible();
});

test('sets no bytes off before a field is chosen, nor for the field that holds them all', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  await expect.element(chosen).toHaveTextContent('HTTP request');
  expect(bytesMarked('chosen')).toBe('');
  await tree.getByText('Method').click();
  await expect.poll(() => bytesMarked('chosen')).toBe('50 4f 53 54');
});

test('lists what only holds others apart when all bytes are asked for, or when one is stepped to', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  await expect.element(tree.getByText('Method')).toBeVisible();
  expect(tree.getByText(/Separator|Line end|Punctuation/).elements()).toEqual([]);
  await (await cell(4)).click();
  await expect.element(chosen).toHaveTextContent('Separator');
  await tree.getByText('Method').click();
  await expect.poll(() => tree.getByText('Separator').elements()).toEqual([]);
  const toggle = page.getByRole('button', { name: 'All bytes' });
  await toggle.click();
  await expect.element(toggle).toHaveAttribute('aria-pressed', 'true');
  await expect.element(tree.getByText('Line end').first()).toBeVisible();
  // It stays as it is with the next message.
  inspector.select(0);
  await expect.element(tree.getByText('Line end').first()).toBeVisible();
});

test('tells what was captured in the face of data, and what is said of it in that of text', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  const family = (text: string) =>
    getComputedStyle(tree.getByText(text, { exact: true }).element()).fontFamily;
  document.documentElement.style.setProperty('--mono', 'monospace');
  await expect.element(tree.getByText('POST', { exact: true })).toBeVisible();
  expect(family('POST')).toContain('mono');
  const meaning = tree.element().querySelector('.meaning');
  if (!meaning) throw new Error('nothing is said of any field');
  expect(getComputedStyle(meaning).fontFamily).not.toContain('mono');
});

test('offers to copy a name only where Wireshark knows it', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  const copy = page.getByRole('button', { name: 'Copy the Wireshark name' });
  await tree.getByText('Method').click();
  await expect.element(copy).toBeVisible();
  await (await cell(4)).click();
  await expect.element(about).toHaveTextContent(/plainsight\.separator/);
  await expect.element(copy).not.toBeInTheDocument();
});

test('half-hides what nobody told was typed, in title, tree and bytes, with one way to reveal it', async () => {
  const capture = new TestCapture()
    .open(7, 80)
    .bytes(7, 'client-to-server', utf8('GET /in?password=hunter2-secret HTTP/1.1\r\nHost: own.test\r\n\r\n'));
  const { inspector, props } = setUp('monsoon-42', [], capture);
  const index = inspector.all.findIndex(({ title }) => title.includes('/in'));
  inspector.select(index);
  const { baseElement, rerender } = await render(Inspector, props(false));
  await expect.element(tree.getByText('hunter2•••••••').first()).toBeVisible();
  expect(baseElement.innerHTML).not.toContain('-secret');
  expect(page.getByRole('button', { name: 'Reveal' }).elements()).toHaveLength(1);
  await rerender(props(true));
  await expect.element(page.getByRole('option', { name: /hunter2-secret/ })).toBeVisible();
  expect(page.getByRole('button', { name: 'Hide' }).elements()).toHaveLength(1);
});

test('has no way to reveal where nothing is hidden', async () => {
  const { inspector, props, login } = setUp();
  inspector.select(login);
  await render(Inspector, props(false));
  await expect.element(tree.getByText('monsoon-42').first()).toBeVisible();
  expect(page.getByRole('button', { name: 'Reveal' }).elements()).toEqual([]);
});

test('the lists take all the room until a message is chosen, and as much as one gives them then', async () => {
  const { inspector, props, login } = setUp();
  await render(Inspector, props(false));
  const list = page.getByRole('listbox', { name: 'Messages' });
  const height = () => list.element().clientHeight;
  await expect.element(page.getByText('Choose a message')).toBeVisible();
  await expect.poll(height).toBeGreaterThan(400);
  inspector.select(login);
  const divider = page.getByRole('separator', { name: 'Height of the lists' });
  await expect.element(divider).toHaveAttribute('aria-valuenow', '42');
  const before = height();
  expect(before).toBeLessThan(300);
  (divider.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown}');
  await expect.element(divider).toHaveAttribute('aria-valuenow', '52');
  expect(height()).toBeGreaterThan(before + 40);
  await userEvent.keyboard('{Home}');
  await expect.element(divider).toHaveAttribute('aria-valuenow', '15');
  await userEvent.dragAndDrop(divider, page.getByRole('tree'));
  await expect.poll(() => Number(divider.element().getAttribute('aria-valuenow'))).toBeGreaterThan(40);
});

test('dims the connections that the filter leaves nothing of, and counts in the others', async () => {
  const { inspector, props } = setUp();
  const given = Object.assign(inspector, { matches: new Map([[1, 1]]) });
  const { rerender } = await render(Inspector, { ...props(false), inspector: given });
  const entry = page.getByRole('option', { name: /piggypay\.test:80/ });
  await expect.element(entry).toHaveTextContent(/1 of 4 messages/);
  await rerender({
    inspector: Object.assign(new FakeInspector(new TestCapture().httpLogin('x').fold), {
      matches: new Map(),
    }),
  });
  await expect.element(entry).toHaveTextContent(/0 of 4 messages/);
});
