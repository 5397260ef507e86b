import type { ChatAnswer, ChatResult } from '#contract';

/** What the victim tells of a line said in the chat: that it was answered, or why it got nowhere. */
export function chatLine(result: ChatResult): string {
  return result.error ? `${result.error.code}: ${result.error.message}` : 'answered';
}

/** The answers in quotation marks; one when both were the same. */
export function chatReplies({ http, https }: ChatAnswer): readonly string[] {
  const replies = [http?.reply, https?.reply].filter((reply) => reply !== undefined);
  return [...new Set(replies)].map((reply) => `“${reply}”`);
}
