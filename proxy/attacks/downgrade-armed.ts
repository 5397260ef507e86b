import { ALERT_DESCRIPTIONS } from '#dissectors/tls/alerts.ts';
import type { ConnectionId, LogEvent } from '#contract';
import type { Arming } from './attack.ts';
import { asTold } from './as-told.ts';
import { evidenceOf, times, Visits, whatTheySaw, visitorsIn, type Visit } from './visits.ts';

const ALERT = 21;
const FATAL = 2;
// The record header, the level and the description (RFC 8446, 6).
const ALERT_RECORD = 7;

/** Judges what comes of taking TLS 1.3 out of every ClientHello, attempt by attempt. */
export function judgeDowngrades(arming: Arming): void {
  const { lab, judge } = arming;
  const visits = new Visits(lab.log, 'downgrade');
  const alerts = new Map<ConnectionId, string>();
  asTold(arming, (fresh) => {
    for (const event of fresh) {
      const alert = alertIn(event);
      if (alert && event.type === 'bytes-captured') alerts.set(event.connection, alert);
    }
    const touched = visits.take(fresh);
    if (!touched.some(isOver)) return;
    const tried = visits.all.filter(isOver);
    const handled = tried.flatMap((visit) => visit.handled);
    const failed = tried.filter(({ failures }) => failures.length > 0);
    judge('https', {
      outcome: handled.length === 0 ? 'refused' : 'no effect',
      happened: `${times(tried.length, 'ClientHello')} of ${visitorsIn(tried)} went on without TLS 1.3, each on a connection of its own. ${perHost(tried, alerts)}The site handled ${times(handled.length, 'request')} on ${tried.length === 1 ? 'it' : 'them'}.`,
      siteHandled: handled.length,
      siteCounted: { handshakesFailed: failed.filter(hasSitesWord).length },
      victimSaw: whatTheySaw(
        tried,
        'Its connection broke off. What a browser says then stands in its window: it tells nobody else.',
      ),
      evidence: evidenceOf(tried),
      connections: tried.map(({ connection }) => connection),
    });
  });
}

function isOver({ deeds, isClosed }: Visit): boolean {
  return deeds > 0 && isClosed;
}

function hasSitesWord({ failures }: Visit): boolean {
  return failures.some(({ vantage }) => vantage === 'site');
}

/** What was said of it at each host: the alert as it stood on the wire, where it did, and the site's own word. */
function perHost(tried: readonly Visit[], alerts: ReadonlyMap<ConnectionId, string>): string {
  const names = [...new Set(tried.map(({ server }) => server.name))];
  return names
    .map((name) => {
      const there = tried.filter(({ server }) => server.name === name);
      const alert = there.flatMap(({ connection }) => alerts.get(connection) ?? []).at(-1);
      const said = there
        .flatMap(({ failures }) => failures.filter(({ vantage }) => vantage === 'site'))
        .at(-1)?.code;
      const words = [
        times(there.length, 'attempt'),
        alert !== undefined && `the alert ${alert} on the wire`,
        said !== undefined && `the site said ${said}`,
      ];
      return `${name}: ${words.filter((word) => word !== false).join(', ')}. `;
    })
    .join('');
}

/** A fatal alert in clear, whoever sent it: with its own keys each of them would have sealed it. */
function alertIn(event: LogEvent): string | undefined {
  if (event.type !== 'bytes-captured') return undefined;
  const { bytes, direction } = event;
  // The last thing that whoever gives up says.
  const record = bytes.subarray(-ALERT_RECORD);
  if (record[0] !== ALERT || record[3] !== 0 || record[4] !== 2 || record[5] !== FATAL) return undefined;
  const name = ALERT_DESCRIPTIONS[record[6] ?? 0];
  if (name === undefined) return undefined;
  return `${name} of the ${direction === 'client-to-server' ? 'client' : 'site'}`;
}
