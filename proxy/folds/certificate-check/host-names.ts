import type { CertificateFacts, ConstraintName, NameConstraints } from './certificate-facts.ts';

/** The name in the certificate that stands for this host (RFC 9525, 6.3; RFC 2818 for addresses), if one does. */
export function matchingName(host: string, facts: CertificateFacts): string | undefined {
  const asked = host.toLowerCase().replace(/\.$/, '');
  if (isAddress(asked)) return facts.addresses.find((address) => address === asked);
  return facts.dnsNames.find((name) => covers(name.toLowerCase(), asked));
}

/** The first of the names that the authority may not sign for (RFC 5280, 4.2.1.10); undefined when it may for all. */
export function forbiddenName(
  { dnsNames, addresses }: Pick<CertificateFacts, 'dnsNames' | 'addresses'>,
  { permitted, excluded }: NameConstraints,
): string | undefined {
  const isForbidden = (name: string, kind: ConstraintName['kind'], lies: typeof liesUnder): boolean => {
    const allowed = permitted.filter((constraint) => constraint.kind === kind);
    // A kind of name that is not mentioned is not restricted.
    const isOutside = allowed.length > 0 && !allowed.some((constraint) => lies(name, constraint.text));
    return isOutside || excluded.some((each) => each.kind === kind && lies(name, each.text));
  };
  return (
    dnsNames.find((name) => isForbidden(name.toLowerCase(), 'dns', liesUnder)) ??
    addresses.find((address) => isForbidden(address, 'network', liesIn))
  );
}

/** A wildcard stands for one whole label, the first (RFC 9525, 6.3). */
function covers(name: string, host: string): boolean {
  if (name === host) return true;
  if (!name.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot + 1).includes('.') && name.slice(1) === host.slice(dot);
}

function liesUnder(name: string, constraint: string): boolean {
  const parent = constraint.toLowerCase().replace(/^\./, '');
  return parent === '' || name === parent || name.endsWith(`.${parent}`);
}

function liesIn(address: string, network: string): boolean {
  const [base = '', length = ''] = network.split('/');
  if (address.includes(':') || base.includes(':')) return length === '128' && address === base;
  const shift = 32 - Number(length);
  return shift === 32 || toNumber(address) >>> shift === toNumber(base) >>> shift;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}
