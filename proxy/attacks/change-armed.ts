import type { ConnectionId, LogEvent } from '#contract';
import type { Arming } from './attack.ts';
import { asTold } from './as-told.ts';
import { BANNER, STRANGERS_ORDER, TRANSFER_PATH } from './rewrite-http.ts';
import { bookedSince, rupees } from './verdict.ts';
import { evidenceOf, isDeed, times, Visits, whatTheySaw, visitorsIn, type Visit } from './visits.ts';

type Verdict = Parameters<Arming['judge']>[1];

/** Judges what comes of changing whatever passes: over HTTP by the site's books, over HTTPS by what it handled. */
export function judgeChanges(arming: Arming): void {
  const { lab, judge } = arming;
  const booked = bookedSince(lab.books);
  const visits = new Visits(lab.log, 'change');
  /** On which the site has said something as long as an alert. */
  const alerted = new Set<ConnectionId>();
  let banners = 0;
  asTold(arming, (fresh) => {
    for (const event of fresh)
      if (isSealedAlert(event) && event.type === 'bytes-captured') alerted.add(event.connection);
    banners += fresh.filter(hasBanner).length;
    const touched = new Set(visits.take(fresh).map(({ lane }) => lane));
    const verdicts = {
      http: () => overHttp(visits.all.filter(isOver('http')), booked(), banners),
      https: () => overHttps(visits.all.filter(isOver('https')), alerted),
    };
    for (const lane of touched) {
      const verdict = verdicts[lane]();
      if (verdict) judge(lane, verdict);
    }
  });
}

function isOver(lane: 'http' | 'https'): (visit: Visit) => boolean {
  return (visit) => visit.lane === lane;
}

function hasBanner(event: LogEvent): boolean {
  return isDeed(event, 'change') && event.after !== undefined && Buffer.from(event.after).includes(BANNER);
}

/** Undefined until something has come of it. */
function overHttp(
  visits: readonly Visit[],
  transfers: ReturnType<ReturnType<typeof bookedSince>>,
  banners: number,
): Verdict | undefined {
  const acted = visits.filter(
    ({ deeds, handled }) => deeds > 0 || handled.some(({ path }) => path === TRANSFER_PATH),
  );
  const orders = acted.flatMap(({ handled }) => handled.filter(({ path }) => path === TRANSFER_PATH));
  const { payee, amount } = STRANGERS_ORDER;
  const changed = transfers.filter((transfer) => transfer.payee === payee && transfer.amount === amount);
  if (orders.length === 0 && banners === 0) return undefined;
  const sentences = [
    changed.length > 0 &&
      `The site booked ${rupees(amount)} to “${payee}” ${times(changed.length, 'time')}: what the stranger wrote into the transfer of ${visitorsIn(acted)}.`,
    orders.length > 0 &&
      changed.length === 0 &&
      'The site booked nothing of the stranger’s: the transfer was not changed.',
    banners > 0 && `A banner went on in ${times(banners, 'page')} that the site has sent without it.`,
    orders.length === 0 && 'No transfer has come by yet.',
  ];
  const status = orders.at(-1)?.status;
  return {
    outcome: changed.length > 0 || (orders.length === 0 && banners > 0) ? 'succeeded' : 'no effect',
    happened: sentences.filter((sentence) => sentence !== false).join(' '),
    siteHandled: orders.length,
    siteCounted: { transfersBooked: transfers.length, changedTransfersBooked: changed.length },
    victimSaw:
      status === undefined
        ? 'The page with the banner in it: nothing told the browser that the site had not sent it.'
        : `No error: the site answered ${status}, to what it had been sent.`,
    evidence: evidenceOf(acted),
    connections: acted.map(({ connection }) => connection),
  };
}

/** Undefined until a connection on which a bit was flipped is over. */
function overHttps(visits: readonly Visit[], alerted: ReadonlySet<ConnectionId>): Verdict | undefined {
  const tried = visits.filter(({ deeds, isClosed }) => deeds > 0 && isClosed);
  if (tried.length === 0) return undefined;
  const after = tried.flatMap(({ handled, firstDeed = 0 }) => handled.filter(({ seq }) => seq > firstDeed));
  const answered = tried.filter(({ connection }) => alerted.has(connection)).length;
  return {
    outcome: after.length === 0 ? 'refused' : 'no effect',
    happened: `One bit was flipped on ${times(tried.length, 'connection')} of ${visitorsIn(tried)}. On ${answered} of them the site’s last word was a sealed record of the size of an alert; it handled ${times(after.length, 'request')} from there on.`,
    siteHandled: after.length,
    victimSaw: whatTheySaw(
      tried,
      'Its connection broke off. What a browser says then stands in its window: it tells nobody else.',
    ),
    evidence: evidenceOf(tried),
    connections: tried.map(({ connection }) => connection),
  };
}

const ALERT = 21;
const APPLICATION_DATA = 23;
// An alert of two bytes, its type, and a tag of sixteen (RFC 8446, 5.2 and 6).
const SEALED_ALERT = 2 + 1 + 16;

/** A record at the end that has room for an alert and for nothing else; up to TLS 1.2 its type says so itself. */
function isSealedAlert(event: LogEvent): boolean {
  if (event.type !== 'bytes-captured' || event.direction !== 'server-to-client') return false;
  const { bytes } = event;
  // Of TLS 1.2 with ChaCha20-Poly1305 (RFC 7905) and, with a nonce of eight bytes, AES-GCM (RFC 5288).
  for (const length of [SEALED_ALERT, 18, 26]) {
    const record = bytes.subarray(-5 - length);
    if (record.length < 5 + length || record[3] !== 0 || record[4] !== length) continue;
    if (record[0] === ALERT || (record[0] === APPLICATION_DATA && length === SEALED_ALERT)) return true;
  }
  return false;
}
