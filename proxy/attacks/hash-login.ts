import type { Attack } from './attack.ts';
import { ask, STRANGERS_AGENT } from './strangers-client.ts';
import { assertAnswered, onLane, seenBy, watchSessions } from './verdict.ts';

const path = '/api/v1/login-hashed';

/** Logs in with the hash that a page sent in place of the password. */
export const hashLogin: Attack = {
  id: 'hash-login',
  title: '“We hash the password in the browser”',
  plan: {
    http: 'The victim uses a page that sends a SHA-256 instead of the password. Take the hash off the wire, and log in with it.',
    https: 'Look for a hash in the bytes of the same login.',
  },
  defence: {
    http: 'What the site compares is the password, whatever it is called: the hash lets in whoever has it. It protects nothing on the wire.',
    https:
      'The password travels as typed, inside TLS, and is hashed slowly on the server, so that a stolen database gives no passwords away.',
  },
  seconds: 2,
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
        : await ask(attempt, { method: 'POST', path, body, headers: { 'Content-Type': 'application/json' } });
    if (taken?.connection !== undefined)
      lab.log.append({
        ...{ type: 'attack-acted', vantage: 'wire', attack: 'hash-login', connection: taken.connection },
      });
    const handled = watch.handled(taken?.connection).filter(({ status }) => status === 200);
    const strangers = begun().filter(({ clients }) =>
      clients.some((client) => client.startsWith(STRANGERS_AGENT)),
    );
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
