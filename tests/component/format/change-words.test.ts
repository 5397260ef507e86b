import { expect, test } from 'vitest';
import { differenceOf } from '../../../dashboard/src/lib/format/attacks/difference.ts';
import { changeWords } from '../../../dashboard/src/lib/format/change-words.ts';
import { utf8 } from '../support/bytes.ts';

const asIs = (text: string) => text;
const words = (before: string, after: string, shown: ((text: string) => string) | undefined = asIs) =>
  changeWords(differenceOf(utf8(before), utf8(after), shown));

test('is what differs, and nothing of what is the same', () => {
  expect(words('{"to":"Ravi","amount":500}', '{"to":"Ravi","amount":9999}')).toEqual({
    before: '500',
    after: '9999',
  });
});

test('says so where nothing went on, or nothing was there', () => {
  expect(words('secret', '').after).toBe('nothing');
  expect(words('', 'added').before).toBe('nothing');
});

test('has what must stay hidden hidden before it is cut', () => {
  const shown = (text: string) => text.replace('hunter2', 'hun••••');
  expect(words('hunter2', 'other', shown).before).not.toContain('hunter2');
});

test('is no longer than a line', () => {
  expect(words('x', 'longer '.repeat(40)).after.length).toBeLessThan(70);
});
