import type { Attack } from './attack.ts';
import { stealFromWhoever } from './steal-session-armed.ts';
import { withoutValues } from './session-cookie.ts';
import { ask } from './strangers-client.ts';
import { hasStranger, isVictims, onLane, seenBy, watchSessions } from './verdict.ts';

/** Takes the login session's cookie off the wire and shows it as its own. */
export const stealSession: Attack = {
  id: 'steal-session',
  title: 'Steal the session',
  plan: {
    http: 'Take the cookie of the login off the wire, and ask for the balance with it, from another client.',
    https: 'Look for a cookie in the bytes of the same login.',
  },
  defence: {
    http: 'This cookie has two flags: HttpOnly keeps scripts of the page from it, SameSite=Lax keeps it back when another site’s form posts. Neither keeps out whoever reads the wire: that is what Secure is for, which forbids the browser to send a cookie without TLS. It needs a site that is there over HTTPS. Try the flags in the demo browser: https://piggypay.test/cookies.',
    https:
      'The cookie crosses sealed, and over HTTPS it is Secure, which keeps the browser from ever sending it in clear. What is left are thieves inside the browser or the site, and whoever passes for the site. Try the flags in the demo browser: https://piggypay.test/cookies.',
  },
  seconds: 2,
  arm: (arming) => Promise.resolve(stealFromWhoever(arming)),
  async attempt(attempt) {
    const { lab, lane, watch, signal } = attempt;
    const begun = watchSessions(lab.books);
    const { mobile, password } = lab.persona;
    const result = onLane(await lab.victim.login({ mobile, password, site: lane }), lane);
    signal.throwIfAborted();
    // Without a session there is none to steal.
    if (!result.ok) throw new Error(`the victim’s login failed: ${seenBy(result)}`);
    const { connection } = result;
    const bytes = watch.captured(connection);
    const [line, cookie] = /^set-cookie:[ \t]*([^;\r\n]+)[^\r\n]*/im.exec(bytes.toString('latin1')) ?? [];
    const taken =
      cookie === undefined
        ? undefined
        : await ask(attempt, { method: 'GET', path: '/api/v1/balance', headers: { Cookie: cookie } });
    if (taken?.connection !== undefined)
      lab.log.append({
        ...{ type: 'attack-acted', vantage: 'wire', attack: 'steal-session', connection: taken.connection },
      });
    const handled = watch.handled(taken?.connection).filter(({ status }) => status === 200);
    // Others may log in meanwhile: theirs are no sessions of the victim's.
    const sessions = begun().filter(isVictims);
    const { clients } = sessions.find(hasStranger) ?? sessions[0] ?? { clients: [] };
    const isIn = handled.length > 0 && sessions.some(hasStranger);
    return {
      outcome: isIn ? 'succeeded' : 'no effect',
      happened: taken
        ? `The answer to the login said “${withoutValues(line ?? '')}”. With this cookie the stranger asked for the balance, and the site answered ${taken.response.status}. It lists ${clients.length} clients on the session: ${clients.join(', ')}.`
        : `There is no cookie to take: 0 found in ${bytes.length.toLocaleString('en')} captured bytes. The site lists ${clients.length === 1 ? 'one client' : `${clients.length} clients`} on the session: ${clients.join(', ')}.`,
      siteHandled: handled.length,
      siteCounted: { clientsOnSession: clients.length },
      victimSaw: seenBy(result),
      evidence: watch.evidence([connection, taken?.connection]),
      connections: [connection, taken?.connection].filter((known) => known !== undefined),
    };
  },
};
