import type { ConnectionId, ConnectionOpened } from '#contract';
import type { CaptureLog } from '../capture/log.ts';

/** Those of them that are open now. A browser keeps connections for later, and goes on with them. */
export function openConnections(
  log: CaptureLog,
  isMeant: (opened: ConnectionOpened) => boolean,
): ReadonlySet<ConnectionId> {
  const open = new Set<ConnectionId>();
  for (const event of log.after(0)) {
    if (event.type === 'connection-closed') open.delete(event.connection);
    else if (event.type === 'connection-opened' && isMeant(event)) open.add(event.connection);
  }
  return open;
}
