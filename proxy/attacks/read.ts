import type { Attack } from './attack.ts';
import { readWhoever } from './read-armed.ts';
import { assertAnswered, onLane, seenBy, times } from './verdict.ts';

/** Listens while the victim logs in, and looks for the password. */
export const read: Attack = {
  id: 'read',
  title: 'Read',
  plan: {
    http: 'Copy every byte of a login, and look for the password.',
    https: 'Copy every byte of the same login, and look for the password.',
  },
  defence: {
    http: 'Nothing in HTTP hides anything. TLS does.',
    https:
      'The keys never cross the wire: both ends compute them from key shares that are of no use to whoever only listens. Names, sizes and times still show.',
  },
  seconds: 2,
  arm: (arming) => Promise.resolve(readWhoever(arming)),
  async attempt({ lab, lane, watch }) {
    const { mobile, password } = lab.persona;
    const result = onLane(await lab.victim.login({ mobile, password, site: lane }), lane);
    assertAnswered(result);
    const { verdict, findings } = (await lab.findings()).lanes[lane];
    const { connection } = result;
    const read = findings.filter(
      (finding) =>
        finding.kind === 'password' && finding.status === 'read' && finding.connection === connection,
    );
    const places = read.flatMap((place) =>
      watch.chunksOf(place.connection, place.direction, place.start, place.end),
    );
    // Of this login alone: the lane may have carried others.
    const bytes = watch.captured(connection).length.toLocaleString('en');
    const encodings = verdict.found === 0 ? `, in none of ${verdict.encodings.length} encodings` : '';
    return {
      outcome: read.length > 0 ? 'succeeded' : 'no effect',
      happened:
        read.length > 0
          ? `The password was found ${times(read.length)} in ${bytes} captured bytes of this login.`
          : `The password was found 0 times in ${bytes} captured bytes of this login${encodings}.`,
      // Listening asks the site for nothing.
      siteHandled: 0,
      victimSaw: seenBy(result),
      evidence: [...new Set([...places, ...watch.evidence([connection])])].sort((one, other) => one - other),
      connections: connection === undefined ? [] : [connection],
    };
  },
};
