import { expect, test } from 'vitest';
import { OneWorker } from '../../../dashboard/src/lib/state/one-worker.ts';
import type { FromWorker, ToWorker } from '../../../dashboard/src/worker/messages.ts';

/** Stands in for threads: what was started, asked and stopped, in order. */
function threads() {
  const done: string[] = [];
  let say: (message: FromWorker) => void = () => undefined;
  const worker = new OneWorker((listener) => {
    done.push('started');
    say = listener;
    return { post: ({ type }: ToWorker) => done.push(type), stop: () => done.push('stopped') };
  });
  return { worker, done, say: (message: FromWorker) => say(message) };
}

const NEWS: FromWorker = { type: 'list', turn: 0, total: 1, matching: 1, isCatchingUp: false };

test('one that was made ready is asked nothing, and is the one that serves who joins', () => {
  const { worker, done, say } = threads();
  worker.warm();
  expect(done).toEqual(['started']);
  const heard: FromWorker[] = [];
  worker.join((message) => heard.push(message)).post({ type: 'watch', isWatched: true });
  worker.warm();
  expect(done).toEqual(['started', 'watch']);
  say(NEWS);
  expect(heard).toEqual([NEWS]);
});

test('all who joined hear it, and it ends with the last of them', () => {
  const { worker, done, say } = threads();
  const heard: string[] = [];
  const first = worker.join(() => heard.push('first'));
  const second = worker.join(() => heard.push('second'));
  say(NEWS);
  expect(heard).toEqual(['first', 'second']);
  first.stop();
  expect(done).toEqual(['started']);
  second.stop();
  expect(done).toEqual(['started', 'stopped']);
  worker.join(() => undefined);
  expect(done).toEqual(['started', 'stopped', 'started']);
});
