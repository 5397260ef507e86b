import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { certificateFacts } from '#folds/certificate-check/certificate-facts.ts';
import { forbiddenName, matchingName } from '#folds/certificate-check/host-names.ts';
import { opensslCertificate } from '../../dissectors/x509/certificates.ts';

describe('the name of a certificate', () => {
  test.each([
    ['DNS:shop.test', 'shop.test', true],
    ['DNS:shop.test', 'SHOP.test', true],
    ['DNS:shop.test', 'www.shop.test', false],
    ['DNS:shop.test', 'notshop.test', false],
    ['DNS:*.shop.test', 'www.shop.test', true],
    ['DNS:*.shop.test', 'shop.test', false],
    ['DNS:*.shop.test', 'a.www.shop.test', false],
    ['DNS:a.test,DNS:b.test', 'b.test', true],
    ['IP:127.0.0.1', '127.0.0.1', true],
    ['IP:127.0.0.1', '127.0.0.2', false],
    ['DNS:127.0.0.1.test', '127.0.0.1', false],
  ])('%s stands for %s: %s, and Node says the same', (names, host, expected) => {
    const facts = certificateFacts(
      opensslCertificate({ subject: ['CN=common.test'], extensions: [`subjectAltName=${names}`] }),
    );
    expect(matchingName(host, facts) !== undefined).toBe(expected);
    const subjectaltname = names.replaceAll('IP:', 'IP Address:').replaceAll(',', ', ');
    const peer = { subject: { CN: 'common.test' }, subjectaltname } as unknown as PeerCertificate;
    expect(checkServerIdentity(host, peer) === undefined).toBe(expected);
  });

  test('is not the common name of the subject', () => {
    const facts = certificateFacts(opensslCertificate({ subject: ['CN=common.test'] }));
    expect(matchingName('common.test', facts)).toBeUndefined();
  });
});

describe('the names that an authority may sign for', () => {
  const authority = (constraints: string) =>
    certificateFacts(
      opensslCertificate({
        subject: ['CN=authority'],
        extensions: ['basicConstraints=critical,CA:TRUE', `nameConstraints=critical,${constraints}`],
      }),
    ).constraints ?? { permitted: [], excluded: [] };

  test.each([
    ['permitted;DNS:shop.test', ['shop.test', 'www.shop.test'], [], undefined],
    ['permitted;DNS:shop.test', ['shop.test', 'notshop.test'], [], 'notshop.test'],
    ['permitted;DNS:shop.test', [], ['10.0.0.1'], undefined],
    ['permitted;IP:127.0.0.0/255.0.0.0', ['any.test'], ['127.9.9.9'], undefined],
    ['permitted;IP:127.0.0.0/255.0.0.0', [], ['128.0.0.1'], '128.0.0.1'],
    ['excluded;DNS:bad.test', ['shop.test', 'www.bad.test'], [], 'www.bad.test'],
    ['permitted;IP:::1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF', [], ['::2'], '::2'],
  ])(
    'under %s, of %j and %j the one that is too much is %s',
    (constraints, dnsNames, addresses, expected) => {
      expect(forbiddenName({ dnsNames, addresses }, authority(constraints))).toBe(expected);
    },
  );
});
