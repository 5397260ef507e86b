import type { ConnectionId } from '#contract';
import type { ExperimentContext } from './experiment.ts';
import { type Visit, visiting } from './visit.ts';

/** What the victim's end of a connection answers when it is asked, now. */
export interface VictimHolds {
  readonly socketIsOpen: boolean;
  /** Connections that lie idle in its pool. */
  readonly idleInPool: number;
  /** When keys are to be drawn from its secrets (RFC 5705), it `answers`, or with `nothing`, or throws. */
  readonly exporter: string;
  /** The same of the hash in its Finished message. */
  readonly finished: string;
  readonly [name: string]: string | number | boolean;
}

export function victimHolds({ socket, idle }: Visit): VictimHolds {
  return {
    socketIsOpen: !socket.destroyed,
    idleInPool: idle,
    exporter: answerOf(() => socket.exportKeyingMaterial(32, 'EXPERIMENTAL plainsight', Buffer.alloc(0))),
    finished: answerOf(() => socket.getFinished()),
  };
}

/** Whether the site itself lists the connection among those that it has open. */
export function siteHolds({ lab }: ExperimentContext, host: string, { connection }: Visit) {
  return { connectionIsOpen: lab.openAt(host)?.includes(connection) ?? false };
}

/** What outlives a connection: the victim's ticket, which the site still takes or not, and the login. */
export interface StillHeld {
  readonly ticketBytes: number;
  readonly ticketWorks: boolean;
  readonly loginHolds: boolean;
  readonly [name: string]: number | boolean;
}

/** Tries both on a new connection, whose number is answered too. */
export function stillHeld(
  context: ExperimentContext,
  host: string,
  { ticket, token }: { readonly ticket: Buffer; readonly token: string },
): Promise<{ readonly held: StillHeld; readonly connection: ConnectionId }> {
  return visiting(context, host, ticket, async (visit) => {
    const loginHolds = await visit.isLoggedIn(token);
    const { isResumed: ticketWorks, connection } = visit;
    await visit.end();
    return { held: { ticketBytes: ticket.length, ticketWorks, loginHolds }, connection };
  });
}

function answerOf(ask: () => Buffer | undefined): string {
  try {
    return ask() ? 'answers' : 'nothing';
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return `throws ${code ?? name}`;
  }
}
