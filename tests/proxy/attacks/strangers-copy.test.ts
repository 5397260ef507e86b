import { request } from 'node:https';
import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { selfSignLeaf } from '../../../certs/signing.ts';
import { openStrangersCopy, type StrangersCopy } from '../../../proxy/attacks/strangers-copy.ts';

let copy: StrangersCopy | undefined;
afterEach(() => copy?.close());

test('shows a login page and lets everybody in, whatever the password', async () => {
  copy = await openStrangersCopy();
  const at = `http://127.0.0.1:${copy.port}`;
  const page = await fetch(at);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toMatch(/type="password"/);
  const login = await fetch(`${at}/api/v1/login`, { method: 'POST', body: '{"password":"anything"}' });
  expect([login.status, await login.json()]).toMatchObject([200, { ok: true }]);
  expect([copy.requests, copy.logins]).toEqual([2, ['{"password":"anything"}']]);
  copy.forget();
  expect([copy.requests, copy.logins]).toEqual([0, []]);
});

test('keeps no more of what is posted than it needs', async () => {
  copy = await openStrangersCopy();
  const at = `http://127.0.0.1:${copy.port}/api/v1/login`;
  for (let count = 0; count < 20; count += 1)
    expect((await fetch(at, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(200);
  expect(copy.logins.length).toBe(16);
  expect(Math.max(...copy.logins.map(({ length }) => length))).toBe(4096);
});

test('over HTTPS it shows a certificate that nobody but itself has signed', async () => {
  const leaf = await selfSignLeaf(['piggypay.test']);
  copy = await openStrangersCopy(leaf);
  const certificate = new X509Certificate(leaf.certificatePem);
  expect(certificate.checkHost('piggypay.test')).toBe('piggypay.test');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  const ask = (more: object) => {
    const sent = request({ host: '127.0.0.1', port: copy?.port, servername: 'piggypay.test', ...more });
    return once(sent.end(), 'response') as Promise<[IncomingMessage]>;
  };
  await expect(ask({})).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(copy.requests).toBe(0);
  // Somebody who believes it gets in: what stops the others is the certificate alone.
  const [response] = await ask({ ca: leaf.certificatePem });
  expect(response.resume().statusCode).toBe(200);
  expect(copy.requests).toBe(1);
});
