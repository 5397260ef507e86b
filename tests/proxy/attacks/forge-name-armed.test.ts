import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { selfSignLeaf } from '../../../certs/signing.ts';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import type { Attack } from '../../../proxy/attacks/attack.ts';
import { forgeNameForWhoever } from '../../../proxy/attacks/forge-name-armed.ts';
import { forgeName } from '../../../proxy/attacks/forge-name.ts';
import { NameForger } from '../../../proxy/attacks/name-forger.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { closed } from '../interception/harness.ts';
import { type AttackedLab, openAttackedLab } from './attacked-lab.ts';
import { ofType, Person, untilNothingIsOpen, verdictOf } from './while-armed.ts';

// By itself the copy ends a connection that is idle for half a minute.
const sooner = 20_000;

let lab: AttackedLab;
let forger: NameForger | undefined;
beforeEach(async () => {
  forger = undefined;
  lab = await openAttackedLab(PERSONA, [await attack()]);
});
afterEach(async () => {
  await lab.close();
  await forger?.close();
});

/** Nobody looks anything up here: those who come are led away. */
async function attack(): Promise<Attack> {
  const certificate = await selfSignLeaf(['piggypay.test']);
  const forgerOf = (log: CaptureLog) =>
    new NameForger({
      ...{ log, answerFirst: () => () => undefined, openDoor: () => Promise.resolve(1) },
      makeCertificate: () => Promise.resolve(certificate),
    });
  return {
    ...forgeName(forgerOf(new CaptureLog())),
    // The lab's log is there by then.
    arm: (arming) => forgeNameForWhoever((forger ??= forgerOf(arming.lab.log)), arming),
  };
}

/** Who believes any certificate, as somebody who clicks a warning away. */
async function believe(): Promise<TLSSocket> {
  const socket = connect({
    ...{ host: '127.0.0.1', port: lab.door('https'), servername: 'piggypay.test' },
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  return socket;
}

test('over HTTP a person is led to the copy and logs in there, and the site hears nothing of it', async () => {
  await lab.attacks.arm('forge-name');
  const person = new Person(lab, 'http');
  expect((await person.get('/')).bytes.toString()).toContain('A copy, made by the stranger');
  await person.logIn();
  const verdict = await verdictOf(lab, 'forge-name', 'http');
  expect(verdict).toMatchObject({ outcome: 'succeeded', siteHandled: 0 });
  expect(verdict.happened).toBe(
    'Its look-up is not on this wire, since the demo browser has a map of its own: the stranger rerouted its connection instead. The demo browser logged in there: the copy has its password, and the site handled 0 requests of it.',
  );
  expect([lab.site.requestsHandled(), lab.site.counters.sessions()]).toEqual([0, []]);
  // In clear on the wire, and told of as led away, once.
  const shown = ofType(lab, 'bytes-captured').filter(({ seq }) => verdict.evidence.includes(seq));
  expect(Buffer.concat(shown.map(({ bytes }) => bytes)).toString()).toContain(PERSONA.password);
  expect(ofType(lab, 'attack-acted').map(({ connection }) => connection)).toEqual(verdict.connections);
  person.leave();
});

test('over HTTPS a person leaves at the certificate, and neither copy nor site handles a request', async () => {
  await lab.attacks.arm('forge-name');
  const person = new Person(lab, 'https');
  await expect(person.logIn()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const verdict = await verdictOf(lab, 'forge-name', 'https');
  expect(verdict).toMatchObject({ outcome: 'refused', siteHandled: 0 });
  expect(verdict.happened).toMatch(
    /saw the certificate and left: it sent its ClientHello .*, and 0 bytes of a login\. 0 requests reached the copy, and 0 the site\.$/,
  );
  expect(lab.site.requestsHandled()).toBe(0);
  person.leave();
});

test('whoever believes the certificate all the same is in the copy over HTTPS too', async () => {
  await lab.attacks.arm('forge-name');
  const socket = await believe();
  const body = JSON.stringify({ mobile: PERSONA.mobile, password: PERSONA.password });
  socket.write(
    `POST /api/v1/login HTTP/1.1\r\nHost: piggypay.test\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, 'data');
  const verdict = await verdictOf(lab, 'forge-name', 'https');
  expect(verdict).toMatchObject({ outcome: 'succeeded', siteHandled: 0 });
  expect(verdict.happened).toContain('took the copy’s certificate, which the stranger had signed itself');
  expect(lab.site.requestsHandled()).toBe(0);
  socket.destroy();
});

test('a connection from before leads to the site, and it is said why', async () => {
  const person = new Person(lab, 'http');
  await person.get('/');
  await lab.attacks.arm('forge-name');
  await person.logIn();
  const verdict = await verdictOf(lab, 'forge-name', 'http');
  expect(verdict).toMatchObject({ outcome: 'no effect', siteHandled: 1 });
  expect(verdict.happened).toContain('was open before the stranger lay in wait');
  expect(lab.site.counters.sessions().length).toBe(1);
  person.leave();
});

test(
  'disarmed in the middle of a connection, it shuts the copy: whoever comes anew is at the site',
  { timeout: sooner },
  async () => {
    await lab.attacks.arm('forge-name');
    const person = new Person(lab, 'http');
    await person.get('/');
    const socket = await believe();
    socket.on('error', () => undefined);
    await lab.attacks.disarm('forge-name');
    await closed(socket);
    await untilNothingIsOpen(lab);
    expect((await person.get('/')).bytes.toString()).not.toContain('A copy');
    expect(lab.site.requestsHandled()).toBe(1);
    person.leave();
  },
);
