import { expect, test } from 'vitest';
import type { AttackLab } from '../../../proxy/attacks/attack.ts';
import { Stripping, type StrippingOptions } from '../../../proxy/attacks/stripping.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

test('a door that could not be opened once is opened the next time, and then it is there', async () => {
  const log = new CaptureLog();
  log.begin({ routes: [] });
  const doors: (() => Promise<number>)[] = [
    () => Promise.reject(new Error('no port left')),
    () => Promise.resolve(5001),
  ];
  const plans: number[] = [];
  const leads = new Set<string>();
  const options: Partial<StrippingOptions> = {
    log,
    openOnward: () => doors.shift()?.() ?? Promise.reject(new Error('asked again')),
    answerFor({ strip }) {
      plans.push(strip.onward);
      return Promise.resolve({ port: 5002, stop: () => Promise.resolve() });
    },
  };
  const stripping = new Stripping(options as StrippingOptions);
  const lab: Partial<AttackLab> = {
    log,
    leadAway({ name }) {
      leads.add(name);
      return () => void leads.delete(name);
    },
  };
  const begin = () => stripping.begin(lab as AttackLab, 'bank.test', ['scripted-victim']);
  await expect(begin()).rejects.toThrow('no port left');
  expect([plans, [...leads]]).toEqual([[], []]);
  for (let time = 0; time < 2; time += 1) {
    const end = await begin();
    expect([...leads]).toEqual(['bank.test']);
    await end();
  }
  expect([plans, [...leads]]).toEqual([[5001, 5001], []]);
});
