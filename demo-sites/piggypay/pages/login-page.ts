import { chatBox, chatScript, chatStyle } from './chat-box.ts';
import { page } from './page.ts';
import { mark, piggyBank } from './piggy.ts';
import { PUBLIC_PAGES } from './public-pages.ts';
import { sha256Script } from './sha-256.ts';

interface Variant {
  /** HTML, below the heading. */
  readonly welcome: string;
  readonly path: string;
  /** JavaScript that makes `bodyOf`: what is sent for a number and a password. */
  readonly script: string;
}

const asTyped: Variant = {
  welcome: 'Good to see you again.',
  path: '/api/v1/login',
  script: 'const bodyOf = (mobile, password) => ({ mobile, password });',
};
const asHash: Variant = {
  welcome: 'This page hashes your password before it sends it.',
  path: '/api/v1/login-hashed',
  script: `${sha256Script}
const bodyOf = (mobile, password) => ({ mobile, passwordHash: sha256(mobile + ':' + password) });`,
};

/** The login page. It asks for a mobile number and a password and posts them as JSON. */
export function loginPage(nonce: string): string {
  return pageOf(nonce, asTyped);
}

/** The same, but what it posts is a hash of the password: to the site, and to whoever reads along, that is the password. */
export function hashingLoginPage(nonce: string): string {
  return pageOf(nonce, asHash);
}

function pageOf(nonce: string, variant: Variant): string {
  return page({
    nonce,
    title: 'Log in · PiggyPay',
    style: style + chatStyle,
    body: bodyWith(variant),
    script: variant.script + scriptFor(variant) + chatScript,
  });
}

const style = `
body { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
.welcome {
  display: flex; flex-direction: column; gap: 1.5rem; padding: 2.5rem 3.5rem;
  background: radial-gradient(120% 90% at 15% 100%, var(--wash), transparent 60%), var(--panel);
}
.welcome div { margin-block: auto; max-width: 27rem; }
.piggy { display: block; width: min(100%, 20rem); margin-bottom: 1.25rem; }
.claim { font-size: clamp(1.8rem, 3.4vw, 2.6rem); font-weight: 780; line-height: 1.15; letter-spacing: -.02em; text-wrap: balance; }
.more { margin-top: .6rem; font-size: 1.0625rem; color: var(--soft); }
main { display: grid; grid-template-columns: minmax(0, 1fr); place-content: center; justify-items: center; gap: 1.25rem; padding: 2rem; }
.card { width: min(100%, 25rem); padding: 2.25rem; border-radius: 1.5rem; background: var(--surface); box-shadow: var(--shadow); }
.card h1 { font-size: 1.75rem; font-weight: 750; }
.card > p { margin: .35rem 0 1.5rem; color: var(--soft); }
label { display: block; margin-bottom: .35rem; font-weight: 620; }
.field { display: flex; align-items: stretch; margin-bottom: 1.1rem; border: 1.5px solid var(--field); border-radius: .85rem; background: var(--surface); }
.field:focus-within { border-color: var(--accent); box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 28%, transparent); }
.field:has([aria-invalid=true]) { border-color: var(--bad); }
.field input { flex: 1; min-width: 0; padding: .75rem .9rem; border: 0; border-radius: inherit; background: none; font-size: 1.0625rem; outline: 0; }
.field span { display: grid; place-items: center; padding-inline: .9rem; border-right: 1.5px solid var(--line); color: var(--soft); }
.field button { padding: 0 .9rem; border: 0; border-radius: .75rem; background: none; color: var(--accent); font-weight: 620; }
.enter { width: 100%; margin-top: .4rem; padding: .85rem; border: 0; border-radius: .85rem; background: var(--accent); color: var(--on-accent); font-size: 1.0625rem; font-weight: 680; }
.enter:hover { background: var(--accent-strong); }
.enter[aria-disabled=true] { opacity: .75; cursor: progress; }
.problem:not(:empty) { margin: 0 0 1.1rem; padding: .7rem .9rem; border-radius: .85rem; background: var(--bad-wash); color: var(--bad); font-weight: 560; }
.card .small-print { margin: 1.4rem 0 0; }
.pages { display: flex; flex-wrap: wrap; justify-content: center; gap: .2rem 1.1rem; width: min(100%, 25rem); font-size: .9375rem; }
.pages a { padding: .15rem 0; color: var(--accent); }
@media (max-width: 52rem) {
  body { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto 1fr; }
  .welcome { padding: 1.25rem; gap: .5rem; border-radius: 0 0 2rem 2rem; }
  .welcome div { display: flex; align-items: center; gap: 1rem; margin: 0; max-width: none; }
  .more { display: none; }
  .claim { font-size: 1.5rem; }
  .piggy { width: 7.5rem; margin: 0; flex: none; }
  main { place-content: start center; padding: 1.25rem 1.25rem 5rem; }
  .card { padding: 1.5rem; }
}
`;

