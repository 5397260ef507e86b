import type { AttackLane, AttackVerdict, Trial } from '#contract';
import { StrictTransport } from '../victim/strict-transport.ts';
import type { VisitAnswer } from '../victim/visit.ts';
import type { Attack, Attempt } from './attack.ts';
import { judgeStripping } from './strip-armed.ts';
import type { Stripping } from './stripping.ts';
import { type StrippedVisit, visitOnce } from './stripped-visit.ts';
import { times } from './visits.ts';

type Verdict = Omit<AttackVerdict, 'defence'>;

/** The site of each lane: one that only redirects, and one that asks for HTTPS from then on. */
const STRIPPED_HOSTS: Readonly<Record<AttackLane, string>> = {
  http: 'bank-redirect.test',
  https: 'bank-hsts.test',
};

const whoever = ['scripted-victim', 'demo-browser', 'other'] as const;

/** Keeps a victim on HTTP that types a name without a scheme, and speaks HTTPS with the site in its place. */
export function strip(stripping: Stripping): Attack {
  return {
    id: 'strip',
    title: 'Strip the S',
    plan: {
      http: `${STRIPPED_HOSTS.http} answers over HTTP with nothing but a redirect to HTTPS. Be there first: keep the victim on HTTP, and speak HTTPS with the site in its place. Its cookie goes on without Secure and under another name: a browser lets no cookie without Secure take the place of one that has it (RFC 6265bis, 5.7).`,
      https: `The same at ${STRIPPED_HOSTS.https}, which asks over HTTPS to be visited that way only (HSTS): first with a victim that was never there, then with one that was. The verdict is about the last visit. Armed, it meets the demo browser too, which knows of HSTS only once it has opened https://${STRIPPED_HOSTS.https} itself.`,
    },
    defence: {
      http: 'A redirect does not protect: it answers a request that has crossed in clear already, and whoever is on the way can answer that instead. HSTS protects whoever has once been there over HTTPS (RFC 6797), the browsers’ preload list from the first visit on. Chromium also tries HTTPS first by itself, and goes on over HTTP where that fails, which a stranger on the way can bring about; the demo browser has it switched off, so that the contrast shows.',
      https:
        'Who was there once over HTTPS knows, for as long as the site asked (here a year): the browser itself turns http into https before it sends a request (RFC 6797, 8.3), and lets nobody click a certificate error away (8.4, 12.1). The first visit is open (14.6); for that there is the preload list, which comes with the browser.',
    },
    seconds: 3,
    place: STRIPPED_HOSTS.http,
    async arm(arming) {
      const ends: (() => Promise<void>)[] = [];
      const end = async () => {
        await Promise.all(ends.map((each) => each()));
      };
      try {
        judgeStripping(arming, stripping, STRIPPED_HOSTS);
        for (const host of Object.values(STRIPPED_HOSTS))
          ends.push(await stripping.begin(arming.lab, host, whoever));
        return end;
      } catch (error) {
        await end();
        throw error;
      }
    },
    attempt: (attempt) =>
      attempt.lane === 'http' ? redirectAlone(stripping, attempt) : strictTransport(stripping, attempt),
  };
}

async function redirectAlone(stripping: Stripping, attempt: Attempt): Promise<Verdict> {
  const host = STRIPPED_HOSTS.http;
  const memory = new StrictTransport();
  const usual = await visitOnce(stripping, attempt, host, { memory, stranger: false });
  assertIn(usual.answer);
  const met = await visitOnce(stripping, attempt, host, { memory, stranger: true });
  const isStripped = hasStripped(met);
  if (!isStripped && !met.answer.ok) throw new Error(`it was broken off: ${seen(met.answer)}`);
  const connections = [...met.connections, ...usual.connections];
  return {
    outcome: isStripped ? 'succeeded' : 'no effect',
    happened: isStripped ? 'The password crossed in clear.' : 'The victim came to the site all the same.',
    trials: [
      { title: 'Without the stranger', happened: usualText(usual), connections: usual.connections },
      tried('With the stranger', met),
    ],
    siteHandled: met.through,
    siteCounted: {
      requestsHandledOverHttp: met.counted.overHttp,
      loginsHandledOverHttps: met.counted.logins,
    },
    victimSaw: seen(met.answer),
    evidence: attempt.watch.evidence(connections),
    connections,
  };
}

