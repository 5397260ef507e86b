import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { expect, test } from 'vitest';
import { createSigner, signLeaf } from '../../certs/signing.ts';
import { trustAuthoritiesInProfile } from '../../proxy/victim/browser-trust.ts';
import { removeProfile } from '../../proxy/victim/remove-profile.ts';
import { browserPatience, executable, rootArgs } from '../support/browser.ts';

test("Chromium with the lab's CA in its profile loads the demo site, and refuses a leaf for another name by the same CA", async () => {
  const signer = await createSigner(['piggypay.test']);
  const serve = async (name: string) => {
    const leaf = await signLeaf(signer, [name]);
    const server = createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, (_request, response) =>
      response.end('hello'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, map: `MAP ${name}:443 127.0.0.1:${(server.address() as AddressInfo).port}` };
  };
  const good = await serve('piggypay.test');
  const bad = await serve('www.google.com');
  const profile = mkdtempSync(join(tmpdir(), 'plainsight-test-profile-'));
  await trustAuthoritiesInProfile(profile, signer.certificate.toString('pem'));
  const browser = await chromium.launchPersistentContext(profile, {
    ...executable(),
    args: [...rootArgs(), `--host-resolver-rules=${good.map}, ${bad.map}, MAP * ~NOTFOUND`],
  });
  browser.setDefaultTimeout(browserPatience);
  // Each in a tab of its own: one with an error is still busy showing it.
  const visit = async (address: string) => (await browser.newPage()).goto(address);
  try {
    expect((await visit('https://piggypay.test/'))?.status()).toBe(200);
    await expect(visit('https://www.google.com/')).rejects.toThrow('ERR_CERT_INVALID');
    await expect(visit('http://127.0.0.1/')).rejects.toThrow('ERR_NAME_NOT_RESOLVED');
  } finally {
    await browser.close();
    good.server.close();
    bad.server.close();
    removeProfile(profile);
  }
});
