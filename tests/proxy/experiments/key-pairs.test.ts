import { createECDH, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Measures } from '#contract';
import type { ExperimentContext } from '../../../proxy/experiments/experiment.ts';
import {
  ecNumbers,
  type EcNumbers,
  rsaNumbers,
  type RsaNumbers,
  x25519Numbers,
} from '../../../proxy/experiments/key-numbers.ts';
import { keyPairs } from '../../../proxy/experiments/key-pairs.ts';

/** The lab is not needed: nothing crosses the wire. */
function context(given: Partial<ExperimentContext>): ExperimentContext {
  return { signal: new AbortController().signal, progress: () => {}, ...given } as ExperimentContext;
}

test('makes several pairs of each kind, and gives the numbers of one, which hold together', async () => {
  const told: number[] = [];
  const { measures, outcome, events } = await keyPairs.run(context({ progress: (done) => told.push(done) }));
  expect(events).toEqual([]);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(outcome).toMatch(/An EC pair took [\d.]+ ms, an RSA-2048 pair [\d.]+ ms/);
  for (const name of ['ec', 'x25519', 'rsa']) {
    const { milliseconds, shortestMilliseconds, medianMilliseconds, longestMilliseconds } = measures[
      name
    ] as Measures & { milliseconds: number[] };
    expect(milliseconds.length).toBeGreaterThanOrEqual(9);
    expect(shortestMilliseconds).toBe(Math.min(...milliseconds));
    expect(longestMilliseconds).toBe(Math.max(...milliseconds));
    expect(milliseconds).toContain(medianMilliseconds);
  }
  const { ec, x25519, rsa } = measures as unknown as Record<string, { numbers: Record<string, unknown> }>;
  expect(ec?.numbers).toMatchObject({ curve: 'P-256', isPointOfScalar: true });
  expect(x25519?.numbers).toMatchObject({ curve: 'X25519', isPointOfScalar: true });
  expect(rsa?.numbers).toMatchObject({ bits: 2048, e: '010001', isProduct: true, isInverse: true });
});

test('the numbers of an EC pair are those that OpenSSL derives from the private one alone', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { d, x, y, isPointOfScalar }: EcNumbers = ecNumbers(privateKey);
  const point = createECDH('prime256v1');
  point.setPrivateKey(Buffer.from(d, 'hex'));
  expect(point.getPublicKey('hex')).toBe(`04${x}${y}`);
  expect(isPointOfScalar).toBe(true);
});

test('the private key of RFC 7748 has the public key that stands there', () => {
  // RFC 7748, 6.1: Alice; before it the PKCS #8 of any X25519 key (RFC 8410, 7).
  const scalar = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';
  const key = createPrivateKey({
    key: Buffer.from(`302e020100300506032b656e04220420${scalar}`, 'hex'),
    format: 'der',
    type: 'pkcs8',
  });
  const u = '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a';
  expect(x25519Numbers(key)).toEqual({ curve: 'X25519', d: scalar, u, isPointOfScalar: true });
});

test('the numbers of an RSA pair encrypt and decrypt by themselves', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const { bits, n, e, d, p, q, isProduct, isInverse }: RsaNumbers = rsaNumbers(privateKey);
  expect({ bits, isProduct, isInverse }).toEqual({ bits: 1024, isProduct: true, isInverse: true });
  const [modulus, primes] = [BigInt(`0x${n}`), BigInt(`0x${p}`) * BigInt(`0x${q}`)];
  expect(primes).toBe(modulus);
  const power = (base: bigint, exponent: bigint): bigint => {
    let [result, square] = [1n, base];
    for (let left = exponent; left > 0n; left >>= 1n) {
      if (left & 1n) result = (result * square) % modulus;
      square = (square * square) % modulus;
    }
    return result;
  };
  expect(power(power(42n, BigInt(`0x${e}`)), BigInt(`0x${d}`))).toBe(42n);
});

test('stops between two pairs when it is aborted', async () => {
  const controller = new AbortController();
  const reason = new Error('a reset');
  let pairs = 0;
  const running = keyPairs.run(
    context({
      signal: controller.signal,
      progress: () => {
        pairs += 1;
        if (pairs === 3) controller.abort(reason);
      },
    }),
  );
  await expect(running).rejects.toBe(reason);
  expect(pairs).toBe(3);
});
