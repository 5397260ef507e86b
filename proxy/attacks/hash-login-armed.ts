import type { Arming } from './attack.ts';
import { lookOut } from './lookout.ts';
import {
  answeredWith,
  bodyOf,
  HASHED_LOGIN_PATH,
  isPost,
  membersOf,
  postAmong,
  statusOf,
} from './seen-requests.ts';
import { ask } from './strangers-client.ts';
import { hasStranger, watchSessions, whoCame } from './verdict.ts';
import { Watch } from './watch.ts';
import type { Exchange, Pause } from './watched-connection.ts';

/** Logs in with every hash that somebody has logged in with in clear. */
export function logInLikeWhoever(arming: Arming): () => Promise<void> {
  return lookOut(arming, {
    exchange: async (exchange) => {
      // One that let nobody in is no password: trying it would only lock the others out.
      if (!isPost(exchange, HASHED_LOGIN_PATH) || statusOf(exchange) !== 200) return;
      if (typeof membersOf(exchange.request)['passwordHash'] === 'string') await useHash(arming, exchange);
    },
    pause: async (pause) => {
      await Promise.resolve();
      tellSealed(arming, pause);
    },
  });
}

async function useHash(arming: Arming, exchange: Exchange): Promise<void> {
  const { lab, signal } = arming;
  const { opened, request, since } = exchange;
  const begun = watchSessions(lab.books);
  const body = bodyOf(request).toString('latin1');
  const headers = { 'Content-Type': 'application/json' };
  const { connection, response } = await ask(
    { lab, lane: 'http', signal },
    { method: 'POST', path: HASHED_LOGIN_PATH, body, headers },
  );
  if (connection !== undefined)
    lab.log.append({ type: 'attack-acted', vantage: 'wire', attack: 'hash-login', connection });
  const watch = new Watch(lab.log, since);
  const handled = watch.handled(connection).filter(({ status }) => status === 200);
  const strangers = begun().filter(hasStranger).length;
  const isIn = handled.length > 0 && strangers > 0;
  arming.judge('http', {
    outcome: isIn ? 'succeeded' : 'no effect',
    happened: `${whoCame(opened.opener)} logged in with a hash. The stranger sent the same hash, without ever knowing the password, and the site answered ${response.status}${isIn ? ': it is logged in' : ''}.`,
    siteHandled: handled.length,
    siteCounted: { sessionsOfTheStranger: strangers },
    victimSaw: answeredWith(statusOf(exchange)),
    evidence: watch.evidence([opened.connection, connection]),
    connections: [opened.connection, connection].filter((known) => known !== undefined),
  });
}

function tellSealed(arming: Arming, { opened, handled }: Pause): void {
  const { lab } = arming;
  const login = postAmong(handled, [HASHED_LOGIN_PATH]);
  if (login?.status !== 200) return;
  const { connection, opener, seq } = opened;
  const watch = new Watch(lab.log, seq - 1);
  const bytes = watch.captured(connection);
  const found = bytes.toString('latin1').split('"passwordHash"').length - 1;
  arming.judge('https', {
    outcome: 'no effect',
    happened: `${whoCame(opener)} logged in with a hash, as the site tells. There is none to take: ${found} found in ${bytes.length.toLocaleString('en')} captured bytes of its connection.`,
    siteHandled: 0,
    siteCounted: { sessionsOfTheStranger: 0 },
    victimSaw: answeredWith(login.status),
    evidence: watch.evidence([connection]),
    connections: [connection],
  });
}
