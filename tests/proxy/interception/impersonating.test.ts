import { expect, test } from 'vitest';
import { Impersonating } from '../../../proxy/interception/impersonating.ts';
import type { FromEngine } from '../../../proxy/interception/messages.ts';

test('where a process was that is gone nobody is led, until the next one says where it listens', async () => {
  const orders: string[] = [];
  const impersonating = new Impersonating((order) => orders.push(order.type) > 0);
  const listening = (port: number): FromEngine => ({ type: 'impersonating', id: 1, port });
  const beginning = impersonating.begin({ name: 'own.test', port: 80 }, () => undefined);
  impersonating.hear(listening(5001));
  const stand = await beginning;
  expect(stand.port).toBe(5001);
  impersonating.lost();
  // 0: no port at all. What was freed may be somebody else's by now.
  expect(stand.port).toBe(0);
  impersonating.renew();
  impersonating.hear(listening(5002));
  expect(stand.port).toBe(5002);
  expect(orders).toEqual(['impersonate', 'impersonate']);
});
