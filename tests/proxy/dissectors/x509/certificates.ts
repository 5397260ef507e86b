import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Fields of a certificate's subject and extensions, as the lines of an OpenSSL configuration. */
export interface Wanted {
  readonly subject: readonly string[];
  readonly extensions?: readonly string[];
  /** Further sections that the extensions refer to. */
  readonly sections?: string;
  /** `rsa:2048`, `ed25519`, or `ec` with a curve behind a colon. */
  readonly key?: string;
  readonly options?: readonly string[];
}

/** A self-signed certificate made by OpenSSL, which shares no line with us, in DER. */
export function opensslCertificate({
  subject,
  extensions = [],
  sections = '',
  key = 'ec:P-256',
  options = [],
}: Wanted): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-certificate-'));
  try {
    const settings = join(folder, 'openssl.cnf');
    writeFileSync(
      settings,
      [
        '[req]\ndistinguished_name=subject\nprompt=no\nutf8=yes\nstring_mask=utf8only\n[subject]',
        ...subject,
        '[extensions]',
        ...extensions,
        sections,
      ].join('\n'),
    );
    const [kind = '', size = ''] = key.split(':');
    const newKey = kind === 'ec' ? ['ec', '-pkeyopt', `ec_paramgen_curve:${size}`] : [key];
    const files = ['-keyout', join(folder, 'key.pem'), '-config', settings, '-extensions', 'extensions'];
    const args = ['req', '-x509', '-nodes', '-newkey', ...newKey, ...files, '-outform', 'DER', ...options];
    return new Uint8Array(execFileSync('openssl', args, { stdio: 'pipe' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `openssl x509` prints of a certificate. */
export function opensslPrints(certificate: Uint8Array, ...args: string[]): string {
  return execFileSync('openssl', ['x509', '-inform', 'DER', '-noout', ...args], {
    input: certificate,
  }).toString();
}

const TIMESTAMP = `00${'aa'.repeat(32)}0000018bcfe56800000004030008300602010102017f`;

/** Every kind of extension that is taken apart, with every kind of name in it. */
export const RICH: Wanted = {
  key: 'rsa:2048',
  subject: [
    'C=SE',
    'O=Käse & Söhne',
    'OU=日本語',
    'CN=rich.test',
    'emailAddress=a@rich.test',
    'serialNumber=12-3',
  ],
  extensions: [
    'basicConstraints=critical,CA:TRUE,pathlen:3',
    'keyUsage=critical,digitalSignature,keyAgreement,keyCertSign,cRLSign,decipherOnly',
    'extendedKeyUsage=serverAuth,clientAuth,1.2.3.4',
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid:always,issuer:always',
    'subjectAltName=DNS:rich.test,DNS:*.rich.test,IP:127.0.0.1,IP:2001:db8::1:0:0:1,email:x@rich.test,' +
      'URI:https://rich.test/,RID:1.2.3,otherName:1.2.3.4;UTF8:hi,dirName:directory',
    'issuerAltName=DNS:issuer.test',
    'nameConstraints=critical,permitted;DNS:.rich.test,permitted;email:rich.test,excluded;IP:10.0.0.0/255.0.0.0',
    'certificatePolicies=2.23.140.1.2.1,@policy',
    'policyConstraints=requireExplicitPolicy:3,inhibitPolicyMapping:1',
    'inhibitAnyPolicy=2',
    'crlDistributionPoints=URI:http://rich.test/crl,point',
    'authorityInfoAccess=OCSP;URI:http://rich.test/ocsp,caIssuers;URI:http://rich.test/ca',
    'tlsfeature=status_request',
    `1.3.6.1.4.1.11129.2.4.2=DER:043b00390037${TIMESTAMP}`,
    '1.3.6.1.4.1.11129.2.4.3=DER:0500',
    '1.2.3.4.9=critical,DER:0c026869',
  ],
  sections: [
    '[directory]\nC=SE\nCN=directory',
    '[policy]\npolicyIdentifier=1.3.5.8\nCPS.1=http://rich.test/cps\nuserNotice.1=@notice',
    '[notice]\nexplicitText=UTF8:Be careful\norganization=Org\nnoticeNumbers=1,2',
    '[point]\nfullname=URI:http://rich.test/crl2\nCRLissuer=dirName:directory\nreasons=keyCompromise,CACompromise',
  ].join('\n'),
};
