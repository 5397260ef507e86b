import { afterEach, expect, test } from 'vitest';
import { keepAlive } from '../../../proxy/experiments/keep-alive.ts';
import { newConnection } from '../../../proxy/experiments/new-connection.ts';
import { type OwnLab, openOwnLab } from './own-lab.ts';

let own: OwnLab | undefined;
afterEach(() => own?.close());

test('two calls on a kept-alive connection take one handshake, and on a connection each two', async () => {
  own = await openOwnLab();
  const { log } = own.context.lab;
  const { measures, outcome, events } = await keepAlive.run(own.context);
  expect(measures).toMatchObject({
    oneConnection: { connections: 1, handshakes: 1, setsOfSecrets: 1, bothEndsToldTheSameSecrets: true },
    connectionEach: { connections: 2, handshakes: 2, setsOfSecrets: 2, bothEndsToldTheSameSecrets: true },
  });
  const captured = log.after(0).flatMap((event) => (event.type === 'bytes-captured' ? [event] : []));
  const bytesOf = (connections: readonly number[]) =>
    captured.reduce(
      (sum, { connection, bytes }) => sum + (connections.includes(connection) ? bytes.length : 0),
      0,
    );
  expect(measures['bytesSaved']).toBe(bytesOf([2, 3]) - bytesOf([1]));
  expect(measures['bytesSaved']).toBeGreaterThan(500);
  expect(outcome).toContain(`${bytesOf([2, 3]) - bytesOf([1])} bytes more`);
  expect(events).toEqual(expect.arrayContaining(captured.map(({ seq }) => seq)));
});

test('a site that hangs up between two calls is said to, since nothing was kept alive', async () => {
  own = await openOwnLab({ keepsAlive: false });
  await expect(keepAlive.run(own.context)).rejects.toThrow('piggypay.test hung up between two calls');
});

test('what the victim typed and what it was shown are told, as at any login', async () => {
  own = await openOwnLab();
  await newConnection.run(own.context);
  const told = own.context.lab.log.after(0).filter(({ vantage }) => vantage === 'victim');
  const count = (type: string) => told.filter((event) => event.type === type).length;
  expect(count('certificate-received')).toBe(4);
  expect(count('secret-entered')).toBe(8);
  expect(count('secrets-logged')).toBe(20);
});
