import { afterEach, beforeEach, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { startResolver } from '../../../demo-sites/resolver/over-udp.ts';
import { ScriptedVictim } from '../../../proxy/victim/scripted.ts';
import { type RunningSite, runSite } from '../../demo-sites/piggypay/running-site.ts';

let running: RunningSite;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  running = await runSite();
  closers.push(() => running.site.close());
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** One whose resolver says that the site is at this address. */
async function victimToldOf(
  address: string,
  doorAt?: (address: string, port: number) => number | undefined,
): Promise<ScriptedVictim> {
  const resolver = await startResolver({ names: new Map([['piggypay.test', address]]) });
  const victim = new ScriptedVictim({
    ...{ resolverPort: resolver.port, resolverName: 'resolver.test', authorityPem: running.ca },
    door: (_name, port) => running.site[port === 443 ? 'httpsPort' : 'httpPort'],
    ...(doorAt && { doorAt }),
    connectionOf: (ports) => ports?.from,
    entered: () => undefined,
    certificateReceived: () => undefined,
    keyLogged: () => undefined,
    handshakeFailed: () => undefined,
  });
  closers.push(
    () => resolver.close(),
    () => victim.abandon(),
  );
  return victim;
}

const { mobile, password } = PERSONA;

test('it goes where the look-up says, by address and port, and dials 127.0.0.1 alone', async () => {
  const asked: string[] = [];
  const victim = await victimToldOf('127.0.0.66', (address, port) => {
    asked.push(`${address}:${port}`);
    return running.site.httpPort;
  });
  const { http } = await victim.login({ mobile, password, site: 'http' });
  expect(http).toMatchObject({ ok: true, requests: 3 });
  expect(asked).toEqual(['127.0.0.66:80']);
});

test('where nobody is, it says so, and goes to no other site of that name', async () => {
  const expected = { ok: false, error: { code: 'EHOSTUNREACH', message: 'nobody is at 127.0.0.66:80' } };
  for (const doorAt of [undefined, () => undefined]) {
    const victim = await victimToldOf('127.0.0.66', doorAt);
    expect((await victim.login({ mobile, password, site: 'http' })).http).toMatchObject(expected);
  }
  expect(running.site.requestsHandled()).toBe(0);
});

test('an address of the network outside leads nowhere either', async () => {
  const victim = await victimToldOf('192.0.2.1');
  const { https } = await victim.login({ mobile, password, site: 'https' });
  expect(https).toMatchObject({ ok: false, error: { code: 'EHOSTUNREACH' } });
});
