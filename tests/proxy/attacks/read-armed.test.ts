import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type AttackedLab, openAttackedLab } from './attacked-lab.ts';
import { ofType, Person, strangersConnections, verdictOf } from './while-armed.ts';

let lab: AttackedLab;
beforeEach(async () => (lab = await openAttackedLab()));
afterEach(async () => {
  vi.useRealTimers();
  await lab.close();
});

const capturedOn = (connection: number | undefined) =>
  ofType(lab, 'bytes-captured')
    .filter((event) => event.connection === connection)
    .reduce((sum, { bytes }) => sum + bytes.length, 0)
    .toLocaleString('en');

test('finds the password of whoever logs in over HTTP, at its place, and asks the site for nothing', async () => {
  await lab.attacks.arm('read');
  await lab.victim.login({ ...PERSONA, site: 'http' });
  const verdict = await verdictOf(lab, 'read', 'http');
  expect(verdict).toMatchObject({ outcome: 'succeeded', siteHandled: 0 });
  expect(verdict.happened).toMatch(/^The scripted victim logged in: the password was found once in [\d,]+ /);
  expect(verdict.victimSaw).toBe('Nothing unusual: the site answered 200.');
  const shown = ofType(lab, 'bytes-captured').filter(({ seq }) => verdict.evidence.includes(seq));
  expect(Buffer.concat(shown.map(({ bytes }) => bytes)).toString()).toContain(PERSONA.password);
  expect(strangersConnections(lab)).toEqual([]);
  // The page, the login and the balance, and nothing of the stranger's.
  expect(lab.site.requestsHandled()).toBe(3);
});

test('finds it nowhere over HTTPS, once the site has told that somebody logged in', async () => {
  // Over before it was ever silent, however long the site takes to let it in.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await lab.attacks.arm('read');
  await lab.victim.login({ ...PERSONA, site: 'https' });
  const verdict = await verdictOf(lab, 'read', 'https');
  const [connection] = verdict.connections;
  expect(verdict).toMatchObject({ outcome: 'no effect', siteHandled: 0 });
  expect(verdict.happened).toBe(
    `The scripted victim logged in, as the site tells: the password was found 0 times in ${capturedOn(connection)} captured bytes of its connection, in none of 4 encodings.`,
  );
  expect(lab.attacks.list().find(({ id }) => id === 'read')?.whileArmed.http).toBeUndefined();
});

test('armed in the middle of a connection it reads what comes then, a wrong password too', async () => {
  const person = new Person(lab, 'http');
  await person.get('/');
  await person.logIn('wrong-before');
  await lab.attacks.arm('read');
  await person.logIn('wrong-afterwards');
  const verdict = await verdictOf(lab, 'read', 'http');
  expect(verdict.happened).toMatch(/^The demo browser logged in: the password was found once/);
  expect(verdict.victimSaw).toBe('The site answered 401.');
  const shown = ofType(lab, 'bytes-captured').filter(({ seq }) => verdict.evidence.includes(seq));
  const text = Buffer.concat(shown.map(({ bytes }) => bytes)).toString();
  expect(text).toContain('wrong-afterwards');
  expect(text).not.toContain('wrong-before');
  person.leave();
});

test('disarmed in the middle of a connection it judges no more', async () => {
  const person = new Person(lab, 'http');
  await lab.attacks.arm('read');
  await person.logIn();
  const verdict = await verdictOf(lab, 'read', 'http');
  await lab.attacks.disarm('read');
  await person.logIn('another-one');
  await lab.attacks.arm('replay');
  await person.pay('Meera', 1);
  // Whoever is armed now has judged what came after it.
  await verdictOf(lab, 'replay', 'http');
  expect(lab.attacks.list().find(({ id }) => id === 'read')?.whileArmed.http).toBe(verdict);
  person.leave();
});
