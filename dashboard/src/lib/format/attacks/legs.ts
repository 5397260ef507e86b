import type { ConnectionId } from '#contract';
import type { LadderPair } from '../../state/ladder.svelte.ts';
import type { ConnectionView } from '#folds/view.ts';

/** What the labels of a verdict’s connections rest on, of every connection that the capture still knows. */
export type KnownConnections = ReadonlyMap<
  ConnectionId,
  Pick<ConnectionView, 'opener' | 'hop' | 'server' | 'openedAt' | 'closedAt'>
>;

interface Leg {
  readonly connection: ConnectionId;
  /** Between whom, or who opened it; absent where the capture knows nothing of it any more. */
  readonly whose?: string;
}

const ANSWERED = 'victim ⇄ stranger';
const ONWARD = 'stranger ⇄ site';
const OPENED_BY = {
  'scripted-victim': 'the victim’s',
  'demo-browser': 'the demo browser’s',
  stranger: 'the stranger’s own, to the site',
  other: 'another client’s',
} as const;

/**
 * Whose each of the connections is. Two that belong together are the two legs of an interception: one that the
 * stranger opened to the same site while the other, which it answers itself, was open.
 */
export function legsOf(connections: readonly ConnectionId[], known: KnownConnections): readonly Leg[] {
  const onward = connections.flatMap((id) => {
    const view = known.get(id);
    return view?.hop === 'onward' ? [view] : [];
  });
  return connections.map((connection) => {
    const view = known.get(connection);
    if (!view) return { connection };
    if (view.hop === 'onward') return { connection, whose: ONWARD };
    if (view.hop === 'resolver') return { connection, whose: 'victim ⇄ resolver' };
    const { server, openedAt, closedAt = Infinity } = view;
    const isAnswered = onward.some(
      (other) =>
        other.server.name === server.name && other.openedAt >= openedAt && other.openedAt <= closedAt,
    );
    return { connection, whose: isAnswered ? ANSWERED : OPENED_BY[view.opener] };
  });
}

/** The newest two legs of an interception, the victim’s on the left; undefined where there are none. */
export function bothLegs(legs: readonly Leg[]): LadderPair | undefined {
  const left = legs.findLast(({ whose }) => whose === ANSWERED)?.connection;
  const right = legs.findLast(({ whose }) => whose === ONWARD)?.connection;
  return left === undefined || right === undefined ? undefined : { left, right };
}
