import 'reflect-metadata';
import { X509Certificate as PeculiarCertificate } from '@peculiar/x509';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { createServer, connect } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Authority, createAuthority, DEMO_NAMES } from '../../../../certs/authority.ts';
import { createSigner, type Leaf, type Signer, selfSignLeaf, signLeaf } from '../../../../certs/signing.ts';
import { verifySignature } from '../../../../dashboard/src/lib/format/verify-signature.ts';
import type { CertificateCase } from '#folds/certificate-check/certificate-case.ts';
import { certificateFacts } from '#folds/certificate-check/certificate-facts.ts';
import { checkCertificate } from '#folds/certificate-check/check.ts';
import type { CheckId } from '#folds/certificate-check/check-line.ts';
import { opensslCertificate } from '../../dissectors/x509/certificates.ts';

const HOST = 'piggypay.test';
const DAY = 24 * 60 * 60 * 1000;
let authority: Authority;
let constrained: Signer;

beforeAll(async () => {
  authority = await createAuthority();
  constrained = await createSigner(['resolver.test']);
});

function derOf(pem: string): Uint8Array {
  return new Uint8Array(new X509Certificate(pem).raw);
}

function given(chain: readonly Uint8Array[], more: Partial<CertificateCase> = {}): CertificateCase {
  return {
    ...{ connection: 1, opener: 'scripted-victim', host: HOST, chain, chainFrom: 'victim', isOnWire: false },
    ...{ trusted: [authority.certificateDer], at: Date.now(), version: 0x0304, requests: 0, logins: 0 },
    ...more,
  };
}

async function badLines(of: CertificateCase): Promise<readonly CheckId[]> {
  const { lines } = await checkCertificate(of, verifySignature);
  return lines.filter(({ status }) => status === 'bad').map(({ id }) => id);
}

/** Whether Node's own client accepts a server with this certificate. */
async function nodeAccepts({ certificatePem, keyPem }: Leaf, ca: string): Promise<boolean> {
  const server = createServer({ key: keyPem, cert: certificatePem, ciphers: 'DEFAULT@SECLEVEL=0' });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, servername: HOST, ca });
  try {
    await once(client, 'secureConnect');
    return true;
  } catch {
    return false;
  } finally {
    client.destroy();
    server.close();
  }
}

