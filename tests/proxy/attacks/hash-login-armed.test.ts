import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type AttackedLab, openAttackedLab } from './attacked-lab.ts';
import { ofType, Person, strangersConnections, untilNothingIsOpen, verdictOf } from './while-armed.ts';

let lab: AttackedLab;
beforeEach(async () => (lab = await openAttackedLab()));
afterEach(() => lab.close());

const { mobile, password } = PERSONA;
const clients = () => lab.site.counters.sessions().map((session) => session.clients);

test('a hash that crosses in clear lets the stranger in, over HTTPS there is none', async () => {
  await lab.attacks.arm('hash-login');
  await lab.victim.loginHashed({ mobile, password, site: 'http' });
  const http = await verdictOf(lab, 'hash-login', 'http');
  expect(http).toMatchObject({
    ...{ outcome: 'succeeded', siteHandled: 1, siteCounted: { sessionsOfTheStranger: 1 } },
    happened:
      'The scripted victim logged in with a hash. The stranger sent the same hash, without ever knowing the password, and the site answered 200: it is logged in.',
  });
  await lab.victim.loginHashed({ mobile, password, site: 'https' });
  const https = await verdictOf(lab, 'hash-login', 'https');
  expect(https).toMatchObject({ outcome: 'no effect', siteHandled: 0 });
  expect(https.happened).toMatch(/There is none to take: 0 found in [\d,]+ captured bytes/);
  expect(clients()).toEqual([
    ['Victim/1.0 (scripted) over HTTP'],
    ['Stranger/1.0 over HTTP'],
    ['Victim/1.0 (scripted) over HTTPS'],
  ]);
  const [own] = strangersConnections(lab);
  const sent = ofType(lab, 'bytes-captured').filter(
    ({ connection, direction }) => connection === own?.connection && direction === 'client-to-server',
  );
  expect(Buffer.concat(sent.map(({ bytes }) => bytes)).toString()).not.toContain(password);
  await untilNothingIsOpen(lab);
});

test('a person’s hash too, but none that let nobody in, and no password', async () => {
  const person = new Person(lab, 'http');
  await lab.attacks.arm('hash-login');
  await person.logIn();
  await person.post('/api/v1/login-hashed', { mobile, passwordHash: 'ab'.repeat(32) });
  const passwordHash = createHash('sha256').update(`${mobile}:${password}`).digest('hex');
  expect((await person.post('/api/v1/login-hashed', { mobile, passwordHash })).status).toBe(200);
  const { happened } = await verdictOf(lab, 'hash-login', 'http');
  expect(happened).toMatch(/^The demo browser logged in with a hash\./);
  expect(clients()).toEqual([
    ['Browser/1.0 over HTTP'],
    ['Browser/1.0 over HTTP'],
    ['Stranger/1.0 over HTTP'],
  ]);
  expect(strangersConnections(lab).length).toBe(1);
  person.leave();
});
