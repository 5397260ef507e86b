import type { ConnectionId } from '#contract';
import { once } from 'node:events';
import { connect } from 'node:net';
import { untilClosed } from '../capture/closing.ts';
import { dialledPorts } from '../capture/port-pair.ts';
import { VictimClient, type VictimResponse } from '../victim/request.ts';
import { portOf, SITE, type Attempt } from './attack.ts';

/** How the stranger's own client calls itself. */
export const STRANGERS_AGENT = 'Stranger/1.0';

/** Where and for how long the stranger acts. */
export type StrangersWay = Pick<Attempt, 'lab' | 'lane' | 'signal'>;

export interface StrangersAnswer {
  readonly connection: ConnectionId | undefined;
  readonly response: VictimResponse;
}

/** A request of the stranger's own, on a connection of its own. Rejects when it is not answered. */
export async function ask(
  { lab, lane, signal }: StrangersWay,
  call: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** It calls itself as the victim does. */
    readonly isLikeVictims?: boolean;
  },
): Promise<StrangersAnswer> {
  const client = new VictimClient({
    ...{ address: '127.0.0.1', port: doorOf(lab, lane), host: SITE, signal },
    ...(lane === 'https' && { tls: { authority: lab.authorityPem } }),
    patience: strangersPatience(lab),
  });
  let connection: ConnectionId | undefined;
  try {
    const headers = { ...(!call.isLikeVictims && { 'User-Agent': STRANGERS_AGENT }), ...call.headers };
    const response = await client.send(call.method, call.path, headers, call.body);
    connection = lab.connectionOf(client.ports);
    return { connection, response };
  } finally {
    client.close();
    if (connection !== undefined) await untilClosed(lab.log, [connection]);
  }
}

/**
 * Opens a connection of the stranger's own and sends these bytes. Resolves with its number when `isEnough` says so,
 * the site has closed it, or nothing has happened for long. Rejects when there is no connection, or when aborted.
 */
export async function sendAgain(
  { lab, lane, signal, watch }: StrangersWay & Pick<Attempt, 'watch'>,
  bytes: Uint8Array,
  isEnough: (connection: ConnectionId) => boolean,
): Promise<ConnectionId> {
  const port = doorOf(lab, lane);
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect', { signal });
    const ports = dialledPorts(socket, port);
    // What becomes of it is read from the log.
    socket.on('error', () => undefined).resume();
    socket.write(bytes);
    let connection: ConnectionId | undefined;
    await watch.until(
      () => {
        connection ??= lab.connectionOf(ports);
        const known = connection;
        return known !== undefined && (isEnough(known) || isClosed(watch, known));
      },
      strangersPatience(lab),
      signal,
    );
    if (connection === undefined) throw new Error('the relay did not take the stranger’s connection');
    socket.destroy();
    await untilClosed(lab.log, [connection]);
    return connection;
  } finally {
    socket.destroy();
  }
}

function isClosed(watch: Attempt['watch'], connection: ConnectionId): boolean {
  return watch
    .events()
    .some((event) => event.type === 'connection-closed' && event.connection === connection);
}

function doorOf(lab: Attempt['lab'], lane: Attempt['lane']): number {
  const port = lab.door(SITE, portOf(lane));
  if (port === undefined) throw new Error(`the lab has no ${SITE}:${portOf(lane)}`);
  return port;
}

/** How long the stranger waits for the site; as long as it takes while bytes are held on purpose. */
function strangersPatience(lab: Attempt['lab']): () => number {
  return () => (lab.isStepping() ? 10 * 60_000 : 5000);
}