describe('the certificate check', () => {
  test.each<[string, readonly CheckId[], () => Promise<Leaf>]>([
    ['a good certificate', [], () => authority.issue({ names: [HOST] })],
    ['one of RSA', [], () => authority.issue({ names: [HOST], key: 'RSA 2048' })],
    ['one that has expired', ['dates'], () => authority.issue({ names: [HOST], period: 'past' })],
    ['one of the future', ['dates'], () => authority.issue({ names: [HOST], period: 'future' })],
    ['one for another name', ['name'], () => authority.issue({ names: ['tls12.test'] })],
    ['one that signed itself', ['chain'], () => selfSignLeaf([HOST])],
    ['one with a weak key', ['key'], () => authority.issue({ names: [HOST], key: 'RSA 768' })],
    [
      'one that fails twice',
      ['name', 'dates'],
      () => authority.issue({ names: ['tls12.test'], period: 'past' }),
    ],
  ])('finds of %s that %j fails, and Node agrees', async (_, expected, make) => {
    const leaf = await make();
    expect(await badLines(given([derOf(leaf.certificatePem)]))).toEqual(expected);
    expect(await nodeAccepts(leaf, authority.certificatePem)).toBe(expected.length === 0);
  });

  test('finds a signer that is not trusted, sent along or missing', async () => {
    const stranger = await createSigner(DEMO_NAMES);
    const leaf = derOf((await signLeaf(stranger, [HOST])).certificatePem);
    const its = new Uint8Array(stranger.certificate.rawData);
    expect(await badLines(given([leaf, its]))).toEqual(['chain']);
    expect(await badLines(given([leaf]))).toEqual(['chain']);
    const { lines } = await checkCertificate(given([leaf]), verifySignature);
    expect(lines.find(({ id }) => id === 'signature')?.status).toBe('open');
    expect(await badLines(given([leaf, its], { trusted: [its] }))).toEqual([]);
  });

  test('finds a name outside what the authority may sign for, as Node does', async () => {
    const leaf = await signLeaf(constrained, [HOST]);
    const trusted = [new Uint8Array(constrained.certificate.rawData)];
    expect(await badLines(given([derOf(leaf.certificatePem)], { trusted }))).toEqual(['constraints']);
    expect(await nodeAccepts(leaf, constrained.certificate.toString('pem'))).toBe(false);
  });

  test('finds that somebody signed who is no authority', async () => {
    const server = await selfSignLeaf([HOST]);
    const pkcs8 = createPrivateKey(server.keyPem).export({ type: 'pkcs8', format: 'der' });
    const kind = { name: 'ECDSA', namedCurve: 'P-256' };
    const privateKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, kind, false, ['sign']);
    const signer = { certificate: new PeculiarCertificate(server.certificatePem), privateKey };
    const leaf = await signLeaf(signer, [HOST]);
    const trusted = [derOf(server.certificatePem)];
    expect(await badLines(given([derOf(leaf.certificatePem)], { trusted }))).toEqual(['constraints']);
  });

  test('finds one flipped bit anywhere in what was signed, or in the signature', async () => {
    const leaf = derOf((await authority.issue({ names: [HOST] })).certificatePem);
    const { signature } = certificateFacts(leaf);
    for (const part of [signature.signed, signature.bytes]) {
      const altered = leaf.slice();
      const at = part.byteOffset - leaf.byteOffset + part.length - 3;
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(await badLines(given([altered]))).toContain('signature');
    }
  });

  test('goes by the clock of the capture, to the second', async () => {
    const leaf = derOf((await authority.issue({ names: [HOST] })).certificatePem);
    const { notBefore = 0, notAfter = 0 } = certificateFacts(leaf);
    expect(notAfter - notBefore).toBeGreaterThan(DAY);
    expect(await badLines(given([leaf], { at: notBefore }))).toEqual([]);
    expect(await badLines(given([leaf], { at: notBefore - 1 }))).toContain('dates');
    expect(await badLines(given([leaf], { at: notAfter + 999 }))).toEqual([]);
    expect(await badLines(given([leaf], { at: notAfter + 1000 }))).toContain('dates');
  });

  test('says that a version is too old, or was never agreed on', async () => {
    const leaf = derOf((await authority.issue({ names: [HOST] })).certificatePem);
    expect(await badLines(given([leaf], { version: 0x0301 }))).toEqual(['version']);
    const { version, ...nothing } = given([], { alert: 'protocol_version' });
    expect(version).toBe(0x0304);
    const check = await checkCertificate(nothing, verifySignature);
    expect(check.lines.map(({ status }) => status)).toEqual(['bad', ...Array<string>(6).fill('open')]);
  });

  test('agrees or differs with the victim, and neither where that does not say', async () => {
    const leaf = derOf((await authority.issue({ names: [HOST] })).certificatePem);
    const agrees = async (more: Partial<CertificateCase>) =>
      (await checkCertificate(given([leaf], more), verifySignature)).agrees;
    expect(await agrees({})).toBeUndefined();
    expect(await agrees({ verdict: { isSatisfied: true } })).toBe(true);
    expect(await agrees({ verdict: { isSatisfied: false, code: 'X', message: 'x' } })).toBe(false);
  });

  test('never throws, whatever the bytes', async () => {
    const leaf = derOf((await authority.issue({ names: [HOST] })).certificatePem);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(leaf.length - 1),
        fc.nat(255),
        fc.nat(leaf.length),
        async (at, byte, length) => {
          const altered = leaf.slice(0, length);
          if (at < length) altered[at] = byte;
          const { lines } = await checkCertificate(given([altered]), verifySignature);
          expect(lines).toHaveLength(7);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('signatures', () => {
  test.each(['ec:P-256', 'ec:P-384', 'ec:P-521', 'rsa:2048', 'ed25519'])(
    'with a key of %s are verified, and one of another key is not',
    async (key) => {
      const [own, other] = [1, 2].map(() => certificateFacts(opensslCertificate({ subject: ['CN=a'], key })));
      if (!own || !other) throw new Error('no certificates');
      const question = (signer: typeof own) => ({
        algorithm: own.signature.algorithm,
        keyKind: signer.key.kind,
        key: signer.key.info,
        signed: own.signature.signed,
        signature: own.signature.bytes,
      });
      expect(await verifySignature(question(own))).toBe(true);
      expect(await verifySignature(question(other))).toBe(false);
    },
  );
});
