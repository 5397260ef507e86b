import type { Opener } from '#contract';
import { X509Certificate } from 'node:crypto';
import type { Arming } from './attack.ts';
import { asTold } from './as-told.ts';
import { type Impersonated, ImpersonatedVisits } from './impersonated-visits.ts';
import type { Impostor, Sight } from './impostor.ts';
import { compareCertificates } from './two-certificates.ts';
import { bookedSince, rupees } from './verdict.ts';
import { evidenceOf, times, visitorsIn, whatTheySaw } from './visits.ts';

type Verdict = Parameters<Arming['judge']>[1];

/** What the stranger makes of a transfer that it can read; rupees. */
export const STRANGERS_AMOUNT = 900;
export const REWRITE = { path: '/api/v1/transfer', members: { amount: STRANGERS_AMOUNT } } as const;

const openers: readonly Opener[] = ['scripted-victim', 'demo-browser'];

/**
 * Stands in the site's place for whoever comes. With trust the demo browser is started anew, in a profile that trusts the
 * stranger's CA too; that ends with it.
 */
export async function armImpersonation(impostor: Impostor, arming: Arming): Promise<() => Promise<void>> {
  const { lab, under, signal } = arming;
  const { demoBrowser } = lab;
  const ends: (() => Promise<void>)[] = [];
  let isTrusted = false;
  const endAll = async () => {
    // All at once: nobody is led away any more, however long one of them takes.
    const ended = await Promise.allSettled(ends.splice(0).map((end) => end()));
    // Behind them, so that a browser that is started anew finds the site again.
    if (isTrusted) {
      isTrusted = false;
      await demoBrowser.trustToo();
    }
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  };
  try {
    const visits = new ImpersonatedVisits(lab.log, lab.persona);
    const http = await impostor.begin({ lane: 'http', openers });
    ends.push(http.end);
    signal.throwIfAborted();
    let reconsider: () => void = () => undefined;
    const see = (sight: Sight) => {
      visits.see(sight);
      // It may come behind the last thing that the log tells of the connection.
      reconsider();
    };
    const https = await impostor.begin({ lane: 'https', openers, rewrite: REWRITE, see });
    ends.push(https.end);
    signal.throwIfAborted();
    reconsider = judgeVisits(impostor, arming, visits, https.certificate);
    if (under === 'trust') {
      isTrusted = true;
      await demoBrowser.trustToo((await impostor.trust()).pem);
    }
    return endAll;
  } catch (error) {
    await endAll();
    throw error;
  }
}

function judgeVisits(
  impostor: Impostor,
  arming: Arming,
  visits: ImpersonatedVisits,
  certificate: string | undefined,
): () => void {
  const { lab, judge } = arming;
  const booked = bookedSince(lab.books);
  const noticed = compareCertificates(
    certificate === undefined ? undefined : new X509Certificate(certificate),
    new X509Certificate(impostor.siteCertificate),
  );
  return asTold(arming, (fresh) => {
    for (const newest of visits.take(fresh)) {
      if (!isConclusive(newest)) continue;
      const { lane, opener } = newest.visit;
      const same = visits.all.filter(
        (each) => each.visit.lane === lane && each.visit.opener === opener && isConclusive(each),
      );
      judge(lane, lane === 'http' ? overHttp(same) : overHttps(newest, same, booked(), noticed));
    }
  });
}

/** Something has come of it: it was answered, or broken off. */
function isConclusive({ visit, isAnswered, left, handled }: Impersonated): boolean {
  if (visit.lane === 'http') return isAnswered;
  return handled.length > 0 || isBrokenOff({ visit, left });
}

function isBrokenOff({ visit, left }: Pick<Impersonated, 'visit' | 'left'>): boolean {
  // The stranger's end alone is no witness: a browser opens more connections than it uses, and drops them in silence.
  return (
    left?.code !== undefined || (visit.isClosed && visit.failures.some(({ vantage }) => vantage === 'victim'))
  );
}

function overHttp(same: readonly Impersonated[]): Verdict {
  const secrets = readIn(same);
  const handled = same.flatMap((each) => each.handled);
  const who = visitorsIn(same.map(({ visit }) => visit));
  return {
    outcome: handled.length === 0 ? 'succeeded' : 'no effect',
    happened: `The stranger answered ${who} as if it were the site${
      secrets.length > 0 ? `, and has read ${secrets.join(', ')}` : ''
    }; the site handled ${handled.length} of its requests.`,
    siteHandled: handled.length,
    victimSaw: 'No error: over HTTP nothing says who answers.',
    ...shown(same),
  };
}

function overHttps(
  newest: Impersonated,
  same: readonly Impersonated[],
  transfers: ReturnType<ReturnType<typeof bookedSince>>,
  noticed: string,
): Verdict {
  const who = visitorsIn([newest.visit]);
  const handled = same.flatMap((each) => each.handled);
  const bytesRead = same.reduce((sum, each) => sum + each.bytesRead, 0);
  if (isBrokenOff(newest)) {
    const broken = same.filter(isBrokenOff);
    const code = newest.left?.code;
    const alert = code === undefined ? 'no alert at all' : `the alert ${alertOf(code)}`;
    return {
      outcome: 'refused',
      happened: `On ${times(broken.length, 'connection')} ${who} broke off when it had seen the certificate, with ${alert}. ${bytesRead} bytes of its requests reached the stranger, and the site handled ${handled.length}. ${noticed}`,
      siteHandled: handled.length,
      siteCounted: { transfersBooked: transfers.length },
      victimSaw: whatTheySaw(
        broken.map(({ visit }) => visit),
        'It broke off. What a browser says then stands in its window: it tells nobody else.',
      ),
      ...shown(broken),
    };
  }
  const changed = transfers.filter(({ amount }) => amount === STRANGERS_AMOUNT);
  const secrets = readIn(same);
  return {
    outcome: 'succeeded',
    happened: `The stranger read ${secrets.length > 0 ? secrets.join(', ') : `${bytesRead.toLocaleString('en')} bytes of requests`} inside the TLS that it ended for ${who}; the site handled ${times(handled.length, 'request')} on the stranger’s own connections.${
      changed.length > 0
        ? ` It booked ${rupees(STRANGERS_AMOUNT)}, ${times(changed.length, 'time')}: what the stranger wrote.`
        : ''
    } ${noticed}`,
    siteHandled: handled.length,
    siteCounted: { transfersBooked: transfers.length, changedTransfersBooked: changed.length },
    victimSaw:
      'It took the certificate, and went on to send its requests. Where the stranger’s CA is trusted nothing warns; elsewhere somebody has clicked a warning away.',
    ...shown(same),
  };
}

function readIn(same: readonly Impersonated[]): readonly string[] {
  return [...new Set(same.flatMap(({ secrets }) => secrets))];
}

function shown(same: readonly Impersonated[]): Pick<Verdict, 'evidence' | 'connections'> {
  return {
    evidence: evidenceOf(same.map(({ visit }) => visit)),
    connections: same.flatMap(({ visit, onward }) => [visit.connection, ...onward]),
  };
}

/** OpenSSL's code in the words of the RFC: `ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN` is certificate_unknown (RFC 8446, 6.2). */
function alertOf(code: string): string {
  const [, name] = /_ALERT_(.+)$/.exec(code) ?? [];
  return name === undefined ? code : name.toLowerCase();
}
