import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { pacFile } from '../../../proxy/feed/pac.ts';

const route = (name: string, port: number) => {
  return { name, port, tls: port === 443, address: '127.0.0.1:1', listen: 2 };
};
const lab = {
  proxy: { url: 'http://127.0.0.1:8889', pac: 'http://127.0.0.1:7878/proxy.pac' },
  routes: [route('piggypay.test', 80), route('piggypay.test', 443), route('own.test', 3000)],
};

test('the names of the lab go through the proxy, and nothing else does', () => {
  const ask = (url: string) =>
    runInNewContext(`${pacFile(lab) ?? ''}; FindProxyForURL(url, host)`, {
      url,
      host: new URL(url).hostname,
    }) as string;
  expect(ask('https://piggypay.test/')).toBe('PROXY 127.0.0.1:8889');
  expect(ask('http://own.test:3000/')).toBe('PROXY 127.0.0.1:8889');
  for (const url of ['https://example.com/', 'https://sub.piggypay.test/', 'http://127.0.0.1:7878/']) {
    expect(ask(url)).toBe('DIRECT');
  }
});

test('where there is no lab there is no file', () => {
  expect(pacFile({ routes: [] })).toBeUndefined();
});
