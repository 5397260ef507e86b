import type { Trial } from '#contract';
import type { Attack } from './attack.ts';
import { portOf, SITE } from './attack.ts';
import { judgeDowngrades } from './downgrade-armed.ts';
import { openConnections } from './open-connections.ts';
import type { Tampering } from './tampering.ts';
import { onLane, seenBy } from './verdict.ts';
import { withoutTls13 } from './without-tls13.ts';

const HOSTS = [
  { host: SITE, about: 'which speaks TLS 1.3' },
  { host: 'tls12.test', about: 'which speaks TLS 1.2 only' },
] as const;

/** Hides from the site that the client knows TLS 1.3. */
export const downgrade: Attack = {
  id: 'downgrade',
  title: 'Downgrade',
  plan: {
    https:
      'Take TLS 1.3 out of the ClientHello, so that both ends settle for less. Armed, connections that are open are broken off: only a new one has a hello.',
  },
  defence: {
    https:
      'Both ends compute their keys, or their Finished, over the hellos as each of them saw them: a changed hello makes them disagree. And a site that knows TLS 1.3 but is asked for less writes a mark into its random number (RFC 8446, 4.1.3), which with (EC)DHE it signs. A client that finds the mark breaks off with illegal_parameter; OpenSSL’s own name for that is “inappropriate fallback”.',
  },
  seconds: 2,
  arm(arming) {
    const { gate } = arming.lab;
    judgeDowngrades(arming);
    gate.arm(tampering(({ opener }) => opener !== 'stranger'));
    // There is no hello on one that a browser has kept.
    const kept = openConnections(
      arming.lab.log,
      ({ opener, server }) => opener !== 'stranger' && server.port === portOf('https'),
    );
    for (const connection of kept) arming.lab.cut(connection);
    return Promise.resolve(() => {
      gate.disarm('downgrade');
      return Promise.resolve();
    });
  },
  async attempt({ lab, lane, watch, signal }) {
    const { mobile, password } = lab.persona;
    const results = [];
    lab.gate.arm(tampering(({ opener, server }) => opener === 'scripted-victim' && isTried(server.name)));
    try {
      for (const { host, about } of HOSTS) {
        const result = onLane(await lab.victim.login({ mobile, password, site: lane, host }), lane);
        signal.throwIfAborted();
        results.push({ host, about, result });
      }
    } finally {
      lab.gate.disarm('downgrade');
    }
    const connections = results.flatMap(({ result }) => result.connection ?? []);
    const acted = new Set(watch.acted('downgrade').map(({ connection }) => connection));
    const missed = results.find(({ result }) => !acted.has(result.connection));
    // Nothing was noticed or refused then.
    if (missed) throw new Error(`no hello to ${missed.host} came by: ${seenBy(missed.result)}`);
    const told = watch.failures(connections);
    const handled = connections.reduce((sum, connection) => sum + watch.handled(connection).length, 0);
    const isRefused = results.every(({ result }) => !result.ok) && handled === 0;
    const trials = results.map(({ host, about, result: { connection, error, ok } }): Trial => {
      const site = told.find((failure) => failure.connection === connection && failure.vantage === 'site');
      const words = [error && `the victim said ${error.code}`, site && `the site said ${site.code}`];
      const said = words.filter(Boolean).join(', ') || 'nobody noticed';
      return {
        title: `${host}, ${about}`,
        outcome: ok ? 'no effect' : 'refused',
        happened: `${said.charAt(0).toUpperCase()}${said.slice(1)}.`,
        connections: connection === undefined ? [] : [connection],
      };
    });
    return {
      outcome: isRefused ? 'refused' : 'no effect',
      happened: isRefused
        ? 'Both connections were broken off, and the site handled 0 requests.'
        : 'Not all of the connections were broken off.',
      trials,
      siteHandled: handled,
      victimSaw: results.map(({ host, result }) => `${host}: ${seenBy(result)}`).join(' · '),
      evidence: watch.evidence(connections),
      connections,
    };
  },
};

function isTried(name: string): boolean {
  return HOSTS.some(({ host }) => host === name);
}

function tampering(isMeant: (passer: Parameters<Tampering['meet']>[0]) => boolean): Tampering {
  return {
    attack: 'downgrade',
    meet: (passer) => (passer.tls && isMeant(passer) ? withoutTls13() : undefined),
  };
}
