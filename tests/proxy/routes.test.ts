import { expect, test } from 'vitest';
import { parseRoute, RouteError } from '../../proxy/routes.ts';

test('a route names a virtual host and port and a loopback address', () => {
  expect(parseRoute('Shop.test:80=127.0.0.1:3000')).toEqual({
    name: 'shop.test',
    port: 80,
    address: '127.0.0.1',
    addressPort: 3000,
  });
  expect(parseRoute('shop.test:443=[::1]:3443')).toMatchObject({ address: '::1', addressPort: 3443 });
  expect(parseRoute('shop.test:8080=127.1.2.3:1')).toMatchObject({ address: '127.1.2.3' });
});

test.each([
  'shop.test:80=10.0.0.1:80',
  'shop.test:80=localhost:80',
  'shop.test:80=example.com:80',
  'shop.test:80=127.0.0.1.example.com:80',
  'shop.test:80=0.0.0.0:80',
  'shop.test:80=[::]:80',
  'shop.test:80=[::ffff:10.0.0.1]:80',
  'shop.test:80=2130706433:80',
  'shop.test:80=127.1:80',
])('%s is refused: only literal loopback addresses are reached', (route) => {
  expect(() => parseRoute(route)).toThrow(/loopback/);
});

test.each([
  'shop.test',
  'shop.test:80',
  'shop.test:0=127.0.0.1:80',
  'shop.test:80=127.0.0.1:70000',
  '../x:80=127.0.0.1:80',
  ':80=127.0.0.1:80',
])('%s is refused with a reason', (route) => {
  expect(() => parseRoute(route)).toThrow(RouteError);
});
