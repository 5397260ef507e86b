import { page } from '../pages/page.ts';
import { TRIAL_PATH } from './flags.ts';
import { OTHER_NAME, SECURE_ORIGIN, pageOf } from './places.ts';
import { cookiesStyle } from './style.ts';
import type { CookieTrial } from './trials.ts';

/** A page of another site, with a link and a form that make the browser ask PiggyPay. */
export function elsewherePage(nonce: string, { id }: CookieTrial): string {
  const body = `
<main class="elsewhere">
<h1>You are on another site</h1>
<p>The address bar says <strong>${OTHER_NAME}</strong>. To a browser a site is a scheme and a registered domain, and this is not PiggyPay’s: its page cannot read PiggyPay’s cookies and cannot see its answers. But whoever writes the page can make your browser ask PiggyPay. Which of the cookies does the browser send along?</p>
<div class="controls">
<a class="control" href="${SECURE_ORIGIN}${TRIAL_PATH}/${id}/link">Follow a link to PiggyPay</a>
<form method="post" action="${SECURE_ORIGIN}${TRIAL_PATH}/${id}/form"><button>Post a form to PiggyPay</button></form>
</div>
<p>A form can be sent by a script too, without anybody pressing anything: that is cross-site request forgery.</p>
<p><a href="${pageOf(SECURE_ORIGIN, id)}">Back to PiggyPay, nothing tried</a></p>
</main>
`;
  return page({ nonce, title: 'Another site', style: cookiesStyle, body, script: '' });
}
