import { afterEach, expect, test, vi } from 'vitest';
import { Fingerprints } from '../../../dashboard/src/lib/state/fingerprints.ts';

const answer = { ja3: 'cd08e31494f9531f560d64c695473da9', ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1' };

afterEach(() => {
  vi.restoreAllMocks();
});

function answering(...answers: readonly (() => Promise<Response>)[]) {
  const waiting = [...answers];
  return vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(() => waiting.shift()?.() ?? Promise.reject(new Error()));
}

test('asks the lab once for each connection', async () => {
  const asked = answering(() => Promise.resolve(Response.json(answer)));
  const fingerprints = new Fingerprints();
  expect(await fingerprints.of(7)).toEqual(answer);
  expect(await fingerprints.of(7)).toEqual(answer);
  expect(asked).toHaveBeenCalledExactlyOnceWith('/api/connections/7/fingerprint');
});

test('has none where the lab has none, does not answer or says something else, and asks again', async () => {
  const asked = answering(
    () => Promise.resolve(new Response('{}', { status: 404 })),
    () => Promise.reject(new Error('gone')),
    () => Promise.resolve(Response.json({ ja3: 3 })),
    () => Promise.resolve(Response.json(answer)),
  );
  const fingerprints = new Fingerprints();
  expect(await fingerprints.of(1)).toBeUndefined();
  expect(await fingerprints.of(1)).toBeUndefined();
  expect(await fingerprints.of(1)).toBeUndefined();
  expect(await fingerprints.of(1)).toEqual(answer);
  expect(asked).toHaveBeenCalledTimes(4);
});

test('asks anew in a new capture, where the numbers mean other connections', async () => {
  const asked = answering(
    () => Promise.resolve(Response.json(answer)),
    () => Promise.resolve(Response.json({ ...answer, ja3: 'other' })),
  );
  const fingerprints = new Fingerprints();
  await fingerprints.of(1);
  fingerprints.clear();
  expect(await fingerprints.of(1)).toMatchObject({ ja3: 'other' });
  expect(asked).toHaveBeenCalledTimes(2);
});
