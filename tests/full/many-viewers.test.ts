import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLabProcess, type LabProcess } from '../support/lab-process.ts';
import { TestViewer } from '../support/viewer.ts';

let lab: LabProcess;
beforeAll(async () => {
  lab = await startLabProcess();
});
afterAll(() => lab.stop());

test('three hundred viewers all see the same numbered events, without a hole', async () => {
  const viewers = Array.from({ length: 300 }, () => new TestViewer(lab.lab));
  const { mobile, password } = { mobile: '9800000012', password: 'monsoon-42' };
  for (let round = 0; round < 5; round += 1) {
    await lab.call('POST', '/api/victim/login', { mobile, password, site: 'both' });
  }
  const last = (await lab.events()).at(-1)?.seq ?? 0;
  expect(last).toBeGreaterThan(100);
  const whole = Array.from({ length: last }, (_, index) => index + 1);
  for (const viewer of viewers) {
    await viewer.until(({ events }) => (events.at(-1)?.seq ?? 0) >= last);
    expect(viewer.events.slice(0, last).map(({ seq }) => seq)).toEqual(whole);
    viewer.close();
  }
});
