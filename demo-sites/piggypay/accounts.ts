import { PERSONA } from './persona.ts';
import { type StoredPassword, hashPassword, verifyPassword } from './passwords.ts';

export interface Account {
  readonly name: string;
  readonly mobile: string;
  /** In units of `currency`. */
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
  find(mobile: string): Account | undefined;
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

/** Opens the one account there is. Its password is known here as a hash only. */
export async function openAccounts(): Promise<Accounts> {
  const accounts = new Map([[ASHA.mobile, ASHA]]);
  const passwords = new Map<string, StoredPassword>([[ASHA.mobile, await hashPassword(PERSONA.password)]]);
  // An unknown number costs as much time as a wrong password, so that time does not tell which numbers exist.
  const nobody = await hashPassword('nobody has this one');
  return {
    authenticate: async (mobile, password) => {
      const right = await verifyPassword(password, passwords.get(mobile) ?? nobody);
      return right ? accounts.get(mobile) : undefined;
    },
    find: (mobile) => accounts.get(mobile),
  };
}