const bodyWith = ({ welcome, path }: Variant): string => `
<section class="welcome" aria-label="About PiggyPay">
<span class="brand">${mark}<span>Piggy<i>Pay</i></span></span>
<div>
${piggyBank}
<span><p class="claim">Small change, big plans.</p>
<p class="more">Pay for chai, split the bill, and keep what is left for something nice.</p></span>
</div>
</section>
<main>
<form class="card" method="post" action="${path}" novalidate>
<h1>Log in</h1>
<p>${welcome}</p>
<p class="problem" id="problem" role="alert"></p>
<label for="mobile">Mobile number</label>
<div class="field"><span aria-hidden="true">+91</span>
<input id="mobile" name="mobile" type="tel" inputmode="tel" autocomplete="username" aria-describedby="problem" required maxlength="24"></div>
<label for="password">Password</label>
<div class="field">
<input id="password" name="password" type="password" autocomplete="current-password" aria-describedby="problem" required maxlength="256">
<button type="button" id="show" aria-label="Show password">Show</button></div>
<button class="enter" type="submit">Log in</button>
<noscript><p class="problem">Logging in needs JavaScript.</p></noscript>
<p class="small-print">PiggyPay is invented for a demonstration. Never type a password here that you use anywhere else.</p>
</form>
<nav class="pages" aria-label="More from PiggyPay">
${PUBLIC_PAGES.map(({ path, title }) => `<a href="${path}">${title}</a>`).join('\n')}
</nav>
</main>
${chatBox}
`;

const scriptFor = ({ path }: Variant): string => `
const form = document.querySelector('.card');
const { mobile, password } = form.elements;
const enter = form.querySelector('.enter');
const problem = document.getElementById('problem');
const show = document.getElementById('show');
let busy = false;

const complain = (text, field) => {
  problem.textContent = text;
  for (const input of [mobile, password]) input.setAttribute('aria-invalid', String(input === field));
  field?.focus();
};
const setBusy = (value) => {
  busy = value;
  enter.setAttribute('aria-disabled', String(busy));
  enter.textContent = busy ? 'Logging in…' : 'Log in';
};

show.addEventListener('click', () => {
  const shown = password.type === 'password';
  password.type = shown ? 'text' : 'password';
  show.textContent = shown ? 'Hide' : 'Show';
  show.setAttribute('aria-label', show.textContent + ' password');
});

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (busy) return;
  const number = mobile.value.replace(/[^0-9+]/g, '').replace(/^[+]91/, '');
  if (!number) return complain('Enter your mobile number.', mobile);
  if (!password.value) return complain('Enter your password.', password);
  complain('');
  setBusy(true);
  try {
    const answer = await fetch('${path}', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(bodyOf(number, password.value)),
    });
    const { ok, error } = await answer.json();
    if (ok) return location.assign('/account');
    complain(error.message, password);
    password.select();
  } catch {
    complain('PiggyPay cannot be reached. Check your connection and try again.');
  }
  setBusy(false);
});
addEventListener('pageshow', () => setBusy(false));
`;
