import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type RunningSite, runSite } from '../../demo-sites/piggypay/running-site.ts';
import { startResolver } from '../../../demo-sites/resolver/over-udp.ts';
import { ScriptedVictim } from '../../../proxy/victim/scripted.ts';

let running: RunningSite;
let resolver: Awaited<ReturnType<typeof startResolver>>;
let victim: ScriptedVictim;
const entered: string[] = [];

beforeAll(async () => {
  [running, resolver] = await Promise.all([
    runSite(),
    startResolver({ names: new Map([['piggypay.test', '127.0.0.1']]) }),
  ]);
  victim = new ScriptedVictim({
    resolverPort: resolver.port,
    resolverName: 'resolver.test',
    authorityPem: running.ca,
    door: (name, port) =>
      name === 'piggypay.test' ? running.site[port === 443 ? 'httpsPort' : 'httpPort'] : undefined,
    connectionOf: (ports) => ports?.from,
    entered: (_kind, value) => void entered.push(value),
    certificateReceived: () => undefined,
    keyLogged: () => undefined,
    handshakeFailed: () => undefined,
  });
});
afterAll(async () => {
  await victim.abandon();
  await Promise.all([running.site.close(), resolver.close()]);
});
beforeEach(async () => {
  entered.length = 0;
  running.told.length = 0;
  await running.site.reset();
});

const { mobile, password } = PERSONA;
const order = { payee: 'Ravi', amount: 500 };

/** What the site answered, by the client's port. */
async function handled(port: number | undefined, count: number): Promise<unknown[]> {
  await running.heard('request-handled', (told) => 'count' in told && told.count === count);
  return running.told.flatMap((told) =>
    told.type === 'request-handled' && told.ports?.from === port
      ? [`${told.method} ${told.path} ${told.status}`]
      : [],
  );
}

describe.each(['http', 'https'] as const)('over %s the victim', (site) => {
  test('logs in and sends money over one connection, and answers what the site said', async () => {
    const { [site]: result } = await victim.transfer({ mobile, password, site, ...order });
    expect(result).toMatchObject({
      ok: true,
      status: 200,
      name: 'Asha',
      booked: true,
      ...order,
      requests: 3,
    });
    expect(await handled(result?.connection, 3)).toEqual([
      'GET / 200',
      'POST /api/v1/login 200',
      'POST /api/v1/transfer 200',
    ]);
    expect(running.site.counters.transfers()).toMatchObject([{ from: 'Asha', ...order }]);
    const client = `Victim/1.0 (scripted) over ${site.toUpperCase()}`;
    expect(running.site.counters.sessions()).toMatchObject([{ clients: [client] }]);
    expect(entered).toEqual([mobile, password]);
  });

  test('tells what the site has refused, and nothing that was not booked', async () => {
    const { [site]: result } = await victim.transfer({ mobile, password, site, payee: 'Ravi', amount: -1 });
    expect(result).toEqual({
      ...{ ok: false, status: 400, name: 'Asha', requests: 3, connection: result?.connection },
    });
  });

  test('sends no money when it is not let in', async () => {
    const { [site]: result } = await victim.transfer({ mobile, password: 'wrong', site, ...order });
    expect(result).toEqual({ ok: false, status: 401, requests: 2, connection: result?.connection });
    expect(running.site.counters.transfers()).toEqual([]);
  });

  test('logs in with a hash, and the password is in nothing that the site received', async () => {
    const { [site]: result } = await victim.loginHashed({ mobile, password, site });
    expect(result).toMatchObject({ ok: true, status: 200, name: 'Asha', requests: 3 });
    expect(await handled(result?.connection, 3)).toEqual([
      'GET /hashed 200',
      'POST /api/v1/login-hashed 200',
      'GET /api/v1/balance 200',
    ]);
    expect(running.told).not.toContainEqual(expect.objectContaining({ value: password }));
    expect(entered).toEqual([mobile, password]);
  });
});

test('on both at once each books its own, and a site that is not there is told', async () => {
  const { http, https } = await victim.transfer({ mobile, password, site: 'both', ...order });
  expect([http?.booked, https?.booked]).toEqual([true, true]);
  expect(running.site.counters.transfers()).toHaveLength(2);
  const nowhere = await victim.transfer({ mobile, password, site: 'http', host: 'nowhere.test', ...order });
  expect(nowhere.http).toMatchObject({ ok: false, error: { code: 'no-such-site' }, requests: 0 });
});
