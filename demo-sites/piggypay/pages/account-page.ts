import type { Account, Payment } from '../accounts.ts';
import { formatMoney } from '../money.ts';
import { chatBox, chatScript, chatStyle } from './chat-box.ts';
import { escapeHtml, page } from './page.ts';
import { mark } from './piggy.ts';

/** What one sees after the login: the balance, the latest payments, the way out. */
export function accountPage(nonce: string, account: Account): string {
  const money = (amount: number, signed = false): string =>
    escapeHtml(formatMoney(amount, account.currency, signed));
  const received = sum(account.payments.filter(({ amount }) => amount > 0));
  const spent = -sum(account.payments.filter(({ amount }) => amount < 0));
  const body = `
<header>
<span class="brand">${mark}<span>Piggy<i>Pay</i></span></span>
<button type="button" id="leave">Log out</button>
</header>
<main>
<h1>Hello, ${escapeHtml(account.name)}</h1>
<section class="balance" aria-labelledby="balance">
<h2 id="balance">Your balance</h2>
<p class="amount">${money(account.balance)}</p>
<ul><li>${money(received)} <span>came in</span></li><li>${money(spent)} <span>went out</span></li></ul>
</section>
<section class="payments" aria-labelledby="payments">
<h2 id="payments">Latest payments</h2>
<ul>
${account.payments.map((payment) => line(payment, money(payment.amount, true))).join('\n')}
</ul>
</section>
<p id="problem" role="alert"></p>
<p class="small-print">PiggyPay is invented for a demonstration. No money was moved.</p>
</main>
${chatBox}
`;
  return page({
    nonce,
    title: 'Your account · PiggyPay',
    style: style + chatStyle,
    body,
    script: script + chatScript,
  });
}

function line({ who, what, when, amount }: Payment, shown: string): string {
  return `<li><span class="badge" aria-hidden="true">${escapeHtml(who.charAt(0))}</span>
<span class="who"><strong>${escapeHtml(who)}</strong><span>${escapeHtml(what)}</span></span>
<span class="sum"><strong${amount > 0 ? ' class="in"' : ''}>${shown}</strong><span>${escapeHtml(when)}</span></span></li>`;
}

function sum(payments: readonly Payment[]): number {
  return payments.reduce((total, { amount }) => total + amount, 0);
}

const style = `
header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding: 1rem clamp(1.25rem, 5vw, 4rem); background: var(--surface); border-bottom: 1px solid var(--line); }
header button { padding: .55rem 1.1rem; border: 1.5px solid var(--field); border-radius: 2rem; background: none; font-weight: 620; }
header button:hover { background: var(--wash); }
main { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); align-items: start; gap: 1.25rem 1.75rem; max-width: 68rem; margin: 0 auto; padding: 2rem clamp(1.25rem, 5vw, 4rem); }
h1, main > p { grid-column: 1 / -1; }
h1 { font-size: 2rem; font-weight: 760; }
section { border-radius: 1.5rem; box-shadow: var(--shadow); }
.balance { padding: 1.75rem; background: linear-gradient(150deg, #b01f52, #8c1746); color: #fff; }
.balance h2 { font-size: 1rem; font-weight: 600; letter-spacing: 0; }
.amount { margin: .4rem 0 2.5rem; font-size: clamp(2.1rem, 4vw, 2.75rem); font-weight: 760; letter-spacing: -.03em; line-height: 1.1; font-variant-numeric: tabular-nums; }
.balance ul { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; padding-top: 1.1rem; border-top: 1px solid #ffffff4d; list-style: none; font-weight: 650; }
.balance li span { display: block; font-size: .875rem; font-weight: 450; }
.payments { padding: 1.5rem 1.75rem .75rem; background: var(--surface); }
.payments h2 { margin-bottom: .5rem; font-size: 1.125rem; }
.payments ul { list-style: none; }
.payments li { display: flex; align-items: center; gap: .9rem; padding: .8rem 0; border-top: 1px solid var(--line); }
.payments li:first-child { border-top: 0; }
.badge { display: grid; place-items: center; flex: none; width: 2.6rem; height: 2.6rem; border-radius: 50%; background: var(--wash); color: var(--accent-strong); font-weight: 700; }
.who, .sum { display: flex; flex-direction: column; min-width: 0; }
.who { flex: 1; }
.sum { align-items: end; text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.who > span, .sum > span { color: var(--soft); font-size: .875rem; }
.in { color: var(--good); }
#problem { color: var(--bad); font-weight: 560; }
#problem:empty { display: none; }
@media (max-width: 52rem) { main { grid-template-columns: minmax(0, 1fr); padding-block: 1.25rem; } .payments { padding-inline: 1.25rem; } .amount { margin-bottom: 1.5rem; } }
`;

const script = `
document.getElementById('leave').addEventListener('click', async () => {
  try {
    await fetch('/api/v1/logout', { method: 'POST' });
    location.assign('/');
  } catch {
    document.getElementById('problem').textContent = 'PiggyPay cannot be reached. You are still logged in.';
  }
});
`;
