import { escapeHtml, page } from '../pages/page.ts';
import { mark } from '../pages/piggy.ts';
import { COLUMNS, presenceInWords } from './columns.ts';
import { FLAGGED_COOKIES, TRIAL_PATH } from './flags.ts';
import { OTHER_NAME, PLAIN_ORIGIN, SECURE_ORIGIN, elsewhereOf, pageOf } from './places.ts';
import { reasonFor } from './reasons.ts';
import { cookiesScript } from './script.ts';
import { cookiesStyle } from './style.ts';
import {
  type CookieTrial,
  type Observation,
  type Presence,
  type Transport,
  type Way,
  presenceIn,
} from './trials.ts';

export interface CookiesShown {
  /** How this page was asked for. */
  readonly over: Transport;
  /** The Cookie field of that request. */
  readonly cookies: string;
  readonly trial: CookieTrial | undefined;
  /** A trial was asked for whose cookies are gone, or that nobody remembers. */
  readonly isOver: boolean;
}

/** The page where the flags of cookies are tried: what to do, and what came of it, as the site has seen it. */
export function cookiesPage(nonce: string, { over, cookies, trial, isOver }: CookiesShown): string {
  const body = `
<header><span class="brand">${mark}<span>Piggy<i>Pay</i></span></span></header>
<main${trial ? ` data-trial="${trial.id}"` : ''}>
<h1>The flags of a cookie, tried out</h1>
<p>You are here over <strong>${over.toUpperCase()}</strong>. Nothing in the table is written beforehand: your browser decides what it keeps and sends, and the site writes down what came. The cookies are harmless, live for ten minutes and go to the addresses below <code>${TRIAL_PATH}</code> only.</p>
${isOver ? '<p><strong>That trial is over. Set the cookies again.</strong></p>' : ''}
${setting(over, trial)}
${trial ? trying(over, trial, presenceIn(cookies, trial)) + results(trial) : ''}
<section aria-labelledby="flags">
<h2 id="flags">What each flag keeps out, and whom not</h2>
<dl>
${FLAGGED_COOKIES.map(({ name, flags, about }) => `<dt>${flags || `none (<code>${name}</code>)`}</dt><dd>${about}</dd>`).join('\n')}
</dl>
<p class="own">The cookie of PiggyPay’s own login is <code>HttpOnly; SameSite=Lax</code>. Over HTTPS it is another one, which is <code>Secure</code> besides.</p>
</section>
</main>
`;
  return page({ nonce, title: 'Cookie flags · PiggyPay', style: cookiesStyle, body, script: cookiesScript });
}

function setting(over: Transport, trial: CookieTrial | undefined): string {
  const also =
    over === 'http'
      ? `<p>This page came over HTTP: try what the browser does here with a cookie that is Secure. One that it has from HTTPS can be neither replaced nor removed from here.</p>`
      : '';
  return `<section aria-labelledby="setting">
<h2 id="setting">1. Let the site set six cookies</h2>
<p>${trial ? `They were set over ${trial.setOver.toUpperCase()}, each with a random value.` : 'One a flag, one without any, one with all three.'}</p>
${also}
<div class="controls">
<button type="button" id="set"${trial ? '' : ' class="first"'}>${trial ? 'Set six new ones' : 'Set six cookies'} over ${over.toUpperCase()}</button>
${trial ? '<button type="button" id="remove">Remove them</button>' : ''}
${trial ? '' : otherSide(over)}
</div>
<p id="problem" role="alert"></p>
</section>`;
}

function otherSide(over: Transport): string {
  return over === 'http'
    ? `<a href="${SECURE_ORIGIN}${TRIAL_PATH}">This page over HTTPS</a>`
    : `<a href="${PLAIN_ORIGIN}${TRIAL_PATH}">This page over HTTP</a>`;
}

function trying(over: Transport, { id }: CookieTrial, came: Observation['cookies']): string {
  const across =
    over === 'http'
      ? `<a class="control" href="${SECURE_ORIGIN}${TRIAL_PATH}/${id}/other-scheme">Follow a link to HTTPS</a>`
      : `<a class="control" href="${pageOf(PLAIN_ORIGIN, id)}">Go on over HTTP</a>`;
  return `<section aria-labelledby="trying">
<h2 id="trying">2. Try who gets them</h2>
<div class="controls">
<button type="button" id="ask" class="first">Ask PiggyPay from this page</button>
<button type="button" id="read">Let a script read document.cookie</button>
<a class="control" href="${elsewhereOf(id)}">Visit another site, ${OTHER_NAME}</a>
${across}
</div>
<p>With the request for this page itself came ${listed(came)}${over === 'http' ? ', in clear' : ''}.${afterLink(over, came)}</p>
</section>`;
}

/** On the way from HTTPS to HTTP: what stays behind with the link comes with the page’s own requests. */
function afterLink(over: Transport, came: Observation['cookies']): string {
  const waits =
    over === 'http' && came.get('same-site-strict') === 'absent' && came.get('plain') === 'present';
  return waits
    ? ' You came from another site, or from HTTPS, which to this browser is one too: <code>same-site-strict</code> waits for a request of this page’s own.'
    : '';
}

function results(trial: CookieTrial): string {
  const head = COLUMNS.map(
    ({ way, heading, told }) =>
      `<th scope="col" data-way="${way}">${heading}<small>${told}${overInWords(trial, way)}</small></th>`,
  );
  const rows = FLAGGED_COOKIES.map(
    ({ name, flags }) =>
      `<tr><th scope="row"><code>${name}</code><small>${flags || 'no flag'}</small></th>${COLUMNS.map(({ way }) => cell(way, trial.observations.get(way)?.cookies.get(name))).join('')}</tr>`,
  );
  const tried = COLUMNS.filter(({ way }) => trial.observations.has(way));
  return `<section aria-labelledby="results">
<h2 id="results" tabindex="-1">What happened</h2>
<div class="scroll" role="region" aria-label="Cookies by trial" tabindex="0">
<table>
<caption>The newest try of each kind, with the cookies set over ${trial.setOver.toUpperCase()}</caption>
<thead><tr><th scope="col">Cookie</th>${head.join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>
<ol>
${tried.map(({ way, heading }) => `<li data-way="${way}"><strong>${heading}:</strong> ${inWords(way, trial)} ${reasonFor(way, trial)}</li>`).join('\n')}
</ol>
</section>`;
}

function cell(way: Way, presence: Presence | undefined): string {
  const isOwn = way === 'from-https' && presence === 'present';
  return `<td data-way="${way}" class="${isOwn ? 'same' : (presence ?? 'untried')}">${presenceInWords(way, presence)}</td>`;
}

/** A script reads other cookies over HTTP than over HTTPS; the other trials say it in their headings. */
function overInWords({ observations }: CookieTrial, way: Way): string {
  const seen = observations.get(way);
  return seen && way === 'script' ? `, over ${seen.over.toUpperCase()}` : '';
}

function inWords(way: Way, { observations }: CookieTrial): string {
  const seen = observations.get(way);
  const names = listed(seen?.cookies ?? new Map());
  const said =
    seen?.fetchSite === undefined ? '' : ` The browser called it <code>${escapeHtml(seen.fetchSite)}</code>.`;
  return way === 'script' ? `the script read ${names}.` : `with this request came ${names}.${said}`;
}

function listed(cookies: Observation['cookies']): string {
  const names = [...cookies].filter(([, presence]) => presence === 'present');
  return names.map(([name]) => `<code>${name}</code>`).join(', ') || 'none of them';
}
