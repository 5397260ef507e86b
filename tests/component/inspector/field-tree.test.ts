import { expect, test } from 'vitest';
import type { Field } from '#dissectors/field.ts';
import {
  ancestorPaths,
  fieldAt,
  pathOfByte,
  pathOfRange,
} from '../../../dashboard/src/lib/format/inspector/field-path.ts';
import { fieldWords } from '../../../dashboard/src/lib/format/inspector/field-words.ts';
import { isNoise } from '../../../dashboard/src/lib/format/inspector/noise.ts';
import { openAtFirst, treeRows } from '../../../dashboard/src/lib/format/inspector/tree-rows.ts';
import { visibleText } from '../../../dashboard/src/lib/format/code-point.ts';
import { conceal } from '../../../dashboard/src/lib/format/mask.ts';
import { utf8 } from '../support/bytes.ts';
import { TestCapture } from '../support/capture.ts';

function field(label: string, start: number, end: number, more: Partial<Field> = {}): Field {
  return { name: `test.${label}`, label, range: { start, end }, ...more };
}

/** a(b(c, d), e(f)), of ten bytes. */
const tree = field('a', 0, 10, {
  children: [
    field('b', 0, 6, { children: [field('c', 0, 2), field('d', 2, 6)] }),
    field('e', 6, 10, { children: [field('f', 6, 10)] }),
  ],
});

function login(): { root: Field; bytes: Uint8Array } {
  const { fold } = new TestCapture().httpLogin('hunter2-secret');
  const message = fold.view().lanes.http.messages.find(({ title }) => title.startsWith('POST'));
  if (!message) throw new Error('the login was not captured');
  const { field: root, bytes } = fold.dissect(message);
  return { root, bytes };
}

test('every byte of a message has an innermost field, which holds it and has no children', () => {
  const { root, bytes } = login();
  for (const [offset] of bytes.entries()) {
    const found = fieldAt(root, pathOfByte(root, offset) ?? 'none');
    expect(found?.children).toBeUndefined();
    expect(found?.range.start).toBeLessThanOrEqual(offset);
    expect(found?.range.end).toBeGreaterThan(offset);
  }
  expect(pathOfByte(root, bytes.length)).toBeUndefined();
});

test('a range belongs to the innermost field that holds all of it', () => {
  expect(pathOfRange(tree, { start: 1, end: 4 })).toBe('0');
  expect(pathOfRange(tree, { start: 5, end: 7 })).toBe('');
  expect(pathOfRange(tree, { start: 6, end: 10 })).toBe('1.0');
  expect(pathOfRange(tree, { start: 6, end: 11 })).toBeUndefined();
  expect(ancestorPaths('1.0')).toEqual(['', '1']);
});

test('rows stand in the order of the tree, and closed fields keep what is in them', () => {
  const labels = (isOpen: (path: string) => boolean) =>
    treeRows(tree, isOpen).map(({ field: { label }, level, place, siblings }) => [
      label,
      level,
      place,
      siblings,
    ]);
  expect(labels(() => true)).toEqual([
    ['a', 1, 1, 1],
    ['b', 2, 1, 2],
    ['c', 3, 1, 2],
    ['d', 3, 2, 2],
    ['e', 2, 2, 2],
    ['f', 3, 1, 1],
  ]);
  expect(labels((path) => path !== '0').map(([label]) => label)).toEqual(['a', 'b', 'e', 'f']);
});

test('opens at first what fits a screen, and not what tells its content while it is closed', () => {
  const { root } = login();
  const open = openAtFirst(root);
  const labels = treeRows(root, (path) => open.has(path)).map(({ field: { label } }) => label);
  expect(labels).toContain('Method');
  expect(labels).toContain('password');
  expect(labels.length).toBeLessThanOrEqual(30);
  expect(
    treeRows(root, (path) => open.has(path)).find(({ field: { label } }) => label === 'Host')?.isOpen,
  ).toBe(false);
});

