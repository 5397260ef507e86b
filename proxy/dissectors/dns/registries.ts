// IANA "Domain Name System (DNS) Parameters", as of November 2026: those that are met in practice.

export const RECORD_TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  41: 'OPT',
  43: 'DS',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
};

export const CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 255: 'ANY' };

export const OPCODES: Readonly<Record<number, string>> = {
  0: 'Standard query',
  2: 'Server status request',
  4: 'Zone change notification',
  5: 'Dynamic update',
};

export const RESPONSE_CODES: Readonly<Record<number, string>> = {
  0: 'No error',
  1: 'Format error',
  2: 'Server failure',
  3: 'No such name',
  4: 'Not implemented',
  5: 'Refused',
};

/** Keys of SVCB and HTTPS records (RFC 9460, 14.3.2; RFC 9461; RFC 9848). */
export const SERVICE_PARAMETERS: Readonly<Record<number, string>> = {
  0: 'mandatory',
  1: 'alpn',
  2: 'no-default-alpn',
  3: 'port',
  4: 'ipv4hint',
  5: 'ech',
  6: 'ipv6hint',
  7: 'dohpath',
};
