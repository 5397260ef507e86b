import type { ConnectionId } from '#contract';
import type { StrictTransport } from '../victim/strict-transport.ts';
import type { VisitAnswer } from '../victim/visit.ts';
import type { Attempt } from './attack.ts';
import { LOGIN_PATHS } from './seen-requests.ts';
import type { BankCount, Stripping } from './stripping.ts';
import { Watch } from './watch.ts';

/** One visit of the scripted victim, and what was captured and counted of it. */
export interface StrippedVisit {
  readonly answer: VisitAnswer;
  /** Bytes that the victim has sent over HTTP, and whether its password is among them. */
  readonly plainBytes: number;
  readonly isRead: boolean;
  /** Requests that the site has handled for the stranger, and logins among them that it let in. */
  readonly through: number;
  readonly loginsThrough: number;
  /** What the site itself has counted meanwhile. */
  readonly counted: BankCount;
  /** The victim's, then the stranger's own. */
  readonly connections: readonly ConnectionId[];
}

/** Has the victim visit a site, with the stranger where its port 80 is or without. Rejects when it was abandoned. */
export async function visitOnce(
  stripping: Stripping,
  { lab, signal }: Pick<Attempt, 'lab' | 'signal'>,
  host: string,
  { memory, stranger }: { readonly memory: StrictTransport; readonly stranger: boolean },
): Promise<StrippedVisit> {
  const { mobile, password } = lab.persona;
  const watch = new Watch(lab.log);
  const before = stripping.handled(host);
  const end = stranger ? await stripping.begin(lab, host, ['scripted-victim']) : undefined;
  const answer = await Promise.resolve()
    .then(() => signal.throwIfAborted())
    .then(() => stripping.visit({ host, mobile, password }, memory))
    .finally(end);
  const onward = connectionsTo(watch, host, 443, 'stranger');
  await watch.until(
    () => onward.every((connection) => isOver(watch, connection)),
    () => 2000,
    signal,
  );
  const plain = connectionsTo(watch, host, 80, 'scripted-victim').map((connection) =>
    watch.captured(connection, 'client-to-server'),
  );
  const handled = onward.flatMap((connection) => watch.handled(connection));
  return {
    answer,
    plainBytes: plain.reduce((sum, { length }) => sum + length, 0),
    isRead: plain.some((bytes) => bytes.includes(password)),
    through: handled.length,
    loginsThrough: handled.filter(({ path, status }) => LOGIN_PATHS.includes(path) && status === 200).length,
    counted: countedSince(before, stripping.handled(host)),
    connections: [...answer.connections, ...onward],
  };
}

export function countedSince(before: BankCount, now: BankCount): BankCount {
  return {
    overHttp: now.overHttp - before.overHttp,
    overHttps: now.overHttps - before.overHttps,
    logins: now.logins - before.logins,
  };
}

function connectionsTo(
  watch: Watch,
  host: string,
  port: number,
  opener: 'scripted-victim' | 'stranger',
): readonly ConnectionId[] {
  return watch
    .events()
    .flatMap((event) =>
      event.type === 'connection-opened' &&
      event.opener === opener &&
      event.server.name === host &&
      event.server.port === port
        ? [event.connection]
        : [],
    );
}

function isOver(watch: Watch, connection: ConnectionId): boolean {
  return watch
    .events()
    .some((event) => event.type === 'connection-closed' && event.connection === connection);
}
