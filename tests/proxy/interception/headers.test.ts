import { expect, test } from 'vitest';
import { endToEnd, isChunked, valuesOf } from '../../../proxy/interception/headers.ts';

test('what is about the connection stays behind, and what it names goes with it; the rest is as it was', () => {
  const raw = [
    ...['Host', 'own.test', 'Connection', 'close, X-Hop', 'x-hop', '1', 'Keep-Alive', 'timeout=5'],
    ...['Proxy-Connection', 'keep-alive', 'Proxy-Authorization', 'Basic eDp5', 'TE', 'trailers'],
    ...['Transfer-Encoding', 'chunked', 'Upgrade', 'h2c', 'Trailer', 'X-Sum', 'COOKIE', 'a=1', 'X-Two', '1'],
    ...['connection', 'X-Other', 'X-Other', '3', 'x-two', '2'],
  ];
  expect(endToEnd(raw)).toEqual([
    ['Host', 'own.test'],
    ['COOKIE', 'a=1'],
    ['X-Two', '1'],
    ['x-two', '2'],
  ]);
});

test('nobody gets the framing or the host removed by naming it', () => {
  expect(endToEnd(['Connection', 'Content-Length, host', 'Content-Length', '3', 'Host', 'own.test'])).toEqual(
    [
      ['Content-Length', '3'],
      ['Host', 'own.test'],
    ],
  );
});

test('chunked is told apart from codings that cannot be taken apart', () => {
  expect(isChunked([])).toBe(false);
  expect(isChunked(['transfer-encoding', ' Chunked '])).toBe(true);
  expect(isChunked(['Transfer-Encoding', 'gzip, chunked'])).toBeUndefined();
  expect(isChunked(['Transfer-Encoding', 'gzip', 'Transfer-Encoding', 'chunked'])).toBeUndefined();
  expect(valuesOf(['Via', '1', 'vIA', '2'], 'via')).toEqual(['1', '2']);
});
