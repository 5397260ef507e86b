import type { Account, Payment } from '../accounts.ts';
import type { SessionUse, Transfer } from '../books.ts';
import { formatMoney } from '../money.ts';
import { LARGEST_AMOUNT, LONGEST_PAYEE } from '../transfers.ts';
import { accountScript } from './account-script.ts';
import { accountStyle } from './account-style.ts';
import { chatBox, chatScript, chatStyle } from './chat-box.ts';
import { escapeHtml, page } from './page.ts';
import { mark } from './piggy.ts';

export interface AccountShown {
  readonly account: Account;
  /** Those that this account paid, oldest first. */
  readonly transfers: readonly Transfer[];
  /** The login session that asks for the page. */
  readonly session: SessionUse;
}

/** What one sees after the login: the balance, a form to send money, who uses the session, the payments, the way out. */
export function accountPage(nonce: string, { account, transfers, session }: AccountShown): string {
  const money = (amount: number, signed = false): string =>
    escapeHtml(formatMoney(amount, account.currency, signed));
  const payments = [...transfers.map(paymentOf).reverse(), ...account.payments];
  const received = sum(payments.filter(({ amount }) => amount > 0));
  const spent = -sum(payments.filter(({ amount }) => amount < 0));
  const body = `
<header>
<span class="brand">${mark}<span>Piggy<i>Pay</i></span></span>
<button type="button" id="leave">Log out</button>
</header>
<main>
<h1>Hello, ${escapeHtml(account.name)}</h1>
<div>
<section class="balance" aria-labelledby="balance">
<h2 id="balance">Your balance</h2>
<p class="amount">${money(account.balance)}</p>
<ul><li>${money(received)} <span>came in</span></li><li>${money(spent)} <span>went out</span></li></ul>
</section>
<section class="send" aria-labelledby="send">
<h2 id="send">Send money</h2>
<form method="post" action="/api/v1/transfer" novalidate>
<p><label for="payee">Payee</label><input id="payee" name="payee" autocomplete="off" required maxlength="${LONGEST_PAYEE}" aria-describedby="problem"></p>
<p><label for="amount">Amount in ₹</label><input id="amount" name="amount" inputmode="decimal" autocomplete="off" required maxlength="9" data-largest="${LARGEST_AMOUNT}" aria-describedby="problem"></p>
<button>Send</button>
</form>
<p id="problem" role="alert"></p>
</section>
<section class="clients" aria-labelledby="clients">
<h2 id="clients">Clients on this session</h2>
<p>Session <code>${escapeHtml(session.name)}</code> was used by ${count(session.clients.length, 'client')}:</p>
<ul>
${session.clients.map((client) => `<li>${escapeHtml(client)}</li>`).join('\n')}
</ul>
</section>
</div>
<section class="payments" aria-labelledby="payments">
<h2 id="payments" tabindex="-1">Latest payments</h2>
<p>${transfersInWords(transfers, money)}</p>
<ul>
${payments.map((payment) => line(payment, money(payment.amount, true))).join('\n')}
</ul>
</section>
<p class="small-print">PiggyPay is invented for a demonstration. No money was moved.</p>
</main>
${chatBox}
`;
  return page({
    nonce,
    title: 'Your account · PiggyPay',
    style: accountStyle + chatStyle,
    body,
    script: accountScript + chatScript,
  });
}

function paymentOf({ payee, amount, session }: Transfer): Payment {
  return { who: payee, what: `Transfer in session ${session}`, when: 'Just now', amount: -amount };
}

function transfersInWords(transfers: readonly Transfer[], money: (amount: number) => string): string {
  const last = transfers.at(-1);
  if (!last) return 'No transfer is booked yet.';
  return `${count(transfers.length, 'transfer')} booked, the last one ${money(last.amount)} to ${escapeHtml(last.payee)}.`;
}

function line({ who, what, when, amount }: Payment, shown: string): string {
  // The first character, not the first half of one.
  const [initial = ''] = who;
  return `<li><span class="badge" aria-hidden="true">${escapeHtml(initial)}</span>
<span class="who"><strong>${escapeHtml(who)}</strong><span>${escapeHtml(what)}</span></span>
<span class="sum"><strong${amount > 0 ? ' class="in"' : ''}>${shown}</strong><span>${escapeHtml(when)}</span></span></li>`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function sum(payments: readonly Payment[]): number {
  return payments.reduce((total, { amount }) => total + amount, 0);
}
