import type { ConnectionId, Opener } from '#contract';
import type { CaptureLog } from './log.ts';

/** Who opened a connection; undefined when the log has dropped it. Reads the log from the start: for rare questions. */
export function openerOf(log: CaptureLog, connection: ConnectionId): Opener | undefined {
  for (const event of log.after(0)) {
    if (event.type === 'connection-opened' && event.connection === connection) return event.opener;
  }
  return undefined;
}
