import { describe, expect, test } from 'vitest';
import { ConnectionSecrets } from '#keys/connection-secrets.ts';
import { KeyLog, type LoggedSecrets } from '#keys/key-log.ts';

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

describe('a ClientHello that was sent again on another connection', () => {
  const line = (digit: string, label = 'SERVER_TRAFFIC_SECRET_0') => `${label} ${RANDOM} ${digit.repeat(64)}`;
  const bytes = (value: number) => new Uint8Array(32).fill(value);
  const secretOf = (keys: LoggedSecrets) => keys.secret('SERVER_TRAFFIC_SECRET_0', RANDOM);

  test('has secrets of its own, in whatever order they are told', () => {
    const log = new KeyLog();
    log.add(line('1'), 1);
    log.add(line('2'), 2);
    expect([1, 2].map((connection) => secretOf(log.of(connection)))).toEqual([bytes(0x11), bytes(0x22)]);
    expect(log.size).toBe(2);
    // Whoever asks by the client random alone is told what came first.
    expect(secretOf(log)).toEqual(bytes(0x11));
    expect(secretOf(log.of(3))).toBeUndefined();
    expect(log.of(3).knows(RANDOM)).toBe(false);
  });

  test('of one connection and label, the first line stands', () => {
    const log = new KeyLog();
    for (const digit of ['1', '2']) log.add(line(digit), 1);
    for (const digit of ['3', '4']) log.add(line(digit));
    expect(secretOf(log.of(1))).toEqual(bytes(0x11));
    expect(secretOf(log.of(2))).toEqual(bytes(0x33));
    expect(secretOf(log)).toEqual(bytes(0x33));
    // The lines that are of no connection in particular are of this one.
    expect(log.size).toBe(1);
  });

  test('takes no secret with it when it is forgotten but its own', () => {
    const log = new KeyLog();
    for (const connection of [1, 2]) log.add(line(String(connection)), connection);
    log.forget(RANDOM, 1);
    expect(log.knows(RANDOM)).toBe(true);
    expect(secretOf(log)).toEqual(bytes(0x22));
    log.add(line('3'));
    log.forget(RANDOM, 2);
    expect(log.knows(RANDOM)).toBe(false);
    expect(log.size).toBe(0);
  });

  test('is tried with those of the other until its own are told, and with none of them then', () => {
    const log = new KeyLog();
    log.add(`${line('1')}\n${line('1', 'CLIENT_TRAFFIC_SECRET_0')}`, 1);
    const secrets = new ConnectionSecrets(log, 2);
    expect(secrets.hasBorrowed).toBe(false);
    expect(secretOf(secrets)).toEqual(bytes(0x11));
    expect(secrets.hasBorrowed).toBe(true);
    log.add(line('2'), 2);
    expect(secretOf(secrets)).toEqual(bytes(0x22));
    expect(secrets.secret('CLIENT_TRAFFIC_SECRET_0', RANDOM)).toBeUndefined();
  });
});