test('opens the way to what is malformed, however deep', () => {
  let deep: Field = field('broken', 0, 1, { malformed: 'Cut short.' });
  for (let level = 0; level < 6; level += 1) {
    const beside = Array.from({ length: 20 }, (_, index) => field(String(index), 1, 1));
    deep = field('group', 0, 1, { value: 'closed', children: [deep, ...beside] });
  }
  const open = openAtFirst(deep);
  expect(treeRows(deep, (path) => open.has(path)).map(({ field: { label } }) => label)).toContain('broken');
});

test('says of hidden bytes what is shown of them, whatever the field would repeat', () => {
  const bytes = utf8('p=hunter2-secret');
  const marks = [{ kind: 'password' as const, start: 2, end: 16, hidden: { start: 9, end: 16 } }];
  const shown = (text: string) => visibleText(conceal(text, ['hunter2-secret']));
  const words = (more: Partial<Field>) => fieldWords(field('p', 0, 16, more), bytes, marks, shown);
  expect(words({ value: 'p=hunter2-secret' }).says).toBe('p=hunter2•••••••');
  expect(words({ value: 17, meaning: 'hunter2-secret' })).toEqual({
    ...{ label: 'p', says: 'p=hunter2•••••••', value: 'p=hunter2•••••••', isHidden: true },
    data: 'p=hunter2•••••••',
  });
  const children = [field('c', 0, 16)];
  expect(words({ value: 'hunter2-secret', children }).says).toBe('hunter2•••••••');
  expect(words({ value: 'in other words', children }).says).toBe('');
  // Far from the hidden bytes, a title may still repeat them.
  const far = fieldWords(field('t', 0, 2, { value: 'hunter2-secret' }), bytes, marks, shown);
  expect(far).toMatchObject({ value: 'hunter2•••••••', isHidden: false });
});

test('shows numbers in both bases and nothing that hides or moves', () => {
  const shown = visibleText;
  const bytes = utf8('ab');
  expect(fieldWords(field('n', 0, 2, { value: 771, meaning: 'TLS 1.2' }), bytes, [], shown)).toMatchObject({
    says: 'TLS 1.2',
    value: '771 (0x303)',
  });
  const text = fieldWords(field('t', 0, 2, { value: '\u202eab', malformed: 'x\u0007' }), bytes, [], shown);
  expect(text).toMatchObject({ value: 'U+202Eab', malformed: 'x\\x07' });
});

test('leaves out what only holds others apart, unless it is asked for or broken', () => {
  const { root } = login();
  const labels = treeRows(
    root,
    () => true,
    (one) => !isNoise(one),
  ).map(({ field: { label } }) => label);
  expect(labels).toContain('password');
  expect(labels.filter((label) => /Separator|Line end|Punctuation|Quote/.test(label))).toEqual([]);
  expect(isNoise(field('Cipher suites length', 0, 2))).toBe(true);
  expect(isNoise(field('Length', 0, 2, { malformed: 'Too long.' }))).toBe(false);
  expect(isNoise(field('Wavelength', 0, 2))).toBe(false);
  const rows = treeRows(
    tree,
    () => true,
    (one) => one.label !== 'f' && one.label !== 'c',
  );
  expect(rows.map((row) => [row.field.label, row.path, row.place, row.siblings, row.isOpen])).toEqual([
    ['a', '', 1, 1, true],
    ['b', '0', 1, 2, true],
    ['d', '0.1', 1, 1, undefined],
    ['e', '1', 2, 2, undefined],
  ]);
});

test('tells what was captured from what is said about it', () => {
  const bytes = utf8('0123456789abcdef');
  const words = (more: Partial<Field>) => fieldWords(field('x', 0, 4, more), bytes, [], visibleText);
  expect(words({ value: '30313233', meaning: 'Fresh for every handshake.' })).not.toHaveProperty('data');
  expect(words({ value: '30313233' }).data).toBe('30313233');
  expect(words({ value: 771, meaning: 'TLS 1.2' })).toMatchObject({
    data: '771 (0x303)',
    meaning: 'TLS 1.2',
  });
  expect(words({ meaning: 'Sealed.' })).not.toHaveProperty('data');
});
