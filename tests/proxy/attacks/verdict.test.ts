import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { AttackId } from '#contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type AttackedLab, openAttackedLab } from './attacked-lab.ts';

let lab: AttackedLab;
beforeEach(async () => (lab = await openAttackedLab()));
afterEach(() => lab.close());

describe('whatever others do meanwhile', () => {
  /** A browser that is logged in, and sends one transfer after the other until it is stopped. */
  async function busyBrowser(): Promise<{ stop(): Promise<number> }> {
    const agent = new Agent({ keepAlive: true });
    let cookie = '';
    const post = async (path: string, body: object): Promise<void> => {
      const headers = { 'Content-Type': 'application/json', 'User-Agent': 'Browser/1.0', Cookie: cookie };
      const sent = request({
        ...{ host: '127.0.0.1', port: lab.site.httpPort, agent, method: 'POST', path, headers },
      }).end(JSON.stringify(body));
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      cookie = response.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? cookie;
      await once(response.resume(), 'end');
    };
    const { mobile, password } = PERSONA;
    await post('/api/v1/login', { mobile, password });
    let isStopped = false;
    let count = 0;
    const sending = (async () => {
      while (!isStopped) {
        await post('/api/v1/transfer', { payee: 'Ravi', amount: 500 });
        if (count % 10 === 0) await post('/api/v1/login', { mobile, password });
        count += 1;
      }
    })();
    return {
      async stop() {
        isStopped = true;
        await sending;
        agent.destroy();
        return count;
      },
    };
  }

  test.each<[AttackId, object, object]>([
    ['change', { transfersBooked: 1, changedTransfersBooked: 1 }, { transfersBooked: 0 }],
    ['replay', { transfersBooked: 2 }, { transfersBooked: 1 }],
    ['steal-session', { clientsOnSession: 2 }, { clientsOnSession: 1 }],
  ])('%s counts what the victim’s own sessions have booked and begun', async (id, overHttp, overHttps) => {
    const browser = await busyBrowser();
    const { http, https } = await lab.attacks
      .run(id)
      .finally(async () => expect(await browser.stop()).toBeGreaterThan(0));
    expect(http).toMatchObject({ outcome: 'succeeded', siteCounted: overHttp });
    const outcome = id === 'steal-session' ? 'no effect' : 'refused';
    expect(https).toMatchObject({ outcome, siteCounted: overHttps });
    expect(http?.happened).not.toMatch(/Ravi|Browser/);
  });
});

test.each<AttackId>(['change', 'replay', 'steal-session'])(
  '%s is not called refused where the victim could not even log in',
  async (id) => {
    await lab.close();
    lab = await openAttackedLab({ ...PERSONA, password: 'not the persona’s' });
    await expect(lab.attacks.run(id)).rejects.toThrow('The site answered 401');
  },
);

test.each<AttackId>(['read', 'change', 'hash-login', 'downgrade'])(
  '%s is not called refused where the site was not there',
  async (id) => {
    await lab.site.close();
    await expect(lab.attacks.run(id)).rejects.toThrow(/answer the victim|sent no transfer|came by/);
    expect(lab.gate.isArmed(id)).toBe(false);
  },
);
