import type { Opener } from '#contract';
import type { CertificateConnection } from '#folds/certificate-check/certificate-cases.ts';
import type { CertificateCase } from '#folds/certificate-check/certificate-case.ts';
import type { CheckStatus } from '#folds/certificate-check/check-line.ts';
import { counted } from './quantity.ts';

const WHO: Readonly<Record<Opener, string>> = {
  'scripted-victim': 'the scripted victim',
  'demo-browser': 'the demo browser',
  stranger: 'the stranger',
  other: 'another client',
};

export const STATUS_WORDS: Readonly<Record<CheckStatus, string>> = {
  good: 'Passes',
  bad: 'Fails',
  open: 'Not checked',
};

/** The resolver's certificate is no part of the story; among all others the newest is looked at first. */
export function newestCertificate(list: readonly CertificateConnection[]): CertificateConnection | undefined {
  return list.findLast(({ host }) => host !== 'resolver.test') ?? list.at(-1);
}

export function connectionLine({ connection, host, opener }: CertificateConnection): string {
  return `${host} · connection ${connection}, ${WHO[opener]}`;
}

/** Where the certificates on screen come from, and what the stranger could see of them. */
export function originLine({ chainFrom, isOnWire, version }: CertificateCase): string {
  if (chainFrom === 'wire') return 'Read from the wire, where it crossed in clear: up to TLS 1.2 it does.';
  if (chainFrom === undefined)
    return version === undefined
      ? 'No certificate came: the handshake ended before it.'
      : 'In TLS 1.3 the certificate crosses sealed, and this client does not tell what it saw.';
  return isOnWire
    ? 'Told by the victim; byte for byte the same crossed the wire in clear, where the stranger read it.'
    : 'Told by the victim. In TLS 1.3 it crosses sealed: the stranger does not see this certificate.';
}

/** What the site counted of the login. */
export function siteLine({ requests, logins }: CertificateCase): string {
  if (requests === 0) return '0 requests: 0 bytes of the login were sent';
  return `${counted(requests, 'request')}, ${counted(logins, 'login')} among them`;
}

export function alertLine({ alert }: CertificateCase): string {
  return alert === undefined ? 'no alert in clear' : `alert in clear: ${alert}`;
}
