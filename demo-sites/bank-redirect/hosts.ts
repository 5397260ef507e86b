export interface BankHost {
  readonly name: string;
  /** One line for whoever chooses a host. */
  readonly about: string;
  /** What it asks of whoever visits over HTTPS (`Strict-Transport-Security`); a bank without it only redirects. */
  readonly strictTransport?: string;
}

// A common choice (RFC 6797, 6.1.1 and 6.1.2); with `preload` added, what the preload list asks for at least.
const A_YEAR = 'max-age=31536000; includeSubDomains';

/** Two banks that lead whoever comes over HTTP to HTTPS; only one of them asks to be visited no other way from then on. */
export const BANK_HOSTS: readonly BankHost[] = [
  {
    name: 'bank-redirect.test',
    about: 'Good. Over HTTP it does nothing but redirect to HTTPS.',
  },
  {
    name: 'bank-hsts.test',
    about: 'Good. The same, and over HTTPS it asks to be visited over HTTPS only (HSTS).',
    strictTransport: A_YEAR,
  },
];
