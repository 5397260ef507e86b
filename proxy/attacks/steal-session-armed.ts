import type { Arming, SiteBooks } from './attack.ts';
import { lookOut } from './lookout.ts';
import { answeredWith, headOf, LOGIN_PATHS, postAmong, statusOf } from './seen-requests.ts';
import { cookieIn, cookieLine, withoutValues } from './session-cookie.ts';
import { ask } from './strangers-client.ts';
import { hasStranger, isUsedBy, watchSessions, whoCame, whose } from './verdict.ts';
import { Watch } from './watch.ts';
import type { Exchange, Pause } from './watched-connection.ts';

// A browser shows its cookie with every request.
const mostRemembered = 256;

type Sessions = ReturnType<SiteBooks['sessions']>;

/** Takes every session's cookie that crosses in clear, once, and shows it as its own. */
export function stealFromWhoever(arming: Arming): () => Promise<void> {
  const taken = new Set<string>();
  const begun = watchSessions(arming.lab.books);
  return lookOut(arming, {
    exchange: async (exchange) => {
      for (const half of [exchange.response, exchange.request]) {
        const line = cookieLine(headOf(half)) ?? '';
        const cookie = cookieIn(line);
        if (cookie === undefined || taken.has(cookie)) continue;
        const [oldest] = taken;
        if (taken.size >= mostRemembered && oldest !== undefined) taken.delete(oldest);
        taken.add(cookie);
        await useCookie(arming, exchange, line, cookie);
      }
    },
    pause: async (pause) => {
      await Promise.resolve();
      tellSealed(arming, pause, begun());
    },
  });
}

async function useCookie(arming: Arming, exchange: Exchange, line: string, cookie: string): Promise<void> {
  const { lab, signal } = arming;
  const { opened, since } = exchange;
  const before = new Set(shared(lab.books.sessions()).map(({ name }) => name));
  const { connection, response } = await ask(
    { lab, lane: 'http', signal },
    { method: 'GET', path: '/api/v1/balance', headers: { Cookie: cookie } },
  );
  if (connection !== undefined)
    lab.log.append({ type: 'attack-acted', vantage: 'wire', attack: 'steal-session', connection });
  const watch = new Watch(lab.log, since);
  const handled = watch.handled(connection).filter(({ status }) => status === 200);
  const clients = shared(lab.books.sessions()).find(({ name }) => !before.has(name))?.clients ?? [];
  arming.judge('http', {
    outcome: handled.length > 0 && clients.length > 0 ? 'succeeded' : 'no effect',
    happened: `“${withoutValues(line)}” crossed in clear between ${whose(opened.opener)} and the site. With this cookie the stranger asked for the balance, and the site answered ${response.status}.${listText(clients)}`,
    siteHandled: handled.length,
    siteCounted: { clientsOnSession: clients.length },
    victimSaw: answeredWith(statusOf(exchange)),
    evidence: watch.evidence([opened.connection, connection]),
    connections: [opened.connection, connection].filter((known) => known !== undefined),
  });
}

function tellSealed(arming: Arming, { opened, handled }: Pause, begun: Sessions): void {
  const { lab } = arming;
  const login = postAmong(handled, LOGIN_PATHS);
  if (login?.status !== 200) return;
  const { connection, opener, seq } = opened;
  const watch = new Watch(lab.log, seq - 1);
  const bytes = watch.captured(connection);
  // It is none of these, then: a site of its own that speaks no TLS where it should.
  if (cookieLine(bytes) !== undefined) return;
  const { clients = [] } = begun.findLast((session) => isUsedBy(session, opener, 'https')) ?? {};
  arming.judge('https', {
    outcome: 'no effect',
    happened: `${whoCame(opener)} logged in, as the site tells. There is no cookie to take: 0 found in ${bytes.length.toLocaleString('en')} captured bytes of its connection.${listText(clients)}`,
    siteHandled: 0,
    siteCounted: { clientsOnSession: clients.length },
    victimSaw: answeredWith(login.status),
    evidence: watch.evidence([connection]),
    connections: [connection],
  });
}

/** Those that the stranger uses besides somebody else. */
function shared(sessions: Sessions): Sessions {
  return sessions.filter((session) => session.clients.length > 1 && hasStranger(session));
}

function listText(clients: readonly string[]): string {
  if (clients.length === 0) return '';
  const count = clients.length === 1 ? 'one client' : `${clients.length} clients`;
  return ` The site lists ${count} on the session: ${clients.join(', ')}.`;
}
