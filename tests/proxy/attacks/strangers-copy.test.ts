import { request } from 'node:https';
import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { selfSignLeaf } from '../../../certs/signing.ts';
import {
  type CopyWord,
  openStrangersCopy,
  type StrangersCopy,
} from '../../../proxy/attacks/strangers-copy.ts';
import { closed } from '../interception/harness.ts';

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

test('answers a form with a page, any address that a person opens with the login, and nothing out of a cache', async () => {
  copy = await openStrangersCopy();
  const at = `http://127.0.0.1:${copy.port}`;
  const form = await fetch(`${at}/api/v1/login`, {
    method: 'POST',
    body: new URLSearchParams({ mobile: '1', password: 'anything' }),
  });
  expect(await form.text()).toContain('Welcome');
  const account = await fetch(`${at}/account`, { headers: { Accept: 'text/html,*/*' } });
  expect(await account.text()).toMatch(/type="password"/);
  expect([form, account].map(({ headers }) => headers.get('cache-control'))).toEqual([
    'no-store',
    'no-store',
  ]);
  expect(copy.logins).toEqual(['mobile=1&password=anything']);
});

test('tells of each request and of who has left the handshake, and drops whoever is there', async () => {
  const words: CopyWord[] = [];
  copy = await openStrangersCopy(await selfSignLeaf(['piggypay.test']), (word) => words.push(word));
  const { port } = copy;
  const leaving = connect({ host: '127.0.0.1', port });
  await once(leaving, 'connect');
  const { localPort: from } = leaving;
  // An alert in clear, fatal and unknown_ca, in place of a hello (RFC 8446, 6).
  leaving.end(Buffer.from('1503030002' + '0230', 'hex'));
  await closed(leaving.on('error', () => undefined).resume());
  await expect
    .poll(() => words, { interval: 5 })
    .toMatchObject([{ type: 'left', ports: { from, to: port } }]);
  const staying = connectSecurely({ host: '127.0.0.1', port, rejectUnauthorized: false });
  staying.write('GET /one HTTP/1.1\r\nHost: piggypay.test\r\n\r\n');
  await once(staying, 'data');
  expect(words[1]).toEqual({ type: 'asked', ports: { from: staying.localPort, to: port } });
  staying.on('error', () => undefined);
  copy.dropConnections();
  await closed(staying);
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
