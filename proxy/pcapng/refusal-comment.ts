import type { RequestRefused } from '#contract';
import { plain } from './plain-text.ts';

/** One line for Wireshark's comments: what the explicit proxy did not lead to. */
export function refusalComment({ reason, status, target, name }: RequestRefused): string {
  const other = name === undefined ? '' : `, with the name ${plain(name)}`;
  const answer = status === undefined ? '' : `, answered ${status}`;
  return `The explicit proxy refused ${plain(target)}${other}: ${reason}${answer}; nothing was dialled`;
}