async function strictTransport(stripping: Stripping, attempt: Attempt): Promise<Verdict> {
  const host = STRIPPED_HOSTS.https;
  const memory = new StrictTransport();
  const first = await visitOnce(stripping, attempt, host, { memory, stranger: true });
  const usual = await visitOnce(stripping, attempt, host, { memory, stranger: false });
  assertIn(usual.answer);
  const second = await visitOnce(stripping, attempt, host, { memory, stranger: true });
  const isStripped = hasStripped(second);
  if (!isStripped && !second.answer.ok) throw new Error(`it was broken off: ${seen(second.answer)}`);
  const connections = [...second.connections, ...first.connections, ...usual.connections];
  return {
    outcome: isStripped ? 'succeeded' : 'no effect',
    happened: `The first visit was ${hasStripped(first) ? 'open' : 'not read'}; the last sent ${times(second.plainBytes, 'byte')} over HTTP.`,
    trials: [
      tried('First visit, with the stranger', first),
      { title: 'Then one without it', happened: usualText(usual), connections: usual.connections },
      tried('Then with it again', second),
    ],
    siteHandled: second.through,
    siteCounted: {
      loginsThroughTheStrangerOnTheFirstVisit: first.loginsThrough,
      loginsThroughTheStrangerOnTheLastVisit: second.loginsThrough,
    },
    victimSaw: seen(second.answer),
    evidence: attempt.watch.evidence(connections),
    connections,
  };
}

/** The stranger has read the login, and the site has let it in for it. */
function hasStripped({ isRead, loginsThrough }: StrippedVisit): boolean {
  return isRead && loginsThrough > 0;
}

/** A visit that the stranger was there for. */
function tried(title: string, visit: StrippedVisit): Trial {
  return {
    title,
    outcome: hasStripped(visit) ? 'succeeded' : 'no effect',
    happened: metText(visit),
    connections: visit.connections,
  };
}

/** A visit with nobody in between. */
function usualText({ answer, plainBytes, isRead }: StrippedVisit): string {
  const redirects = answer.steps.filter(({ by }) => by === 'redirected').length;
  const password = isRead ? 'with the password among them' : 'no password among them';
  return `The victim asked over HTTP, was redirected ${redirects === 1 ? 'once' : times(redirects, 'time')} and logged in at ${answer.address}. It sent ${times(plainBytes, 'byte')} over HTTP, ${password}.`;
}

function metText(visit: StrippedVisit): string {
  const { answer, plainBytes, through, loginsThrough, counted } = visit;
  if (hasStripped(visit))
    return `The victim stayed at ${answer.address} and its password crossed in clear. The site handled ${times(through, 'request')} of the stranger’s over HTTPS, ${times(loginsThrough, 'login')} among them, and ${counted.overHttp} over HTTP.`;
  const isKnown = answer.steps.some(({ by }) => by === 'known');
  return `The victim ${isKnown ? 'knew the site as one for HTTPS only, ' : ''}went to ${answer.address} and sent ${times(plainBytes, 'byte')} over HTTP. The site handled ${times(through, 'request')} of the stranger’s.`;
}

/** What whoever sits before it could have seen. */
function seen(answer: VisitAnswer): string {
  const { error, status, address } = answer;
  if (error) return `${error.code}: ${error.message}`;
  const bar = address.startsWith('https:')
    ? 'where a browser shows no warning'
    : 'where Chromium shows “Not secure” and no more, no error and no question';
  return `The site answered ${status ?? ''}. The address was ${address}, ${bar}.`;
}

/** Throws where the site itself never let the victim in: then nothing was tried. */
function assertIn(answer: VisitAnswer): void {
  if (!answer.ok) throw new Error(`the site did not let the victim in: ${seen(answer)}`);
}
