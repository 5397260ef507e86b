import type { ExperimentProgress } from '#contract';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { ExperimentRefusal, Experiments } from '../../../proxy/experiments/experiments.ts';
import type { Experiment, ExperimentLab } from '../../../proxy/experiments/experiment.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

const log = new CaptureLog();
log.begin({ routes: [] });
let isStepping = false;
afterEach(() => (isStepping = false));
const lab = { log, isStepping: () => isStepping } as unknown as ExperimentLab;
const about = { about: 'Nothing much.', seconds: 1 };

/** Runs until it is let go, or abandoned. */
function waiting(): { experiment: Experiment; letGo: () => void; left: string[] } {
  let letGo: () => void = () => undefined;
  const left: string[] = [];
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const experiment: Experiment = {
    ...{ id: 'race', title: 'A race', ...about },
    async run({ signal, progress }) {
      progress(2, 'Waiting.', { laps: 3 });
      await Promise.race([gate, once(signal, 'abort')]);
      left.push(signal.aborted ? 'abandoned' : 'let go');
      return { outcome: 'Done.', measures: { laps: 4 }, events: [1] };
    },
  };
  return { experiment, letGo, left };
}

test('one runs at a time, and a second is told which', async () => {
  const { experiment, letGo } = waiting();
  const told: ExperimentProgress[] = [];
  const experiments = new Experiments(lab, (progress) => told.push(progress), [experiment]);
  expect(experiments.list()).toEqual([{ id: 'race', title: 'A race', ...about }]);
  const first = experiments.run('race');
  await expect(experiments.run('race')).rejects.toMatchObject({
    code: 'experiment-running',
    message: '“A race” is running.',
  });
  letGo();
  expect(await first).toEqual({ id: 'race', outcome: 'Done.', measures: { laps: 4 }, events: [1] });
  expect(told).toEqual([
    { id: 'race', done: 0, doing: 'It begins.' },
    { id: 'race', done: 0.99, doing: 'Waiting.', measures: { laps: 3 } },
    { id: 'race', done: 1, doing: 'It is over.' },
  ]);
  const again = experiments.run('race');
  expect((await again).outcome).toBe('Done.');
});

test('a reset breaks it off and waits until it has let go of everything', async () => {
  const { experiment, left } = waiting();
  const told: ExperimentProgress[] = [];
  const experiments = new Experiments(lab, (progress) => told.push(progress), [experiment]);
  const running = experiments.run('race').catch((error: unknown) => error);
  await experiments.abandon();
  expect(left).toEqual(['abandoned']);
  expect(await running).toBeInstanceOf(ExperimentRefusal);
  expect(await running).toMatchObject({ code: 'reset' });
  expect(told.at(-1)).toMatchObject({ done: 1 });
  await experiments.abandon();
});

test('what goes wrong in it is passed on, and the next one can run', async () => {
  const broken: Experiment = {
    ...{ id: 'keep-alive', title: 'Broken', ...about },
    run: () => Promise.reject(new Error('the wire was cut')),
  };
  const { experiment, letGo } = waiting();
  letGo();
  const told: ExperimentProgress[] = [];
  const experiments = new Experiments(lab, (progress) => told.push(progress), [broken, experiment]);
  await expect(experiments.run('keep-alive')).rejects.toThrow('the wire was cut');
  expect(told.at(-1)).toMatchObject({ id: 'keep-alive', done: 1 });
  expect((await experiments.run('race')).outcome).toBe('Done.');
});

test('the beginning of another capture breaks it off: what it did next would stand in that one', async () => {
  const { experiment, left } = waiting();
  const told: ExperimentProgress[] = [];
  const experiments = new Experiments(lab, (progress) => told.push(progress), [experiment]);
  const running = experiments.run('race').catch((error: unknown) => error);
  log.begin({ routes: [] });
  expect(await running).toMatchObject({ code: 'capture-over' });
  expect(left).toEqual(['abandoned']);
  expect(told.at(-1)).toMatchObject({ done: 1 });
});

test('whoever waits is told that stepping is why, as soon as it is', async () => {
  const { experiment, letGo } = waiting();
  let heard: (progress: ExperimentProgress) => void = () => undefined;
  const experiments = new Experiments(lab, (progress) => heard(progress), [experiment]);
  const held = new Promise<ExperimentProgress>((resolve) => {
    heard = (progress) => {
      if (progress.doing.includes('held by stepping')) resolve(progress);
    };
  });
  const running = experiments.run('race');
  isStepping = true;
  expect((await held).doing).toBe('Waiting. Everything is held by stepping: let it through.');
  letGo();
  await running;
});
