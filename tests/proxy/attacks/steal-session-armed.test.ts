import { afterEach, beforeEach, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type AttackedLab, openAttackedLab } from './attacked-lab.ts';
import { Person, strangersConnections, untilNothingIsOpen, verdictOf } from './while-armed.ts';

let lab: AttackedLab;
beforeEach(async () => (lab = await openAttackedLab()));
afterEach(() => lab.close());

/** Who has used each login session, by the site's own books. */
const clients = () => lab.site.counters.sessions().map((session) => session.clients);

test('a cookie that crosses in clear puts a second client on the session, over HTTPS there is none', async () => {
  await lab.attacks.arm('steal-session');
  await lab.victim.login({ ...PERSONA, site: 'http' });
  const http = await verdictOf(lab, 'steal-session', 'http');
  expect(http).toMatchObject({ outcome: 'succeeded', siteHandled: 1, siteCounted: { clientsOnSession: 2 } });
  expect(http.happened).toMatch(
    /^“Set-Cookie: sid=…; Path=\/; HttpOnly; SameSite=Lax” crossed in clear between the scripted victim and the site\./,
  );
  await lab.victim.login({ ...PERSONA, site: 'https' });
  const https = await verdictOf(lab, 'steal-session', 'https');
  expect(https).toMatchObject({ outcome: 'no effect', siteHandled: 0, siteCounted: { clientsOnSession: 1 } });
  expect(https.happened).toMatch(/^The scripted victim logged in, as the site tells\. .* 0 found in [\d,]+ /);
  expect(clients()).toEqual([
    ['Victim/1.0 (scripted) over HTTP', 'Stranger/1.0 over HTTP'],
    ['Victim/1.0 (scripted) over HTTPS'],
  ]);
  // The cookie itself opens the door, and is in no text.
  expect(JSON.stringify([http, https])).not.toMatch(/sid=(?!…)/);
  await untilNothingIsOpen(lab);
});

test('armed after the login, it takes the cookie from the next request, and each once only', async () => {
  const person = new Person(lab, 'http');
  await person.logIn();
  await lab.attacks.arm('steal-session');
  await person.get('/account');
  const verdict = await verdictOf(lab, 'steal-session', 'http');
  expect(verdict.outcome).toBe('succeeded');
  expect(verdict.happened).toMatch(
    /^“Cookie: sid=…” crossed in clear between the demo browser and the site\./,
  );
  await person.get('/account');
  await person.logIn();
  await verdictOf(lab, 'steal-session', 'http', {
    happened: expect.stringContaining('Set-Cookie') as string,
  });
  expect(clients()).toEqual([
    ['Browser/1.0 over HTTP', 'Stranger/1.0 over HTTP'],
    ['Browser/1.0 over HTTP', 'Stranger/1.0 over HTTP'],
  ]);
  expect(strangersConnections(lab).length).toBe(2);
  person.leave();
});

test('a cookie whose session is over opens nothing', async () => {
  const person = new Person(lab, 'http');
  await person.logIn();
  person.leave();
  await lab.site.reset();
  await lab.attacks.arm('steal-session');
  await person.get('/account');
  const verdict = await verdictOf(lab, 'steal-session', 'http');
  expect(verdict).toMatchObject({ outcome: 'no effect', siteHandled: 0 });
  expect(verdict.happened).toMatch(/the site answered 401\.$/);
  expect(clients()).toEqual([]);
  person.leave();
});

test('disarmed, it takes nothing more', async () => {
  const person = new Person(lab, 'http');
  await lab.attacks.arm('steal-session');
  await person.get('/');
  await lab.attacks.disarm('steal-session');
  await person.logIn();
  await person.get('/account');
  person.leave();
  await untilNothingIsOpen(lab);
  expect(clients()).toEqual([['Browser/1.0 over HTTP']]);
});
