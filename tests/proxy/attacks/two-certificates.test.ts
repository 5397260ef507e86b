import { createHash, X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { type Authority, createAuthority } from '../../../certs/authority.ts';
import { compareCertificates } from '../../../proxy/attacks/two-certificates.ts';

let lab: Authority;
let real: X509Certificate;
const issued = async (authority: Authority) =>
  new X509Certificate((await authority.issue({ names: ['piggypay.test'] })).certificatePem);
beforeAll(async () => {
  lab = await createAuthority();
  real = await issued(lab);
});

test('a forged certificate differs in who issued it and in its key', async () => {
  const forged = await issued(await createAuthority(['piggypay.test'], 'stranger CA'));
  const said = compareCertificates(forged, real);
  expect(said).toMatch(/issued by “NOT FOR REAL USE stranger CA .*” instead of “NOT FOR REAL USE lab CA /);
  const pins = [forged, real].map(({ publicKey }) =>
    createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
  );
  expect(said).toContain(`(SHA-256 ${pins[0]?.slice(0, 16)}… instead of ${pins[1]?.slice(0, 16)}…)`);
});

test('one of the same CA differs in its key alone', async () => {
  const said = compareCertificates(await issued(lab), real);
  expect(said).toMatch(/both were issued by .* and its key is another one/);
});

test('the site’s own certificate is told as such, and none as none', () => {
  expect(compareCertificates(real, real)).toBe('The victim was shown the site’s own certificate.');
  expect(compareCertificates(undefined, real)).toBe('The victim was shown no certificate.');
});
