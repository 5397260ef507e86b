import { expect, it } from 'vitest';
import { PortJoin } from '../../../proxy/capture/port-join.ts';

it('knows a port while its connection is open and for two seconds after', () => {
  let now = 0;
  const join = new PortJoin(() => now);
  join.register(50_000, 1);
  now = 3_600_000;
  expect(join.find(50_000)).toBe(1);
  join.connectionClosed(1);
  now += 1999;
  expect(join.find(50_000)).toBe(1);
  now += 1;
  expect(join.find(50_000)).toBeUndefined();
});

it('gives a port that is used again to the newer connection, for as long as that one lives', () => {
  let now = 0;
  const join = new PortJoin(() => now);
  join.register(50_000, 1);
  join.connectionClosed(1);
  join.register(50_000, 2);
  now = 10_000;
  expect(join.find(50_000)).toBe(2);
});

it('answers undefined for a port it was never told of', () => {
  expect(new PortJoin().find(1)).toBeUndefined();
});
