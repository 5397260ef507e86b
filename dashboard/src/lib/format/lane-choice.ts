import type { ConnectionId } from '#contract';
import type { LaneView, MessageView, StreamRange } from '#folds/view.ts';
import { touches } from './marks.ts';

/** The message that holds the first byte of a range, the newest one if several do. */
export function messageAt(messages: readonly MessageView[], range: StreamRange): MessageView | undefined {
  const first = { ...range, end: Math.max(range.end, range.start + 1) };
  return messages.findLast((message) => touches(message, first) && message.start <= range.start);
}

/**
 * Where the client said its line in a support chat: the first text frame, or over TLS the first sealed record that it
 * sent after its request was answered, which is what such a frame looks like from outside.
 */
export function chatMessage(
  messages: readonly MessageView[],
  connection: ConnectionId,
): MessageView | undefined {
  const own = messages.filter((message) => message.connection === connection);
  const frame = own.find(({ kind, direction }) => kind === 'frame' && direction === 'client-to-server');
  if (frame) return frame;
  // Those with a detail are, by their place or size, part of the handshake or its end.
  const sealed = own.filter(({ title, detail }) => title === 'Application Data' && detail === undefined);
  const request = sealed.findIndex(({ direction }) => direction === 'client-to-server');
  const answer = sealed.findIndex(
    ({ direction }, index) => index > request && direction === 'server-to-client',
  );
  return answer === -1 || request === -1
    ? undefined
    : sealed.find(({ direction }, index) => index > answer && direction === 'client-to-server');
}

/**
 * What a lane shows while nobody has chosen: the message of the newest login that carries the password, read
 * or sealed, so that the two lanes show the same step. Failing that, the newest sealed bytes of the client; of a login
 * over TLS that came to nothing before, the last message.
 */
export function defaultMessage(lane: LaneView): MessageView | undefined {
  const password = lane.findings.findLast((finding) => finding.kind === 'password');
  const found = password === undefined ? undefined : messageAt(lane.messages, password);
  const connection = lane.findings[0]?.connection;
  const own =
    connection === undefined
      ? lane.messages
      : lane.messages.filter((message) => message.connection === connection);
  return (
    found ??
    own.findLast(
      (message) =>
        message.sealed && message.direction === 'client-to-server' && message.title === 'Application Data',
    ) ??
    own.findLast(({ protocol }) => connection !== undefined && protocol === 'tls')
  );
}
