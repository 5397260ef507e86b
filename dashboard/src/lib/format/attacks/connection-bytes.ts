import type { ConnectionId } from '#contract';
import type { CaptureView, StreamRange } from '#folds/view.ts';

/** Where to look first at a connection: what the client said last, which is what an attack is about; else its start. */
export function connectionBytes(view: CaptureView, connection: ConnectionId): StreamRange {
  const { lanes, other } = view;
  const messages = [lanes.http, lanes.https, ...other].flatMap((part) => part.messages);
  const own = messages.filter((message) => message.connection === connection);
  const said = own.findLast(({ direction }) => direction === 'client-to-server') ?? own[0];
  return said ?? { connection, direction: 'client-to-server', start: 0, end: 1 };
}
