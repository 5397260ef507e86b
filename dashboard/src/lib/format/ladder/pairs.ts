import type { ConnectionId } from '#contract';
import type { LadderEntry } from '#folds/ladder/ladders.ts';
import type { CaptureView, LaneView } from '#folds/view.ts';
import type { LadderMode, LadderPair } from '../../state/ladder.svelte.ts';

const NEW = 'TLS 1.3';
const OLD = /^(TLS 1\.[0-2]|SSL \d\.0)$/;

/** Which connections stand side by side; a side stays empty where there is none that fits. */
export function pairOf(
  mode: LadderMode,
  own: LadderPair,
  view: CaptureView,
  entries: readonly LadderEntry[],
): LadderPair {
  if (mode === 'own') return own;
  if (mode === 'versions') return versionPair(entries);
  return pair(loginOf(view.lanes.http), loginOf(view.lanes.https));
}

/** The newest connection before TLS 1.3 and the newest with it; look-ups do not count. */
export function versionPair(entries: readonly LadderEntry[]): LadderPair {
  const sites = entries.filter(({ isLookup }) => !isLookup);
  const older = sites.findLast(({ protocol }) => OLD.test(protocol));
  const newer = sites.findLast(({ protocol }) => protocol === NEW);
  return pair(older?.connection, newer?.connection);
}

/** The connection that carried the newest login of a lane, else the newest one that it shows. */
function loginOf({ findings, connections }: LaneView): ConnectionId | undefined {
  const password = findings.findLast(({ kind }) => kind === 'password');
  return password?.connection ?? connections.at(-1)?.connection;
}

function pair(left: ConnectionId | undefined, right: ConnectionId | undefined): LadderPair {
  return { ...(left === undefined ? {} : { left }), ...(right === undefined ? {} : { right }) };
}
