import { X509Certificate } from 'node:crypto';
import { findField, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { explainCertificate } from '#dissectors/x509/certificate.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../../certs/authority.ts';
import { hasTool } from '../../../support/tools.ts';
import { expectCovered, malformations } from '../feeding.ts';
import { opensslCertificate, opensslPrints, RICH } from './certificates.ts';

function explained(bytes: Uint8Array): Field {
  const field = explainCertificate(bytes);
  expectCovered(field, bytes.length);
  expect(malformations(field)).toEqual([]);
  return field;
}

/** The value of the extension that is labelled so. */
function extension(field: Field, label: string): Field | undefined {
  return findFields(field, 'x509af.Extension_element').find((one) => one.label === label);
}

function valuesOf(field: Field | undefined, name: string): readonly unknown[] {
  return field ? findFields(field, name).map(({ value }) => value) : [];
}

/** As `Field` has dates, from Node's `Nov  2 10:00:00 2026 GMT`. */
function iso(date: string): string {
  return new Date(date).toISOString().replace('.000', '');
}

describe('a certificate of the lab', () => {
  let authority: Field;
  let leaf: Field;
  let witness: X509Certificate;
  let authorityWitness: X509Certificate;

  beforeAll(async () => {
    const lab = await createAuthority(['piggypay.test']);
    authority = explained(lab.certificateDer);
    authorityWitness = new X509Certificate(lab.certificateDer);
    const issued = await lab.issue({ names: ['piggypay.test', 'www.piggypay.test', '127.0.0.1', '::1'] });
    witness = new X509Certificate(issued.certificatePem);
    leaf = explained(new Uint8Array(witness.raw));
  });

  test('shows for which names it stands, and who says so', () => {
    const names = extension(leaf, 'Subject alternative name');
    expect(valuesOf(names, 'x509ce.dNSName')).toEqual(['piggypay.test', 'www.piggypay.test']);
    expect(valuesOf(names, 'x509ce.IPAddress.ipv4')).toEqual(['127.0.0.1']);
    expect(valuesOf(names, 'x509ce.IPAddress.ipv6')).toEqual(['::1']);
    expect(names?.value).toBe('piggypay.test, www.piggypay.test, 127.0.0.1, ::1');
    expect(leaf).toMatchObject({ value: 'piggypay.test, www.piggypay.test, 127.0.0.1, ::1' });
    expect(leaf.meaning).toMatch(/^issued by O=Plainsight demonstration, CN=NOT FOR REAL USE lab CA/);
  });

  test('shows version, serial number and validity as Node reads them', () => {
    expect(findField(leaf, 'x509af.version')).toMatchObject({ value: 2, meaning: 'v3' });
    expect(findField(leaf, 'x509af.serialNumber')?.value).toBe(witness.serialNumber.toLowerCase());
    expect(findField(leaf, 'x509af.notBefore')?.value).toBe(iso(witness.validFrom));
    expect(findField(leaf, 'x509af.notAfter')?.value).toBe(iso(witness.validTo));
  });

  test('shows its key as a point on P-256', () => {
    expect(findField(leaf, 'x509af.subjectPublicKeyInfo_element')?.value).toBe('P-256');
    const { x, y } = witness.publicKey.export({ format: 'jwk' });
    const hexOf = (part: string | undefined) => Buffer.from(part ?? '', 'base64url').toString('hex');
    expect(findField(leaf, 'plainsight.x509.point_x')?.value).toBe(hexOf(x));
    expect(findField(leaf, 'plainsight.x509.point_y')?.value).toBe(hexOf(y));
  });

  test('shows what the key may do', () => {
    expect(extension(leaf, 'Basic constraints')).toMatchObject({
      value: 'no authority',
      meaning: 'critical',
    });
    expect(extension(leaf, 'Key usage')).toMatchObject({ value: 'digitalSignature', meaning: 'critical' });
    expect(extension(leaf, 'Extended key usage')?.value).toBe('serverAuth');
  });

  test('names the key of its authority as the authority names its own', () => {
    const [issuer] = valuesOf(extension(leaf, 'Authority key identifier'), 'x509ce.keyIdentifier');
    const [own] = valuesOf(extension(authority, 'Subject key identifier'), 'x509ce.SubjectKeyIdentifier');
    expect(issuer).toMatch(/^[0-9a-f]{40}$/);
    expect(issuer).toBe(own);
  });

  test('shows that its authority may sign for the demo names and for loopback alone', () => {
    expect(authorityWitness.ca).toBe(true);
    expect(extension(authority, 'Basic constraints')?.value).toBe(
      'authority, at most 0 authorities below it',
    );
    expect(extension(authority, 'Key usage')?.value).toBe('keyCertSign, cRLSign');
    expect(extension(authority, 'Name constraints')).toMatchObject({
      value: 'permitted: piggypay.test, 127.0.0.0/8, ::1/128',
      meaning: 'critical',
    });
  });

  test('can be read as a file in DER, whole and in any beginning of it', () => {
    const bytes = new Uint8Array(witness.raw);
    for (let end = 0; end < bytes.length; end++) {
      const field = explainCertificate(bytes.subarray(0, end));
      expectCovered(field, end);
      expect(malformations(field).length, `the first ${end} bytes`).toBeGreaterThan(0);
    }
  });
});

describe.skipIf(!hasTool('openssl'))('a certificate of OpenSSL', () => {
  test('with an RSA key shows modulus and exponent', () => {
    const bytes = opensslCertificate({ subject: ['CN=rsa.test'], key: 'rsa:2048' });
    const field = explained(bytes);
    const modulus = /Modulus=([0-9A-F]+)/.exec(opensslPrints(bytes, '-modulus'))?.[1]?.toLowerCase() ?? '';
    expect(findField(field, 'x509af.subjectPublicKeyInfo_element')?.value).toBe('RSA, 2048 bits');
    const { range } = findField(field, 'pkcs1.modulus') ?? { range: { start: 0, end: 0 } };
    expect(Buffer.from(bytes.subarray(range.start, range.end)).toString('hex')).toBe(`00${modulus}`);
    expect(findField(field, 'pkcs1.publicExponent')?.value).toBe(65537);
    expect(findField(field, 'x509af.signature_element')?.value).toBe('sha256WithRSAEncryption');
    expect(findField(field, 'x509af.encrypted')?.range.end).toBe(bytes.length);
  });

  test.each([
    ['ed25519', 'Ed25519', 'Ed25519'],
    ['ec:P-384', 'P-384', 'ecdsa-with-SHA256'],
    ['ec:brainpoolP256r1', 'brainpoolP256r1', 'ecdsa-with-SHA256'],
  ])('with a key of kind %s says so', (key, kind, signature) => {
    const field = explained(opensslCertificate({ subject: ['CN=x'], key }));
    expect(findField(field, 'x509af.subjectPublicKeyInfo_element')?.value).toBe(kind);
    expect(findField(field, 'x509af.algorithmIdentifier_element')?.value).toBe(signature);
  });

  test('signed with RSA-PSS shows hash, mask and salt', () => {
    const options = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'];
    const field = explained(opensslCertificate({ subject: ['CN=pss'], key: 'rsa:2048', options }));
    expect(findField(field, 'x509af.signature_element')?.value).toBe('RSASSA-PSS');
    expect(findField(field, 'pkcs1.hashAlgorithm_element')?.value).toBe('sha256');
    expect(findField(field, 'pkcs1.maskGenAlgorithm_element')?.value).toBe('mgf1');
    expect(findField(field, 'pkcs1.saltLength')?.value).toBe(32);
  });

  test.each([
    ['a small one', '1', '01'],
    ['none at all', '0', '00'],
    ['one with its highest bit set', '0xff00000000000000000000000000000000000001', undefined],
    ['a negative one', '-5', '-05'],
    ['a long negative one', '-0x1234567890abcdef', undefined],
    ['the most negative of its length', '-0x80', undefined],
  ])('with %s for a serial number shows what OpenSSL shows', (_case, serial, expected) => {
    const bytes = opensslCertificate({ subject: ['CN=x'], options: ['-set_serial', serial] });
    const printed = opensslPrints(bytes, '-serial').trim().replace('serial=', '').toLowerCase();
    const field = findField(explained(bytes), 'x509af.serialNumber');
    expect(field?.value).toBe(printed);
    if (expected !== undefined) expect(printed).toBe(expected);
    expect(field?.meaning).toBe(serial.startsWith('-') ? 'negative, which the rules forbid' : undefined);
  });

  test('valid beyond 2049 shows dates in the longer form', () => {
    const bytes = opensslCertificate({ subject: ['CN=x'], options: ['-days', '20000'] });
    const field = explained(bytes);
    const until = /notAfter=(.*)/.exec(opensslPrints(bytes, '-dates'))?.[1] ?? '';
    expect(findField(field, 'x509af.notAfter')?.value).toBe(iso(until));
    expect(findField(field, 'x509af.generalizedTime')?.meaning).toBe(iso(until));
  });

  test('shows names in any script, part by part', () => {
    const field = explained(opensslCertificate(RICH));
    const subject = findField(field, 'x509af.subject');
    expect(subject?.value).toBe(
      'C=SE, O=Käse & Söhne, OU=日本語, CN=rich.test, emailAddress=a@rich.test, serialNumber=12-3',
    );
    expect(valuesOf(subject, 'x509if.oid')).toEqual([
      '2.5.4.6',
      '2.5.4.10',
      '2.5.4.11',
      '2.5.4.3',
      '1.2.840.113549.1.9.1',
      '2.5.4.5',
    ]);
  });

  test('shows every kind of alternative name', () => {
    const bytes = opensslCertificate(RICH);
    const names = extension(explained(bytes), 'Subject alternative name');
    expect(opensslPrints(bytes, '-ext', 'subjectAltName')).toContain('2001:DB8:0:0:1:0:0:1');
    expect(names?.value).toBe(
      'rich.test, *.rich.test, 127.0.0.1, 2001:db8::1:0:0:1, x@rich.test, https://rich.test/, 1.2.3, ' +
        'a name of type 1.2.3.4 and 1 more',
    );
    expect(valuesOf(names, 'x509ce.directoryName')).toEqual(['C=SE, CN=directory']);
  });

  test('shows every extension that a person checks', () => {
    const field = explained(opensslCertificate(RICH));
    const values = findFields(field, 'x509af.Extension_element').map(({ label, value }) => [label, value]);
    expect(Object.fromEntries(values)).toMatchObject({
      'Basic constraints': 'authority, at most 3 authorities below it',
      'Key usage': 'digitalSignature, keyAgreement, keyCertSign, cRLSign, decipherOnly',
      'Extended key usage': 'serverAuth, clientAuth, 1.2.3.4',
      'Issuer alternative name': 'issuer.test',
      'Name constraints': 'permitted: .rich.test, rich.test; excluded: 10.0.0.0/8',
      'Certificate policies': 'domain validated, 1.3.5.8',
      'CRL distribution points': 'http://rich.test/crl, http://rich.test/crl2',
      'Authority information access': 'ocsp: http://rich.test/ocsp, caIssuers: http://rich.test/ca',
      'Signed certificate timestamps': 'from 1 log',
    });
    expect(valuesOf(field, 'pkix1explicit.DirectoryString')).toEqual(['http://rich.test/cps']);
    expect(findField(field, 'x509ce.reasons')?.meaning).toBe('keyCompromise, cACompromise');
    expect(findField(field, 'x509ce.requireExplicitPolicy')?.value).toBe(3);
    expect(findField(field, 'x509ce.SkipCerts')?.value).toBe(2);
    expect(findField(field, 'pkix1explicit.Features_item')?.meaning).toBe('status_request');
    expect(findField(field, 'tls.sct.sct_timestamp')?.meaning).toBe('2023-11-14T22:13:20.000Z');
  });

  test('shows an extension it does not know by its identifier, with its bytes', () => {
    const unknown = extension(explained(opensslCertificate(RICH)), '1.2.3.4.9');
    expect(unknown?.meaning).toBe('critical');
    expect(valuesOf(unknown, 'plainsight.x509.extension_value')).toEqual(['0c026869']);
  });

  test('with 300 names shows each of them', () => {
    const names = Array.from({ length: 300 }, (_, index) => `host${index}.test`);
    const field = explained(
      opensslCertificate({
        subject: ['CN=many'],
        extensions: [`subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`],
      }),
    );
    expect(valuesOf(field, 'x509ce.dNSName')).toEqual(names);
    expect(extension(field, 'Subject alternative name')?.value).toMatch(/^host0.test, .* and 292 more$/);
  });
});
