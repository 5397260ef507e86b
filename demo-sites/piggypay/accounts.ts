import { createHash } from 'node:crypto';
import { PERSONA } from './persona.ts';
import { type StoredPassword, hashPassword, verifyPassword } from './passwords.ts';

export interface Account {
  readonly name: string;
  readonly mobile: string;
  /** In units of `currency`, after everything that was paid. */
  readonly balance: number;
  readonly currency: string;
  readonly payments: readonly Payment[];
}

export interface Payment {
  readonly who: string;
  readonly what: string;
  readonly when: string;
  /** In units of the account's currency; negative when paid, positive when received. */
  readonly amount: number;
}

export interface Accounts {
  /** The account, when the password is its own; otherwise undefined, without saying which of the two was wrong. */
  authenticate(mobile: string, password: string): Promise<Account | undefined>;
  /** The same for a page that hashes in the browser: whoever has the hash needs no password. */
  authenticateHash(mobile: string, passwordHash: string): Promise<Account | undefined>;
  find(mobile: string): Account | undefined;
  /** Takes the amount off the balance and answers the new one. PiggyPay lends: it may go below zero. */
  pay(account: Account, amount: number): number;
  /** Nothing was ever paid. */
  reset(): void;
}

const ASHA: Account = {
  name: PERSONA.name,
  mobile: PERSONA.mobile,
  balance: 12_480.5,
  currency: 'INR',
  payments: [
    { who: 'Ravi', what: 'Half of Saturday’s dinner', when: 'Today', amount: 640 },
    { who: 'Chai Corner', what: 'Two cutting chais', when: 'Today', amount: -60 },
    { who: 'Metro card', what: 'Top-up', when: 'Yesterday', amount: -300 },
    { who: 'Bluebell Books', what: 'Three paperbacks', when: 'Monday', amount: -1150 },
    { who: 'Studio Kite', what: 'Invoice 17', when: 'Last week', amount: 9800 },
  ],
};

/** Opens the one account there is. Its password is known here as a hash only, and so is what the hashing page sends. */
export async function openAccounts(): Promise<Accounts> {
  const accounts = new Map([[ASHA.mobile, ASHA]]);
  // In hundredths: sums of them are exact.
  const paid = new Map<string, number>();
  const [password, sentHash, nobody] = await Promise.all([
    hashPassword(PERSONA.password),
    hashPassword(hashInBrowser(PERSONA.mobile, PERSONA.password)),
    // An unknown number costs as much time as a wrong password, so that time does not tell which numbers exist.
    hashPassword('nobody has this one'),
  ]);
  const find = (mobile: string): Account | undefined => {
    const account = accounts.get(mobile);
    return account && { ...account, balance: account.balance - (paid.get(mobile) ?? 0) / 100 };
  };
  const admit = async (mobile: string, secret: string, own: StoredPassword): Promise<Account | undefined> => {
    const right = await verifyPassword(secret, accounts.has(mobile) ? own : nobody);
    return right ? find(mobile) : undefined;
  };
  return {
    authenticate: (mobile, typed) => admit(mobile, typed, password),
    authenticateHash: (mobile, hash) => admit(mobile, hash, sentHash),
    find,
    pay: ({ mobile, balance }, amount) => {
      paid.set(mobile, (paid.get(mobile) ?? 0) + Math.round(amount * 100));
      return find(mobile)?.balance ?? balance;
    },
    reset: () => {
      paid.clear();
    },
  };
}

/** What the hashing page makes of a password: SHA-256 over the number, a colon and the password, in hex. */
export function hashInBrowser(mobile: string, password: string): string {
  return createHash('sha256').update(`${mobile}:${password}`).digest('hex');
}
