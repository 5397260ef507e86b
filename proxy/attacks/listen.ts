import type { Attack } from './attack.ts';
import { requestRecords } from './request-sizes.ts';
import { ask } from './strangers-client.ts';
import { onLane, seenBy } from './verdict.ts';

/** Numbers of this country have ten digits. */
const mobileDigits = 10;
// The victim loads the page first, and then sends the login.
const loginIsRequest = 2;

/** Tells how long the password is from the size of the sealed record it travels in. */
export const listen: Attack = {
  id: 'listen',
  title: 'Listen anyway',
  plan: {
    https:
      'Send a request like the victim’s login, with a body of known length, and compare the sizes of the sealed records: what is more is the password.',
  },
  defence: {
    https:
      'Encryption hides what is in a record, not how long it is. Padding would (RFC 8446, 5.4): a site or a browser can fill up every request to the same length; few do. A length is little, and no help against a long password.',
  },
  seconds: 2,
  async attempt(attempt) {
    const { lab, lane, watch, signal } = attempt;
    const { mobile, password } = lab.persona;
    const result = onLane(await lab.victim.login({ mobile, password, site: lane }), lane);
    signal.throwIfAborted();
    const { connection } = result;
    // Without a number it is no login that could fail, and nobody is locked out.
    const body = JSON.stringify({ mobile: '', password: '?' });
    const like = await ask(attempt, {
      ...{ method: 'POST', path: '/api/v1/login', body, isLikeVictims: true },
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    });
    if (connection === undefined || like.connection === undefined)
      throw new Error('the log knows nothing of the connections');
    const events = watch.events();
    const victims = requestRecords(events, connection)[loginIsRequest - 1];
    const own = requestRecords(events, like.connection)[0];
    if (!victims || !own) throw new Error('there was no login to listen to');
    const guess = victims.bytes - own.bytes + 1 - mobileDigits;
    const isRight = guess === password.length;
    return {
      outcome: isRight ? 'succeeded' : 'no effect',
      happened: `The victim’s login was a sealed record of ${victims.bytes} bytes, the stranger’s own of ${own.bytes}: the password would have ${guess} characters. The victim says that it has ${password.length}.`,
      siteHandled: watch.handled(like.connection).length,
      victimSaw: seenBy(result),
      evidence: [
        ...watch.chunksOf(connection, 'client-to-server', victims.end - victims.bytes, victims.end),
        ...watch.chunksOf(like.connection, 'client-to-server', own.end - own.bytes, own.end),
      ],
      connections: [connection, like.connection],
    };
  },
};
