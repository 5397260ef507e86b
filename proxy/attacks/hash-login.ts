import type { Attack } from './attack.ts';
import { logInLikeWhoever } from './hash-login-armed.ts';
import { HASHED_LOGIN_PATH } from './seen-requests.ts';
import { ask } from './strangers-client.ts';
import { assertAnswered, hasStranger, onLane, seenBy, watchSessions } from './verdict.ts';

/** Logs in with the hash that a page sent in place of the password. */
export const hashLogin: Attack = {
  id: 'hash-login',
  title: '“We hash the password in the browser”',
  plan: {
    http: 'The victim uses a page that sends a SHA-256 instead of the password. Take the hash off the wire, and log in with it.',
    https: 'Look for a hash in the bytes of the same login.',
  },
  defence: {
    http: 'What the site compares is the password, whatever it is called: the hash lets in whoever has it. It hides at most the word that was typed, and that only until somebody guesses it: a SHA-256 is fast to try.',
    https:
      'TLS seals what is sent, hash or not. So a password can travel as typed, inside TLS, and is hashed slowly on the server: whoever steals the database has to guess each one, and every guess takes time.',
  },
  seconds: 2,
  arm: (arming) => Promise.resolve(logInLikeWhoever(arming)),
  async attempt(attempt) {
    const { lab, lane, watch, signal } = attempt;
    const begun = watchSessions(lab.books);
    const { mobile, password } = lab.persona;
    const result = onLane(await lab.victim.loginHashed({ mobile, password, site: lane }), lane);
    signal.throwIfAborted();
    assertAnswered(result);
    const { connection } = result;
    const bytes = watch.captured(connection, 'client-to-server');
    const [body] = /\{[^{}]*"passwordHash"\s*:\s*"[0-9a-f]{64}"[^{}]*\}/.exec(bytes.toString('latin1')) ?? [];
    const taken =
      body === undefined
        ? undefined
        : await ask(attempt, {
            method: 'POST',
            path: HASHED_LOGIN_PATH,
            body,
            headers: { 'Content-Type': 'application/json' },
          });
    if (taken?.connection !== undefined)
      lab.log.append({
        ...{ type: 'attack-acted', vantage: 'wire', attack: 'hash-login', connection: taken.connection },
      });
    const handled = watch.handled(taken?.connection).filter(({ status }) => status === 200);
    const strangers = begun().filter(hasStranger);
    const isIn = handled.length > 0 && strangers.length > 0;
    return {
      outcome: isIn ? 'succeeded' : 'no effect',
      happened: taken
        ? `The stranger sent the hash that it had read, without ever knowing the password, and the site answered ${taken.response.status}${isIn ? ': it is logged in' : ''}.`
        : `There is no hash to take: 0 found in ${bytes.length.toLocaleString('en')} captured bytes.`,
      siteHandled: handled.length,
      siteCounted: { sessionsOfTheStranger: strangers.length },
      victimSaw: seenBy(result),
      evidence: watch.evidence([connection, taken?.connection]),
      connections: [connection, taken?.connection].filter((known) => known !== undefined),
    };
  },
};
