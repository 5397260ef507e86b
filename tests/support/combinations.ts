export type MatrixClient = 'node' | 'curl' | 'openssl' | 'chromium';

/** What a server of the matrix insists on; its clients offer it, and whatever else they like. */
export interface Combination {
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's name. */
  readonly suite: string;
  readonly certificate: 'rsa:2048' | 'ec';
  /** Only of a suite with CBC. */
  readonly mac?: 'encrypt-then-MAC' | 'MAC-then-encrypt';
  /** Only of TLS 1.2 (RFC 7627). */
  readonly master?: 'extended' | 'as in RFC 5246';
  readonly client: MatrixClient;
}

type Suite = Pick<Combination, 'version' | 'suite' | 'certificate'>;
type Variant = Pick<Combination, 'mac' | 'master'>;

/** All suites whose records are opened, by what their handshake needs. */
export const SUITES: readonly Suite[] = [
  ...[
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
    'TLS_AES_128_CCM_8_SHA256',
  ].flatMap((suite) => [
    { version: 'TLSv1.3', suite, certificate: 'ec' } as const,
    { version: 'TLSv1.3', suite, certificate: 'rsa:2048' } as const,
  ]),
  ...[
    ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305', 'AES128-CCM', 'AES256-CCM'],
    ...['AES128-CCM8', 'AES256-CCM8', 'AES128-SHA', 'AES256-SHA', 'AES128-SHA256', 'AES256-SHA384'],
  ].map((suite) => ({ version: 'TLSv1.2', suite: `ECDHE-ECDSA-${suite}`, certificate: 'ec' }) as const),
  ...[
    ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'],
    ...['AES128-SHA', 'AES256-SHA', 'AES128-SHA256', 'AES256-SHA384'],
  ].map((suite) => ({ version: 'TLSv1.2', suite: `ECDHE-RSA-${suite}`, certificate: 'rsa:2048' }) as const),
  ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305', 'AES128-SHA256', 'AES256-SHA256'].map(
    (suite) => ({ version: 'TLSv1.2', suite: `DHE-RSA-${suite}`, certificate: 'rsa:2048' }) as const,
  ),
  ...[
    ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'AES128-CCM', 'AES256-CCM8'],
    ...['AES128-SHA', 'AES256-SHA', 'AES128-SHA256', 'AES256-SHA256'],
  ].map((suite) => ({ version: 'TLSv1.2', suite, certificate: 'rsa:2048' }) as const),
];

// What Chromium 156 offers: no CCM, no MAC of SHA-256 or longer, CBC and static RSA only with an RSA key.
const CHROMIUM =
  /^(TLS_AES_(128|256)_GCM.*|TLS_CHACHA20.*|ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM.*|CHACHA20.*)|ECDHE-RSA-AES(128|256)-SHA|AES(128|256)-(GCM-.*|SHA))$/;

const clients: readonly MatrixClient[] = ['node', 'curl', 'openssl', 'chromium'];

/** Every suite with every client that offers it, in every way in which it can be had. */
export function combinationsOf(suites: readonly Suite[]): readonly Combination[] {
  return suites.flatMap((suite) =>
    clients
      .filter((client) => client !== 'chromium' || CHROMIUM.test(suite.suite))
      .flatMap((client) => variantsOf(suite, client).map((variant) => ({ ...suite, ...variant, client }))),
  );
}

/** In one line, so that the list of the tests says what was covered. */
export function titleOf({ version, suite, certificate, mac, master, client }: Combination): string {
  const parts = [
    version.replace('v', ' '),
    suite,
    // In TLS 1.2 the suite's name says it.
    version === 'TLSv1.3' ? `${certificate === 'ec' ? 'ECDSA' : 'RSA'} certificate` : undefined,
    mac,
    master === undefined ? undefined : `master secret ${master}`,
  ];
  return `${parts.filter((part) => part !== undefined).join(', ')}: ${client}`;
}

/** As OpenSSL is told of it, at either end. */
export function ciphersOf({ version, suite }: Combination): string {
  // The suites of the security level that Debian asks for leave out SHA-1 and short tags.
  return version === 'TLSv1.3' ? suite : `${suite}:@SECLEVEL=0`;
}

/** Chromium knows no encrypt-then-MAC. */
function variantsOf({ version, suite }: Suite, client: MatrixClient): readonly Variant[] {
  if (version === 'TLSv1.3') return [{}];
  const macs = !isCbc(suite)
    ? [{}]
    : client === 'chromium'
      ? [{ mac: 'MAC-then-encrypt' } as const]
      : [{ mac: 'encrypt-then-MAC' } as const, { mac: 'MAC-then-encrypt' } as const];
  return (['extended', 'as in RFC 5246'] as const).flatMap((master) =>
    macs.map((mac) => ({ ...mac, master })),
  );
}

/** Of the suites of TLS 1.2, those that name no other mode. */
function isCbc(suite: string): boolean {
  return !/GCM|CCM|CHACHA20/.test(suite);
}
