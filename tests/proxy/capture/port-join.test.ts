import { expect, it } from 'vitest';
import { PortJoin } from '../../../proxy/capture/port-join.ts';

const ports = { from: 50_000, to: 8000 };

it('knows ports while their connection is open and for two seconds after', () => {
  let now = 0;
  const join = new PortJoin(() => now);
  join.register(ports, 1);
  now = 3_600_000;
  expect(join.find({ ...ports })).toBe(1);
  join.connectionClosed(1);
  now += 1999;
  expect(join.find(ports)).toBe(1);
  now += 1;
  expect(join.find(ports)).toBeUndefined();
});

it('gives ports that are used again to the newer connection, for as long as that one lives', () => {
  let now = 0;
  const join = new PortJoin(() => now);
  join.register(ports, 1);
  join.connectionClosed(1);
  join.register(ports, 2);
  now = 10_000;
  expect(join.find(ports)).toBe(2);
});

it('tells connections apart that share one of the two ports', () => {
  let now = 0;
  const join = new PortJoin(() => now);
  const shared = [ports, { from: 50_000, to: 8001 }, { from: 50_001, to: 8000 }, { from: 8000, to: 50_000 }];
  for (const [index, each] of shared.entries()) join.register(each, index);
  expect(shared.map((each) => join.find(each))).toEqual([0, 1, 2, 3]);
  join.connectionClosed(1);
  now = 2000;
  expect(shared.map((each) => join.find(each))).toEqual([0, undefined, 2, 3]);
});

it('answers undefined for ports it was never told of', () => {
  expect(new PortJoin().find(ports)).toBeUndefined();
});
