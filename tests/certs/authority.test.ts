import { execFile } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, DEMO_NAMES } from '../../certs/authority.ts';
import { type PrivateFolder, openPrivateFolder } from '../../certs/private-folder.ts';
import { type Leaf, type Signer, createSigner, selfSignLeaf, signLeaf } from '../../certs/signing.ts';

const run = promisify(execFile);
const DAY = 24 * 60 * 60 * 1000;

let authority: Authority;
let signer: Signer;
let folder: PrivateFolder;
let signerFile: string;

beforeAll(async () => {
  authority = await createAuthority();
  signer = await createSigner(['piggypay.test']);
  folder = await openPrivateFolder();
  signerFile = await folder.write('signer.pem', signer.certificate.toString('pem'));
});
afterAll(() => folder.remove());

/** What openssl says about a chain of one leaf under `caFile`, for `host`. */
async function opensslVerifies(
  leaf: Leaf,
  caFile: string,
  host: string,
): Promise<{ ok: boolean; said: string }> {
  const leafFile = await folder.write('leaf.pem', leaf.certificatePem);
  const kind = host.includes(':') || /^[0-9.]+$/.test(host) ? '-verify_ip' : '-verify_hostname';
  const args = [
    'verify',
    '-x509_strict',
    '-purpose',
    'sslserver',
    '-no-CApath',
    '-no-CAstore',
    '-CAfile',
    caFile,
  ];
  return run('openssl', [...args, kind, host, leafFile]).then(
    ({ stdout }) => ({ ok: true, said: stdout }),
    (error: unknown) => {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return { ok: false, said: stdout + stderr };
    },
  );
}

async function opensslText(pem: string): Promise<string> {
  const file = await folder.write('shown.pem', pem);
  return (await run('openssl', ['x509', '-in', file, '-noout', '-text'])).stdout;
}

