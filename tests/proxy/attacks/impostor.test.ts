import { expect, test } from 'vitest';
import { Impostor, type ImpostorOptions } from '../../../proxy/attacks/impostor.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

test('what could not be had once is asked for again the next time, and then it is there', async () => {
  const asked: string[] = [];
  const failing = new Set(['a CA', 'a door']);
  const have = <Thing>(name: string, thing: Thing): Promise<Thing> => {
    asked.push(name);
    return failing.delete(name) ? Promise.reject(new Error(`without ${name}`)) : Promise.resolve(thing);
  };
  const leaf = { certificatePem: 'a certificate', keyPem: 'a key' };
  const authority = {
    certificatePem: '',
    certificateDer: new Uint8Array(),
    issue: () => Promise.resolve(leaf),
  };
  const options: Partial<ImpostorOptions> = {
    log: new CaptureLog(),
    labAuthority: '',
    makeAuthority: () => have('a CA', authority),
    openOnward: () => have('a door', 5001),
    leadAway: () => () => undefined,
    answerFor: () => Promise.resolve({ port: 5002, stop: () => Promise.resolve() }),
  };
  const impostor = new Impostor(options as ImpostorOptions);
  const begin = () => impostor.begin({ lane: 'https', openers: ['demo-browser'] });
  await expect(begin()).rejects.toThrow('without a CA');
  await expect(begin()).rejects.toThrow('without a door');
  for (let time = 0; time < 2; time += 1) expect((await begin()).certificate).toBe('a certificate');
  expect(asked).toEqual(['a CA', 'a CA', 'a door', 'a door']);
});
