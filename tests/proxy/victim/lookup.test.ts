import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../certs/authority.ts';
import { startHttpsResolver } from '../../../demo-sites/resolver/over-https.ts';
import { startResolver } from '../../../demo-sites/resolver/over-udp.ts';
import { lookUpInClear, lookUpOverHttps } from '../../../proxy/victim/lookup.ts';
import { VictimClient } from '../../../proxy/victim/request.ts';

const names = new Map([['piggypay.test', '127.0.0.1']]);
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function client(port: number, authority?: string): VictimClient {
  const made = new VictimClient({
    address: '127.0.0.1',
    port,
    host: 'resolver.test',
    tls: authority === undefined ? undefined : { authority },
    signal: new AbortController().signal,
  });
  closers.push(() => {
    made.close();
  });
  return made;
}

async function realResolver(): Promise<VictimClient> {
  const authority = await createAuthority();
  const leaf = await authority.issue({ names: ['resolver.test'] });
  const resolver = await startHttpsResolver({
    tls: { key: leaf.keyPem, cert: leaf.certificatePem },
    names,
    report: () => undefined,
  });
  closers.push(() => resolver.close());
  return client(resolver.port, authority.certificatePem);
}

/** A resolver that answers whatever it is asked with these. */
async function answering(status: number, body: Buffer): Promise<VictimClient> {
  const server: Server = createServer((_request, response) => response.writeHead(status).end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return client((server.address() as AddressInfo).port);
}

describe('a lookup', () => {
  test('gives the same address in clear and over HTTPS', async () => {
    const resolver = await startResolver({ names });
    closers.push(() => resolver.close());
    expect(await lookUpInClear('piggypay.test', resolver.port)).toBe('127.0.0.1');
    expect(await lookUpOverHttps('piggypay.test', await realResolver())).toBe('127.0.0.1');
  });

  test('of an unknown name fails in the same way in clear and over HTTPS', async () => {
    const resolver = await startResolver({ names });
    closers.push(() => resolver.close());
    const failure = { code: 'ENOTFOUND', message: 'queryA ENOTFOUND nowhere.test' };
    await expect(lookUpInClear('nowhere.test', resolver.port)).rejects.toMatchObject(failure);
    await expect(lookUpOverHttps('nowhere.test', await realResolver())).rejects.toMatchObject(failure);
  });

  test('over HTTPS fails on an answer that is none', async () => {
    const garbage = await answering(200, Buffer.from('<html>'));
    await expect(lookUpOverHttps('a.test', garbage)).rejects.toMatchObject({ code: 'EBADRESP' });
    const empty = await answering(200, Buffer.from('000081800000000000000000', 'hex'));
    await expect(lookUpOverHttps('a.test', empty)).rejects.toMatchObject({ code: 'ENODATA' });
    const broken = await answering(503, Buffer.alloc(0));
    await expect(lookUpOverHttps('a.test', broken)).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });

  test('over HTTPS goes to a resolver that the lab’s CA vouches for, or nowhere', async () => {
    const right = await realResolver();
    await lookUpOverHttps('piggypay.test', right);
    const other = await createAuthority();
    const leaf = await other.issue({ names: ['resolver.test'] });
    const resolver = await startHttpsResolver({
      tls: { key: leaf.keyPem, cert: leaf.certificatePem },
      names,
      report: () => undefined,
    });
    closers.push(() => resolver.close());
    const wary = client(resolver.port, (await createAuthority()).certificatePem);
    await expect(lookUpOverHttps('piggypay.test', wary)).rejects.toThrow(/certificate/);
  });
});
