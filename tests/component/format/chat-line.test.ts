import { expect, test } from 'vitest';
import { chatLine, chatReplies } from '../../../dashboard/src/lib/format/chat-line.ts';

test('says that a line was answered, or why it got nowhere', () => {
  expect(chatLine({ ok: true, reply: 'Hello!' })).toBe('answered');
  expect(chatLine({ ok: false, error: { code: 'reset', message: 'The lab was reset.' } })).toBe(
    'reset: The lab was reset.',
  );
});

test('quotes what was answered, once when both sites said the same', () => {
  expect(chatReplies({ http: { ok: true, reply: 'a' }, https: { ok: true, reply: 'a' } })).toEqual(['“a”']);
  expect(chatReplies({ http: { ok: true, reply: 'a' }, https: { ok: true, reply: 'b' } })).toEqual([
    '“a”',
    '“b”',
  ]);
  expect(chatReplies({ https: { ok: false } })).toEqual([]);
});
