import type { LaneView, MessageView, StreamRange } from '#folds/view.ts';
import { touches } from './marks.ts';

/** The message that holds the first byte of a range, the newest one if several do. */
export function messageAt(messages: readonly MessageView[], range: StreamRange): MessageView | undefined {
  const first = { ...range, end: Math.max(range.end, range.start + 1) };
  return messages.findLast((message) => touches(message, first) && message.start <= range.start);
}

/**
 * What a lane shows while nobody has chosen: the message of the newest login that carries the password, read
 * or sealed, so that the two lanes show the same step. Failing that, the newest sealed bytes of the client.
 */
export function defaultMessage(lane: LaneView): MessageView | undefined {
  const password = lane.findings.findLast((finding) => finding.kind === 'password');
  const found = password === undefined ? undefined : messageAt(lane.messages, password);
  return (
    found ??
    lane.messages.findLast(
      (message) =>
        message.sealed && message.direction === 'client-to-server' && message.title === 'Application Data',
    )
  );
}
