import type { Field } from '#dissectors/field.ts';
import { explainCertificate } from '#dissectors/x509/certificate.ts';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../../certs/authority.ts';
import { hasTool } from '../../../support/tools.ts';
import { coverageFault } from '../feeding.ts';
import { opensslCertificate, RICH } from './certificates.ts';

interface Change {
  readonly at: number;
  readonly kind: 'set' | 'flip' | 'cut' | 'insert';
  readonly byte: number;
}

const changes = fc.array(
  fc.record({
    at: fc.nat(0xffff),
    kind: fc.constantFrom(
      'set' as const,
      'flip' as const,
      'flip' as const,
      'cut' as const,
      'insert' as const,
    ),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(0x30, 0x31, 0x80, 0x81, 0x82, 0x84, 0xff, 0)),
  }),
  { minLength: 1, maxLength: 5 },
);

function changed(original: Uint8Array, list: readonly Change[]): Uint8Array {
  let bytes = [...original];
  for (const { at: anywhere, kind, byte } of list) {
    const at = anywhere % Math.max(1, bytes.length);
    if (kind === 'set') bytes[at] = byte;
    else if (kind === 'flip') bytes[at] = (bytes[at] ?? 0) ^ (1 << (byte % 8));
    else if (kind === 'insert') bytes.splice(at, 0, byte);
    else bytes = bytes.slice(0, at);
  }
  return Uint8Array.from(bytes);
}

function count(field: Field): number {
  return 1 + (field.children ?? []).reduce((sum, child) => sum + count(child), 0);
}

describe('a certificate with some bytes changed', () => {
  const originals: Uint8Array[] = [];

  beforeAll(async () => {
    const { certificateDer } = await createAuthority();
    originals.push(certificateDer);
    if (hasTool('openssl')) originals.push(opensslCertificate(RICH));
  });

  test('is taken apart without a throw, every byte accounted for, 6,000 times', () => {
    for (const original of originals) {
      fc.assert(
        fc.property(changes, (list) => {
          const bytes = changed(original, list);
          const field = explainCertificate(bytes);
          expect(coverageFault(field, bytes.length)).toBeUndefined();
          expect(count(field)).toBeLessThan(bytes.length * 2 + 10);
        }),
        { numRuns: 6000 / originals.length },
      );
    }
  });
});

test('random bytes are taken apart without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (random, wrapped) => {
      const bytes = wrapped ? Uint8Array.from([0x30, 0x82, 1, 0x2c, 0x30, 0x82, 1, 0x20, ...random]) : random;
      expect(coverageFault(explainCertificate(bytes), bytes.length)).toBeUndefined();
    }),
    { numRuns: 3000 },
  );
});

test('a megabyte of empty elements is read in less than a second', () => {
  const bytes = new Uint8Array(1 << 20).fill(0x05).map((byte, index) => (index % 2 === 0 ? 0x31 : 0));
  bytes.set([0x30, 0x83, 0x0f, 0xff, 0xfb, 0x30, 0x83, 0x0f, 0xff, 0xf0, 0x02, 1, 1, 0x30, 0]);
  // Time of the processor, which does not pass while others have it.
  const before = process.cpuUsage();
  const field = explainCertificate(bytes);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
  expect(coverageFault(field, bytes.length)).toBeUndefined();
});
