import { expect, test } from 'vitest';
import { readAbsoluteForm, readAuthority, RouteTable } from '../../../proxy/interception/route-table.ts';

test('a table leads to what is in it and to nothing that every object has', () => {
  const table = new RouteTable();
  table.replace([{ name: 'own.test', port: 80, listen: 1234 }]);
  expect(table.find('own.test:80')?.listen).toBe(1234);
  for (const other of ['own.test:443', 'constructor', '__proto__', 'constructor:443', undefined]) {
    expect(table.find(other)).toBeUndefined();
  }
});

test('an authority is a name and a port, and nothing else', () => {
  expect(readAuthority('Own.Test:443')).toBe('own.test:443');
  expect(readAuthority('own.test', 80)).toBe('own.test:80');
  const others = [
    'own.test',
    '',
    ':443',
    'x:99999',
    'x:0',
    '[',
    '[::1]:443',
    '../../x:443',
    'u@own.test:443',
    'x:4 3',
  ];
  for (const text of others) expect(readAuthority(text)).toBeUndefined();
});

test('an absolute form gives its authority and the path for the site', () => {
  const cases: [string, string, string | undefined, string][] = [
    ['http://own.test/a?b#c', 'GET', 'own.test:80', '/a?b#c'],
    ['HTTP://OWN.test:81', 'GET', 'own.test:81', '/'],
    ['http://own.test?q', 'GET', 'own.test:80', '/?q'],
    ['http://own.test', 'OPTIONS', 'own.test:80', '*'],
    ['http://own.test@evil.test/', 'GET', undefined, '/'],
    ['http://', 'GET', undefined, '/'],
  ];
  for (const [target, method, authority, path] of cases) {
    expect(readAbsoluteForm(target, method)).toEqual({ authority, path });
  }
  for (const target of ['/', '*', 'https://own.test/', 'own.test:80', '//own.test/']) {
    expect(readAbsoluteForm(target, 'GET')).toBeUndefined();
  }
});
