/** A page that everybody may open; what it is about may be nobody's business all the same. */
export interface PublicPage {
  readonly path: string;
  /** Also the text of the link to it; no characters that HTML gives a meaning to. */
  readonly title: string;
  readonly lead: string;
  /** HTML. */
  readonly body: string;
}

/** In the order of the links on the start page. */
export const PUBLIC_PAGES: readonly PublicPage[] = [
  {
    path: '/help',
    title: 'Help',
    lead: 'What people ask us most.',
    body: `
<h2>How do I send money?</h2>
<p>Log in, type the name of whoever is to have it and the amount, and press Send. The money is there at once, and you see it among your latest payments.</p>
<h2>Can I take a payment back?</h2>
<p>No. Ask whoever received it to send it back; we help you to reach them where we can. If it was not you who sent it, tell us today.</p>
<h2>I have forgotten my password</h2>
<p>Open the app on the phone with your number, choose “Forgotten”, and type the code that we send. We never ask for a code on the telephone, and never for your password.</p>
<h2>Somebody who says he is PiggyPay has called me</h2>
<p>Hang up. We do not call to ask for codes, for remote control of your phone, or for a test payment. Call the number on the back of your card.</p>
<h2>Why was my payment refused?</h2>
<ul>
<li>It was above your limit for the day: see Fees and limits.</li>
<li>The name did not match the account it was meant for.</li>
<li>You have a loan with us whose instalment is overdue.</li>
</ul>
<h2>How do I change my number?</h2>
<p>Log in with the old number, choose “My number”, and confirm the new one with the code that we send to it. Without the old number, bring a document with your picture to one of our shops.</p>`,
  },
  {
    path: '/fees',
    title: 'Fees and limits',
    lead: 'What it costs, and how much goes through in a day. No small print.',
    body: `
<table>
<thead><tr><th scope="col">What</th><th scope="col">Fee</th><th scope="col">Limit a day</th></tr></thead>
<tbody>
<tr><th scope="row">Send money to a friend</th><td>none</td><td>₹ 50,000</td></tr>
<tr><th scope="row">Pay in a shop</th><td>none</td><td>₹ 1,00,000</td></tr>
<tr><th scope="row">Pay a bill</th><td>none</td><td>₹ 1,00,000</td></tr>
<tr><th scope="row">Send money to a bank account</th><td>₹ 3</td><td>₹ 50,000</td></tr>
<tr><th scope="row">Take out cash</th><td>₹ 15</td><td>₹ 10,000</td></tr>
<tr><th scope="row">Pay in another currency</th><td>1.5 %</td><td>₹ 50,000</td></tr>
<tr><th scope="row">A second card</th><td>₹ 99 a year</td><td>as the first</td></tr>
</tbody>
</table>
<p>You can lower every limit in the app, at once. Raising one takes a day, so that nobody raises it for you.</p>`,
  },
  {
    path: '/lost-phone',
    title: 'Report a lost phone',
    lead: 'Your money stays where it is. Do this first, and the rest with time.',
    body: `
<ol>
<li>Log in on any other device and choose “Block this phone”. All sessions of the lost one end at once.</li>
<li>Ask your network to block the card with your number, so that no code reaches whoever has it.</li>
<li>Tell us here in the support chat when you last had it. We look at every payment since.</li>
</ol>
<p>Payments that were made after you have told us are our loss, not yours.</p>`,
  },
  {
    path: '/pay-back',
    title: 'Pay back a loan',
    lead: 'Instalments, paying earlier, and what is left.',
    body: `
<h2>Each month</h2>
<p>We take the instalment on the fifth, from your balance. If there is too little we try again on the eighth and on the twelfth, and each time we write to you before.</p>
<h2>Earlier</h2>
<p>You can pay all of it, or any part above ₹ 500, whenever you like. There is no fee, and interest ends on the day it arrives.</p>
<table>
<thead><tr><th scope="col">Loan</th><th scope="col">Months</th><th scope="col">Instalment</th><th scope="col">In all</th></tr></thead>
<tbody>
<tr><th scope="row">₹ 10,000</th><td>6</td><td>₹ 1,740</td><td>₹ 10,440</td></tr>
<tr><th scope="row">₹ 10,000</th><td>12</td><td>₹ 900</td><td>₹ 10,800</td></tr>
<tr><th scope="row">₹ 50,000</th><td>24</td><td>₹ 2,370</td><td>₹ 56,880</td></tr>
</tbody>
</table>`,
  },
  {
    path: '/cannot-pay',
    title: 'I cannot pay',
    lead: 'Tell us early. We have a way out for most, and a person to talk to for everybody.',
    body: `
<p>Losing work, an illness, a separation: it happens, and it need not be explained to a machine. Nobody but the people of our advice desk sees what you write to them.</p>
<h2>What we can do</h2>
<ul>
<li>Stop instalments for up to three months. Interest goes on; fees do not.</li>
<li>Make them smaller, over a longer time.</li>
<li>Freeze a debt while somebody who advises for free looks at all of yours, not only at the one with us.</li>
<li>Forgive a part, where nothing else helps.</li>
</ul>
<h2>What we do not do</h2>
<p>We do not sell debts, we do not call at your work or your family, and we do not write about money on the outside of a letter.</p>
<h2>Whom else to ask</h2>
<p>The advice desk of your town is free and works for you, not for us. Take your last three statements and the letters you have not opened yet; they have seen such letters before.</p>
<p>If it is more than money that weighs on you, talk to somebody today: your doctor, a friend, a help line.</p>`,
  },
  {
    path: '/complaint',
    title: 'Make a complaint',
    lead: 'We got something wrong? We want to know, and you get an answer from a person.',
    body: `
<p>Write to us in the support chat, or by letter. Say what happened, when, and what would put it right. You hear from us within two days that we have it, and within fifteen what we make of it.</p>
<p>Not content with that? The ombudsman decides free of charge, and we are bound by what he decides. You have a year to ask him.</p>`,
  },
  {
    path: '/close-account',
    title: 'Close the account',
    lead: 'We are sorry to see you go. It takes three steps.',
    body: `
<ol>
<li>Send what is left to another account of yours.</li>
<li>End the payments that come back each month: whoever collects them is not told by us.</li>
<li>Log in, choose “Close”, and confirm it with the code that we send.</li>
</ol>
<p>We keep what the law tells us to keep, for eight years: your payments, and who you were. Everything else is gone after thirty days, and for so long you can change your mind.</p>
<p>An account with an open loan stays open until it is paid back. Nothing is charged for that.</p>`,
  },
];