/** Serves `leaf` on loopback while `use` runs. */
async function serving<T>(leaf: Leaf, use: (port: number) => Promise<T>): Promise<T> {
  const server = https.createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, (_, answer) =>
    answer.end('hello'),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

/** `secure`, or why Node's own client gives up. */
async function nodeSays(port: number, servername: string, ca: string): Promise<string> {
  const socket = tls.connect({ host: '127.0.0.1', port, servername, ca });
  return new Promise((resolve) => {
    socket.once('secureConnect', () => resolve('secure'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.message));
  }).finally(() => socket.destroy()) as Promise<string>;
}

async function curlSays(port: number, host: string, caFile: string): Promise<string> {
  const args = ['-sS', '--noproxy', '*', '--cacert', caFile, '--resolve', `${host}:${port}:127.0.0.1`];
  return run('curl', [...args, `https://${host}:${port}/`]).then(
    ({ stdout }) => stdout,
    (error: unknown) => `exit ${(error as { code: number }).code}`,
  );
}

describe('the stranger’s authority', () => {
  it('says whose it is and what it is not for, and is held to its names like the lab’s', async () => {
    const own = await createAuthority(['piggypay.test'], 'stranger CA');
    expect(await opensslText(own.certificatePem)).toMatch(
      /Subject: .*NOT FOR REAL USE stranger CA [0-9a-f]{8}\n/,
    );
    await expect(own.issue({ names: ['www.google.com'] })).rejects.toMatchObject({
      code: 'name-not-permitted',
    });
    const rogue = await createSigner(['piggypay.test'], 'stranger CA');
    const file = await folder.write('stranger.pem', rogue.certificate.toString('pem'));
    const leaf = await signLeaf(rogue, ['www.google.com']);
    const verified = await opensslVerifies(leaf, file, 'www.google.com');
    expect(verified.said).toContain('permitted subtree violation');
    await serving(leaf, async (port) => {
      const pem = rogue.certificate.toString('pem');
      expect(await nodeSays(port, 'www.google.com', pem)).toBe('permitted subtree violation');
      expect(await curlSays(port, 'www.google.com', file)).toBe('exit 60');
    });
  });
});

describe('the authority', () => {
  it('lives at most 30 days, may have no CA below it, and says what it is not for', async () => {
    const text = await opensslText(authority.certificatePem);
    expect(text).toMatch(/Basic Constraints: critical\n\s+CA:TRUE, pathlen:0\n/);
    expect(text).toMatch(/Key Usage: critical\n\s+Certificate Sign, CRL Sign\n/);
    expect(text).toMatch(/Subject: .*NOT FOR REAL USE/);
    expect(text).toContain('ASN1 OID: prime256v1');
    expect(text).toContain('Subject Key Identifier');
    const certificate = new X509Certificate(authority.certificatePem);
    const life = Date.parse(certificate.validTo) - Date.parse(certificate.validFrom);
    expect(life).toBeLessThanOrEqual(30 * DAY);
    expect(life).toBeGreaterThan(DAY);
    expect(Buffer.from(authority.certificateDer)).toEqual(certificate.raw);
  });

  it('is constrained, critically, to the demo names and to loopback', async () => {
    const names = DEMO_NAMES.map((name) => `\\s+DNS:${name.replaceAll('.', '\\.')}\\n`).join('');
    expect(await opensslText(authority.certificatePem)).toMatch(
      new RegExp(
        `Name Constraints: critical\\n\\s+Permitted:\\n${names}` +
          '\\s+IP:127\\.0\\.0\\.0/255\\.0\\.0\\.0\\n\\s+IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF\\n',
      ),
    );
  });

  it('is another one at each run, with positive serials of full length', async () => {
    const others = await Promise.all(Array.from({ length: 8 }, () => createAuthority()));
    const serials = others.map((other) => new X509Certificate(other.certificatePem).serialNumber);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(new Set(serials).size).toBe(8);
    const keys = others.map((other) =>
      new X509Certificate(other.certificatePem).publicKey.export({ type: 'spki', format: 'der' }),
    );
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(8);
  });

  it('keeps its key where it cannot be exported', () => {
    expect(signer.privateKey.extractable).toBe(false);
  });

  it('refuses to be made for no name or for something that is no host name', async () => {
    for (const names of [[], ['test'], ['*.test'], ['.test'], ['piggypay.test.'], ['127.0.0.1']]) {
      await expect(createAuthority(names)).rejects.toMatchObject({ code: 'name-not-permitted' });
    }
  });
});

describe('a leaf', () => {
  it('lives at most seven days, is for servers only and carries both key identifiers', async () => {
    const leaf = await authority.issue({ names: ['piggypay.test', '127.0.0.1', '::1'] });
    const text = await opensslText(leaf.certificatePem);
    expect(text).toMatch(
      /Subject Alternative Name: ?\n\s+DNS:piggypay\.test, IP Address:127\.0\.0\.1, IP Address:0:0:0:0:0:0:0:1\n/,
    );
    expect(text).toMatch(/Key Usage: critical\n\s+Digital Signature\n/);
    expect(text).toMatch(/Extended Key Usage: ?\n\s+TLS Web Server Authentication\n/);
    expect(text).toMatch(/Basic Constraints: critical\n\s+CA:FALSE\n/);
    const shown = (pem: string, name: string): string | undefined =>
      new RegExp(`X509v3 ${name} Key Identifier: ?\\n\\s+([0-9A-F:]+)`).exec(pem)?.[1];
    const authorityText = await opensslText(authority.certificatePem);
    expect(shown(text, 'Authority')).toBe(shown(authorityText, 'Subject'));
    expect(shown(text, 'Subject')).toMatch(/^[0-9A-F:]{59}$/);

    const certificate = new X509Certificate(leaf.certificatePem);
    const begins = Date.parse(certificate.validFrom);
    expect(Date.parse(certificate.validTo) - begins).toBeLessThanOrEqual(7 * DAY);
    expect(begins).toBeLessThan(Date.now() - 60_000);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + DAY);
    expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(certificate.checkPrivateKey(createPrivateKey(leaf.keyPem))).toBe(true);
  });

  it('is accepted by openssl, Node and curl for each of its names', async () => {
    const caFile = await folder.write('authority.pem', authority.certificatePem);
    const leaf = await authority.issue({ names: ['piggypay.test', 'www.piggypay.test', '127.0.0.1', '::1'] });
    for (const host of ['piggypay.test', 'www.piggypay.test', '127.0.0.1', '::1']) {
      expect(await opensslVerifies(leaf, caFile, host)).toMatchObject({ ok: true });
    }
    await serving(leaf, async (port) => {
      expect(await nodeSays(port, 'piggypay.test', authority.certificatePem)).toBe('secure');
      expect(await curlSays(port, 'piggypay.test', caFile)).toBe('hello');
      // The same leaf under an authority that did not sign it.
      expect(await nodeSays(port, 'piggypay.test', signer.certificate.toString('pem'))).not.toBe('secure');
      expect(await curlSays(port, 'piggypay.test', signerFile)).toBe('exit 60');
    });
  });

  it.each(['www.google.com', 'google.com', 'piggypay.test.evil.com', 'notpiggypay.test', 'test'])(
    'for %s, signed by the authority’s key all the same, is refused by openssl, Node and curl',
    async (host) => {
      const leaf = await signLeaf(signer, [host]);
      const verified = await opensslVerifies(leaf, signerFile, host);
      expect(verified).toMatchObject({ ok: false });
      expect(verified.said).toContain('permitted subtree violation');
      await serving(leaf, async (port) => {
        expect(await nodeSays(port, host, signer.certificate.toString('pem'))).toBe(
          'permitted subtree violation',
        );
        expect(await curlSays(port, host, signerFile)).toBe('exit 60');
      });
    },
  );

  it('for an address that is not loopback is refused by openssl, an allowed name beside it or not', async () => {
    for (const names of [['8.8.8.8'], ['2001:db8::1'], ['piggypay.test', '8.8.8.8']]) {
      const leaf = await signLeaf(signer, names);
      const verified = await opensslVerifies(leaf, signerFile, names[0] ?? '');
      expect(verified.said).toContain('permitted subtree violation');
    }
  });

  it.each([
    'www.google.com',
    'notpiggypay.test',
    'piggypay.test.evil.com',
    '*.piggypay.test',
    'piggypay.test.',
    'PiggyPay.test',
    '',
    '.piggypay.test',
    'a..piggypay.test',
    '8.8.8.8',
    '128.0.0.1',
    '127.evil.com',
    '::2',
    '2001:db8::1',
    'piggypay.test\0.evil.com',
    'evil.com\n.piggypay.test',
    `${'a'.repeat(64)}.piggypay.test`,
  ])('is not issued for %j, alone or beside an allowed name', async (name) => {
    await expect(authority.issue({ names: [name] })).rejects.toMatchObject({ code: 'name-not-permitted' });
    await expect(authority.issue({ names: ['piggypay.test', name] })).rejects.toThrow('may sign for');
  });

  it.each([
    ['past', -7, -1],
    ['future', 1, 7],
  ] as const)('of the %s lives six days, inside the life of its authority', async (period, from, until) => {
    const leaf = new X509Certificate(
      (await authority.issue({ names: ['piggypay.test'], period })).certificatePem,
    );
    const lab = new X509Certificate(authority.certificatePem);
    const [begins, ends] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
    // Backdated by ten minutes, as all are.
    expect(Math.abs(begins - (Date.now() + from * DAY))).toBeLessThan(DAY / 24);
    expect(Math.abs(ends - (Date.now() + until * DAY))).toBeLessThan(DAY / 24);
    expect(begins).toBeGreaterThanOrEqual(Date.parse(lab.validFrom));
    expect(ends).toBeLessThanOrEqual(Date.parse(lab.validTo));
  });

  it.each([
    ['RSA 768', 768],
    ['RSA 2048', 2048],
  ] as const)('with a key of %s has one, and may decipher with it too', async (key, modulusLength) => {
    const leaf = await authority.issue({ names: ['piggypay.test'], key });
    const certificate = new X509Certificate(leaf.certificatePem);
    expect(certificate.publicKey.asymmetricKeyType).toBe('rsa');
    expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength });
    expect(certificate.checkPrivateKey(createPrivateKey(leaf.keyPem))).toBe(true);
    expect(await opensslText(leaf.certificatePem)).toMatch(
      /Key Usage: critical\n\s+Digital Signature, Key Encipherment\n/,
    );
  });

  it('that signs itself is its own issuer, is no authority, and nobody accepts it', async () => {
    const leaf = await selfSignLeaf(['piggypay.test']);
    const certificate = new X509Certificate(leaf.certificatePem);
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    const caFile = await folder.write('authority.pem', authority.certificatePem);
    expect((await opensslVerifies(leaf, caFile, 'piggypay.test')).said).toContain('self-signed certificate');
  });

  it('is not issued for no name at all', async () => {
    await expect(authority.issue({ names: [] })).rejects.toMatchObject({ code: 'name-not-permitted' });
  });
});
