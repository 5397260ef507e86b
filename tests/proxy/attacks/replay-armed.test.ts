import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type AttackedLab, openAttackedLab } from './attacked-lab.ts';
import { ofType, Person, strangersConnections, untilNothingIsOpen, verdictOf } from './while-armed.ts';

let lab: AttackedLab;
beforeEach(async () => (lab = await openAttackedLab()));
afterEach(async () => {
  vi.useRealTimers();
  await lab.close();
});

const order = { payee: 'Meera', amount: 100 };
/** What the site has booked, by its own books. */
const booked = () => lab.site.counters.transfers().map(({ payee, amount }) => `${amount} to ${payee}`);

const sentOn = (connection: number | undefined) =>
  Buffer.concat(
    ofType(lab, 'bytes-captured')
      .filter((event) => event.connection === connection && event.direction === 'client-to-server')
      .map(({ bytes }) => bytes),
  );

test('a transfer over HTTP is booked twice, and what was sent again is not sent a third time', async () => {
  await lab.attacks.arm('replay');
  await lab.victim.transfer({ ...PERSONA, ...order, site: 'http' });
  const { happened, connections, ...verdict } = await verdictOf(lab, 'replay', 'http');
  expect(booked()).toEqual(['100 to Meera', '100 to Meera']);
  expect(verdict).toMatchObject({
    ...{ outcome: 'succeeded', siteHandled: 1 },
    siteCounted: { transfersBooked: 2, transfersOfTheVictim: 1, transfersReplayed: 1 },
  });
  const [own, again] = connections.map((connection) => sentOn(connection).toString());
  // The transfer alone, byte for byte: of the page and the login nothing is sent again.
  expect(again).toMatch(/^POST \/api\/v1\/transfer /);
  expect(own).toContain(again);
  expect(happened).toBe(
    `One transfer of the scripted victim (₹100 to Meera) crossed; its ${again?.length ?? 0} bytes were sent again on a new connection, and the site booked 2.`,
  );
  await untilNothingIsOpen(lab);
  expect(strangersConnections(lab).map(({ connection }) => connection)).toEqual([connections[1]]);
});

test('two transfers in a row are each sent again, and nothing else is', async () => {
  await lab.attacks.arm('replay');
  const person = new Person(lab, 'http');
  await person.logIn();
  await person.pay('Meera', 1);
  await verdictOf(lab, 'replay', 'http', { siteCounted: { transfersBooked: 2 } });
  await person.pay(' Ravi ', 2);
  await verdictOf(lab, 'replay', 'http', { happened: expect.stringContaining('₹2 to Ravi') as string });
  // Refused by the site, it is no transfer that could be booked twice.
  expect((await person.pay('', 3)).status).toBe(400);
  await person.get('/account');
  expect(booked()).toEqual(['1 to Meera', '1 to Meera', '2 to Ravi', '2 to Ravi']);
  expect(strangersConnections(lab).length).toBe(2);
  person.leave();
});

test('what the victim itself sends a second time meanwhile was not sent by the stranger', async () => {
  const real = lab.site.counters.transfers.bind(lab.site.counters);
  let own: ReturnType<typeof real> = [];
  const spy = vi.spyOn(lab.site.counters, 'transfers').mockImplementation(() => {
    const [first] = real();
    if (first && own.length === 0 && strangersConnections(lab).length > 0) own = [{ ...first }];
    return [...real(), ...own];
  });
  await lab.attacks.arm('replay');
  await lab.victim.transfer({ ...PERSONA, ...order, site: 'http' });
  const verdict = await verdictOf(lab, 'replay', 'http');
  spy.mockRestore();
  expect(own).toHaveLength(1);
  expect(verdict.siteCounted).toEqual({ transfersBooked: 2, transfersOfTheVictim: 1, transfersReplayed: 1 });
});

test('over HTTPS the records are refused: 0 requests, the site’s own alert, one transfer booked', async () => {
  // Over before it was ever silent, however long the site takes to let it in.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await lab.attacks.arm('replay');
  await lab.victim.transfer({ ...PERSONA, ...order, site: 'https' });
  const verdict = await verdictOf(lab, 'replay', 'https');
  expect(booked()).toEqual(['100 to Meera']);
  expect(verdict).toMatchObject({
    ...{ outcome: 'refused', siteHandled: 0, victimSaw: 'Nothing: its own connection was over.' },
    siteCounted: { transfersBooked: 1, transfersOfTheVictim: 1, transfersReplayed: 0 },
  });
  expect(verdict.happened).toMatch(
    /recorded bytes of the scripted victim were sent again; the site handled 0 requests and said .*bad record mac.* The transfer that had crossed in them is booked once\.$/i,
  );
  const [own, again] = verdict.connections.map((connection) => sentOn(connection));
  expect(again?.length).toBeGreaterThan(500);
  expect(again && own?.subarray(0, again.length).equals(again)).toBe(true);
  await untilNothingIsOpen(lab);
  expect(strangersConnections(lab).length).toBe(1);
});

test('a connection that stays open is sent again once it is silent, and again after a transfer only', async () => {
  const person = new Person(lab, 'https');
  await person.get('/');
  await lab.attacks.arm('replay');
  await person.logIn();
  const first = await verdictOf(lab, 'replay', 'https');
  expect(first).toMatchObject({
    ...{ outcome: 'refused', siteHandled: 0, victimSaw: 'Nothing: its own connection goes on.' },
    siteCounted: { transfersBooked: 0 },
  });
  await person.get('/account');
  await person.pay('Meera', 100);
  const second = await verdictOf(lab, 'replay', 'https', { siteCounted: { transfersBooked: 1 } });
  expect(second).toMatchObject({ outcome: 'refused', siteHandled: 0 });
  expect(booked()).toEqual(['100 to Meera']);
  expect(strangersConnections(lab).length).toBe(2);
  await person.get('/account');
  person.leave();
  await untilNothingIsOpen(lab);
  // It has closed by now, and with it went nothing that was not tried already.
  expect(strangersConnections(lab).length).toBe(2);
});

test('disarmed while it sends, it leaves nothing open and says nothing', async () => {
  await lab.attacks.arm('replay');
  let disarming: Promise<unknown> | undefined;
  const unsubscribe = lab.log.subscribe(() => {
    if (strangersConnections(lab).length > 0) disarming ??= lab.attacks.disarm('replay');
  });
  await lab.victim.transfer({ ...PERSONA, ...order, site: 'https' });
  await expect.poll(() => disarming, { interval: 5 }).toBeDefined();
  await disarming;
  unsubscribe();
  await untilNothingIsOpen(lab);
  expect(lab.attacks.list().find(({ id }) => id === 'replay')?.whileArmed).toEqual({});
  expect(booked()).toEqual(['100 to Meera']);
});

test('not armed, it sends nothing again', async () => {
  await lab.attacks.arm('replay');
  await lab.attacks.disarm('replay');
  await lab.victim.transfer({ ...PERSONA, ...order, site: 'both' });
  await untilNothingIsOpen(lab);
  expect(booked().length).toBe(2);
  expect(strangersConnections(lab)).toEqual([]);
});
