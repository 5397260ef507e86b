import { expect, test } from 'vitest';
import { KeyLog } from '#keys/key-log.ts';

const RANDOM = 'ab'.repeat(32);
const SECRET = '01'.repeat(32);
const MASTER = '02'.repeat(48);

test('every label finds its secret again, whatever the line ends and the case of the hex', () => {
  const log = new KeyLog();
  const faults = log.add(
    [
      '# a remark',
      `CLIENT_RANDOM ${RANDOM.toUpperCase()} ${MASTER}`,
      '',
      `CLIENT_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} ${SECRET.toUpperCase()}`,
      `  SERVER_TRAFFIC_SECRET_0\t${RANDOM} ${MASTER}  `,
      `EXPORTER_SECRET ${RANDOM} ${SECRET}`,
      `CLIENT_EARLY_TRAFFIC_SECRET ${RANDOM} ${SECRET}`,
      `EARLY_EXPORTER_SECRET ${RANDOM} ${SECRET}`,
    ].join('\r\n'),
  );
  expect(faults).toEqual([]);
  expect(log.size).toBe(1);
  expect(log.knows(RANDOM.toUpperCase())).toBe(true);
  expect(log.secret('CLIENT_RANDOM', RANDOM)).toEqual(new Uint8Array(48).fill(2));
  expect(log.secret('SERVER_TRAFFIC_SECRET_0', RANDOM)).toEqual(new Uint8Array(48).fill(2));
  expect(log.secret('CLIENT_HANDSHAKE_TRAFFIC_SECRET', RANDOM)).toEqual(new Uint8Array(32).fill(1));
  expect(log.secret('SERVER_HANDSHAKE_TRAFFIC_SECRET', RANDOM)).toBeUndefined();
});

test('a line that cannot be used is reported by its number, without its secret, and the others are taken', () => {
  const log = new KeyLog();
  const faults = log.add(
    [
      `CLIENT_RANDOM ${RANDOM} ${MASTER}`,
      `CLIENT_RANDOM ${RANDOM}`,
      `CLIENT_RANDOM ${RANDOM.slice(2)} ${MASTER}`,
      `CLIENT_RANDOM ${RANDOM} ${SECRET}`,
      `CLIENT_TRAFFIC_SECRET_0 ${RANDOM} ${'zz'.repeat(32)}`,
      `RSA ${RANDOM} ${MASTER}`,
      `constructor ${RANDOM} ${MASTER}`,
      `CLIENT_RANDOM ${RANDOM} ${MASTER} more`,
    ].join('\n'),
  );
  expect(faults.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8]);
  for (const { reason } of faults) {
    expect(reason).toMatch(/\.$/);
    expect(reason).not.toContain(SECRET);
    expect(reason).not.toContain(MASTER);
  }
  expect(log.size).toBe(1);
});

test('what was read before stays when more is added', () => {
  const log = new KeyLog();
  log.add(`CLIENT_RANDOM ${RANDOM} ${MASTER}`);
  log.add(`CLIENT_RANDOM ${'cd'.repeat(32)} ${MASTER}\n`);
  expect(log.size).toBe(2);
});
