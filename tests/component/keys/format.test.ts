import { describe, expect, test } from 'vitest';
import type { OriginStep } from '#folds/key-origin/key-origin.ts';
import { groupedHex, hexOf } from '../../../dashboard/src/lib/format/keys/hex.ts';
import {
  exchangeSentences,
  newestOrigin,
  originRows,
  trafficSentence,
} from '../../../dashboard/src/lib/format/keys/origin.ts';
import { signedParts } from '../../../dashboard/src/lib/format/keys/origin-signed.ts';
import { pairCards } from '../../../dashboard/src/lib/format/keys/pairs.ts';
import { logScale, raceRows, shareOf } from '../../../dashboard/src/lib/format/keys/race.ts';
import { origin13 } from './origin.ts';

function step(id: string): OriginStep {
  return { id, stage: 'traffic', name: id, inputs: [], knownTo: [], rfc: '' };
}

describe('rows of a stage', () => {
  test('put what is of the same kind in both directions side by side, and keep the order', () => {
    const ids = [
      'a',
      'client-key',
      'client-iv',
      'server-key',
      'server-flight',
      'server-iv',
      'b',
      'server-x',
      'c',
      'client-x',
    ];
    const rows = originRows(ids.map(step));
    expect(
      rows.map((row) => (row.kind === 'one' ? row.step.id : `${row.client.id} ${row.server.id}`)),
    ).toEqual([
      'a',
      'client-key server-key',
      'client-iv server-iv',
      'server-flight',
      'b',
      'server-x',
      'c',
      'client-x',
    ]);
  });
});

test('the newest connection is looked at first, but not the resolver’s', () => {
  const entry = (connection: number, host: string) => ({
    ...{ connection, host, version: 'TLS 1.3', opener: 'other' as const, tellsPrivateHalf: false },
  });
  expect(newestOrigin([entry(1, 'piggypay.test'), entry(2, 'resolver.test')])?.connection).toBe(1);
  expect(newestOrigin([entry(2, 'resolver.test')])?.connection).toBe(2);
  expect(newestOrigin([])).toBeUndefined();
});

test('the lines of the key log are counted, whether the values are told or also computed, and no leaked key is', () => {
  const told = origin13(true).steps.map((step, at) => ({
    ...step,
    ...(at === 2 && { stage: 'schedule' as const, source: 'told by the site' as const }),
    ...(at === 3 && {
      ...{ stage: 'schedule' as const, source: 'computed' as const },
      agreesWith: { what: 'what was told by the site', equal: true },
    }),
    ...(at === 4 && { stage: 'signature' as const, source: 'told by the site' as const }),
  }));
  expect(trafficSentence({ ...origin13(true), steps: told })).toContain('2 lines in the key log');
  expect(trafficSentence(origin13(false))).toContain('five lines in the key log');
});

test('static RSA is told as what it is, and only it', () => {
  expect(exchangeSentences({ ...origin13(false), exchange: 'static RSA' }).join(' ')).toMatch(
    /48-byte pre-master secret/,
  );
  const words = exchangeSentences(origin13(false)).join(' ');
  expect(words).toContain('both sides send a key share in the clear'.replace('both', 'Both'));
  expect(words).not.toContain('pre-master');
});

test('lines of the key log are counted where an end told them', () => {
  expect(trafficSentence(origin13(false))).toContain('five lines in the key log');
  const steps = [
    ...origin13(true).steps,
    { ...step('told'), stage: 'schedule' as const, source: 'told by the site' as const },
  ];
  expect(trafficSentence({ ...origin13(true), steps })).toContain(': 1 line in the key log');
  expect(trafficSentence({ ...origin13(true), version: 'TLS 1.2' })).toContain(
    'each direction, cut from one block',
  );
});

describe('what was signed', () => {
  test.each([
    ['CertificateVerify', origin13(true).signature?.signed ?? new Uint8Array(0), 4],
    ['CertificateVerify', new Uint8Array(10), 1],
    ['ServerKeyExchange', new Uint8Array(133), 3],
  ] as const)('of a %s has every byte in one part', (message, signed, count) => {
    const parts = signedParts({ message, signed });
    expect(parts).toHaveLength(count);
    expect(parts.map(({ bytes }) => hexOf(bytes)).join('')).toBe(hexOf(signed));
  });
});

test('hex is grouped by four bytes', () => {
  expect(groupedHex(hexOf(Uint8Array.of(0, 1, 2, 0xff, 0x10)))).toBe('000102ff 10');
});

test('a scale goes from the power of ten below to that above', () => {
  const scale = logScale([0.3, 1700]);
  expect(scale.ticks).toEqual([0.1, 1, 10, 100, 1000, 10_000]);
  expect([0.1, 10, 10_000, 0, 1e9].map((value) => shareOf(value, scale))).toEqual([
    0,
    expect.closeTo(0.4),
    1,
    0,
    1,
  ]);
  expect(logScale([]).ticks).toEqual([1, 10]);
});

test('measures of another shape read as nothing', () => {
  for (const measures of [undefined, {}, { rsa: 7, entrants: 'none' }, { ec: null, entrants: [1, null] }]) {
    expect(pairCards(measures)).toEqual([]);
    expect(raceRows(measures)).toEqual([]);
  }
});
