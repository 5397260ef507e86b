import type { RequestHandler } from 'express';
import type { Accounts } from './accounts.ts';
import type { Books } from './books.ts';
import { refuse } from './errors.ts';
import { type WhoAsksParts, forAccounts } from './who-asks.ts';

/** Rupees. */
export const LARGEST_AMOUNT = 100_000;
/** Characters. */
export const LONGEST_PAYEE = 64;

/**
 * Books a transfer: `{ payee, amount }` in rupees → `{ booked, payee, amount, balance }`. Not idempotent, on purpose:
 * the same request once more is another transfer. What would make it so is a key that the client draws for each
 * transfer and the site books once only (the Idempotency-Key header).
 */
export function answerTransfer(parts: WhoAsksParts & { accounts: Accounts; books: Books }): RequestHandler {
  return forAccounts(parts, ({ account, session }, request, response) => {
    const order = orderOf(request.body);
    if (!order) {
      const message = `Send a payee (1 to ${LONGEST_PAYEE} characters) and an amount (rupees, up to ${LARGEST_AMOUNT}), as JSON.`;
      refuse(response, 400, 'incomplete-transfer', message);
      return;
    }
    const balance = parts.accounts.pay(account, order.amount);
    parts.books.book({ from: account.name, ...order, session });
    response.json({ booked: true, ...order, balance });
  });
}

function orderOf(body: unknown): { payee: string; amount: number } | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { payee, amount } = body as Record<string, unknown>;
  return isPayee(payee) && isAmount(amount) ? { payee: payee.trim(), amount } : undefined;
}

/** Text that shows as it is: no control, format, unassigned or line-breaking characters. */
function isPayee(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= LONGEST_PAYEE &&
    value.trim() !== '' &&
    /^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(value)
  );
}

/** Whole paise. */
function isAmount(value: unknown): value is number {
  return (
    typeof value === 'number' && value > 0 && value <= LARGEST_AMOUNT && Number(value.toFixed(2)) === value
  );
}
