import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { withoutTls } from '../../../proxy/interception/strip-fields.ts';
import { isStrippable, StrippedText } from '../../../proxy/interception/strip-text.ts';

const HOST = 'bank.test';
const PAGE = [
  '<a href="https://bank.test">home</a> ₹ <a href="https://bank.test:443/account?from=https://bank.test">',
  'https://bank.test:8443/ https://bank.test.other.test/ https:\\/\\/bank.test\\/x wss://bank.test/support',
  'https://bank.testhttps://bank.test https://bank.tes https://bank.test',
].join('\n');

async function through(chunks: readonly Buffer[]): Promise<{ out: string; changed: string[] }> {
  const changed: string[] = [];
  const stripping = new StrippedText(HOST, (before) => changed.push(...before.split('\n')));
  const out = text(stripping);
  for (const chunk of chunks) stripping.write(chunk);
  stripping.end();
  return { out: await out, changed };
}

test('changes the same, wherever it is cut in two', async () => {
  const page = Buffer.from(PAGE);
  const whole = await through([page]);
  expect(whole.out).toBe(withoutTls(PAGE, HOST));
  expect(whole.out).not.toBe(PAGE);
  for (let at = 0; at <= page.length; at += 1)
    expect(await through([page.subarray(0, at), page.subarray(at)]), `cut at ${at}`).toEqual(whole);
});

test('and byte for byte', async () => {
  const page = Buffer.from(PAGE);
  const single = await through([...page].map((byte) => Buffer.from([byte])));
  expect(single).toEqual(await through([page]));
  expect(single.changed).toHaveLength(7);
});

test('keeps no more back than about one address, and lets bytes that are no text pass as they are', async () => {
  const stripping = new StrippedText(HOST, () => undefined);
  let passed = 0;
  stripping.on('data', (chunk: Buffer) => (passed += chunk.length));
  const chunk = Buffer.alloc(
    10_000,
    Uint8Array.from({ length: 256 }, (_value, index) => index),
  );
  stripping.write(chunk);
  expect(passed).toBeGreaterThan(chunk.length - 60);
  const { out } = await through([Buffer.from('é₹\u{1f437}'), Buffer.from('https://bank.test/é')]);
  expect(out).toBe('é₹\u{1f437}http://bank.test/é');
});

test.each([
  ['text/html; charset=utf-8', undefined, true],
  ['application/json', 'identity', true],
  ['text/javascript', undefined, true],
  ['application/manifest+json', undefined, true],
  ['text/html', 'gzip', false],
  ['image/png', undefined, false],
  [undefined, undefined, false],
])('what is text and not encoded is looked through: %s, %s', (type, coding, isText) => {
  expect(isStrippable(type, coding)).toBe(isText);
});
