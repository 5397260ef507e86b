import type { Account } from '../accounts.ts';
import { formatMoney } from '../money.ts';

const LONGEST_QUOTE = 120;

/** What the desk says first. It says what it is, and knows the name only of who is logged in. */
export function greeting(account: Account | undefined): string {
  const whom = account ? `Hello ${account.name}` : 'Hello';
  return `${whom}, this is PiggyPay support: a program with a few answers. We never ask for your password.`;
}

/** The desk's answer to one line, from a handful of rules and the real account; `account` is who is logged in. */
export function deskAnswer(line: string, account: Account | undefined): string {
  const rule = RULES.find(({ about }) => about.test(line));
  return rule ? rule.answer(account) : quoting(line);
}

interface Rule {
  readonly about: RegExp;
  readonly answer: (account: Account | undefined) => string;
}

/** The first that fits answers. */
const RULES: readonly Rule[] = [
  {
    about: /\b(passwords?|passcode|pin|otp|cvv)\b/i,
    answer: () => 'Keep that to yourself: nobody at PiggyPay will ever ask for your password.',
  },
  {
    about: /\bbalance\b|\bhow much\b/i,
    answer: (account) =>
      account ? `Your balance is ${formatMoney(account.balance, account.currency)}.` : LOG_IN_FIRST,
  },
  {
    about: /\bpayments?\b|\btransactions?\b/i,
    answer: (account) => {
      const [latest] = account?.payments ?? [];
      if (!account || !latest) return LOG_IN_FIRST;
      const amount = formatMoney(latest.amount, account.currency, true);
      return `Your latest payment: ${latest.who}, ${latest.what}, ${amount}.`;
    },
  },
  {
    about: /\bopen(ing)?\b|\bhours\b|\bclosed?\b/i,
    answer: () => 'The support desk is open day and night. Programs do not sleep.',
  },
  { about: /\b(thanks|thank you|bye)\b/i, answer: () => 'You are welcome.' },
  {
    about: /^\W*(hello|hi|hey|good (morning|day|evening))\b/i,
    answer: () => 'Hello! Ask about your balance, your latest payment or our opening hours.',
  },
];

const LOG_IN_FIRST = 'Log in on this site first, then I can see your account.';

function quoting(line: string): string {
  // By code points, so that no character is cut in two.
  const characters = Array.from(line.trim());
  const isLong = characters.length > LONGEST_QUOTE;
  const quote = characters.slice(0, LONGEST_QUOTE).join('') + (isLong ? '…' : '');
  return `You wrote “${quote}”. I know about your balance, your latest payment and our opening hours.`;
}
