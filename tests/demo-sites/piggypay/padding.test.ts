import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PADDED_TO, Padding } from '../../../demo-sites/piggypay/padding.ts';
import { PUBLIC_PAGES } from '../../../demo-sites/piggypay/pages/public-pages.ts';
import { type RunningSite, runSite, TWINS } from './running-site.ts';

let running: RunningSite;
beforeAll(async () => (running = await runSite()));
afterEach(() => running.site.reset());
afterAll(() => running.site.close());

const sizeOf = async (path: string) => Buffer.byteLength((await running.ask('https', path)).body);

test('every public page is linked from the start page, and has a length of its own', async () => {
  const { body } = await running.ask('http', '/');
  const sizes = new Set<number>();
  for (const { path, title } of PUBLIC_PAGES) {
    expect(body).toContain(`<a href="${path}">${title}</a>`);
    const shown = await running.ask('http', path);
    expect(shown.status).toBe(200);
    expect(shown.body).toContain(`<h1>${title}</h1>`);
    sizes.add(Buffer.byteLength(shown.body));
  }
  expect(sizes.size).toBe(PUBLIC_PAGES.length);
  expect(PUBLIC_PAGES.length).toBeGreaterThanOrEqual(6);
});

test('while the switch is on every public page is as long as all others, and shows the same', async () => {
  const nonce = /nonce="[^"]*"/g;
  const bare = (await running.ask('http', '/fees')).body.replace(nonce, '');
  const off = running.site.padding.switchOn();
  const sizes = await Promise.all(PUBLIC_PAGES.map(({ path }) => sizeOf(path)));
  expect(new Set(sizes)).toEqual(new Set([PADDED_TO]));
  for (const path of ['/', '/login', '/hashed']) expect((await sizeOf(path)) % PADDED_TO).toBe(0);
  for (const twin of TWINS) {
    const { body, headers } = await running.ask(twin, '/fees');
    expect(headers).not.toHaveProperty('content-encoding');
    expect(headers['content-length']).toBe(String(PADDED_TO));
    expect(body.replace(nonce, '').replace(/<!-- padding: [0-9a-f]+ -->\n$/, '')).toBe(bare);
  }
  off();
  expect((await running.ask('http', '/fees')).body.replace(nonce, '')).toBe(bare);
});

test('whoever wants padding keeps it until they have had enough, or the site is reset', async () => {
  const { padding } = running.site;
  const [one, other] = [padding.switchOn(), padding.switchOn()];
  one();
  one();
  expect(padding.isOn).toBe(true);
  other();
  expect(padding.isOn).toBe(false);
  const before = padding.switchOn();
  await running.site.reset();
  expect(padding.isOn).toBe(false);
  const after = padding.switchOn();
  before();
  expect(padding.isOn).toBe(true);
  after();
});

test.each([0, 1, PADDED_TO - 40, PADDED_TO - 19, PADDED_TO - 18, PADDED_TO, 3 * PADDED_TO])(
  'a page of %i bytes is filled up to the next whole block',
  (length) => {
    const padding = new Padding();
    expect(padding.fill('x'.repeat(length))).toHaveLength(length);
    padding.switchOn();
    const filled = padding.fill('x'.repeat(length));
    expect(filled.startsWith('x'.repeat(length))).toBe(true);
    expect(filled.length % PADDED_TO).toBe(0);
    expect(filled.length - length).toBeLessThan(PADDED_TO + 19);
    expect(padding.fill('é'.repeat(100))).not.toBe(padding.fill('é'.repeat(100)));
    expect(Buffer.byteLength(padding.fill('é'.repeat(100)))).toBe(PADDED_TO);
  },
);
