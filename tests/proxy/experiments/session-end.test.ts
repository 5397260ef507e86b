import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { endByClose, endByDrop, endByTimeout } from '../../../proxy/experiments/session-end.ts';
import { type OwnLab, openOwnLab, type SiteOfATest } from './own-lab.ts';

let own: OwnLab | undefined;
afterEach(() => own?.close());

async function open(site: SiteOfATest = {}): Promise<OwnLab> {
  own = await openOwnLab(site);
  return own;
}

const open1 = { victim: { socketIsOpen: true, idleInPool: 1, exporter: 'answers', finished: 'answers' } };
const gone = {
  victim: { socketIsOpen: false, idleInPool: 0, exporter: 'throws TypeError', finished: 'nothing' },
  site: { connectionIsOpen: false },
};

test.each([
  ['closed', endByClose, { by: 'client', how: 'end', victimSaw: null }, { victim: true, site: true }],
  [
    'dropped',
    endByDrop,
    { by: 'relay', how: 'reset', victimSaw: 'ECONNRESET' },
    { victim: false, site: false },
  ],
] as const)(
  'a session that is %s leaves no keys, but a ticket, a login and the key log',
  async (_, experiment, ending, closeNotify) => {
    const { context } = await open();
    const { measures, outcome } = await experiment.run(context);
    expect(measures).toMatchObject({
      before: { ...open1, site: { connectionIsOpen: true } },
      after: gone,
      held: { ticketWorks: true, loginHolds: true },
      ending,
      closeNotify,
      keyLog: { lines: 5, openedWithoutIt: 0 },
    });
    const { records, opened } = measures['keyLog'] as { records: number; opened: number };
    expect(opened).toBe(records);
    expect(records).toBeGreaterThanOrEqual(8);
    expect(outcome).toContain('the only copy of the traffic secrets');
    expect(outcome).toContain('gives no keys any more');
    expect(context.lab.openAt('piggypay.test')).toEqual([]);
  },
);

test('a session that times out is let go by the victim’s own pool, after its own time', async () => {
  const { context } = await open();
  const began = performance.now();
  const { measures, outcome } = await endByTimeout.run(context);
  expect(performance.now() - began).toBeGreaterThan(1400);
  expect(measures).toMatchObject({ after: gone, ending: { by: 'client', how: 'end', victimSaw: null } });
  expect(outcome).toContain('the victim’s pool');
});

test('a ticket that the site forgot and a login that it ended are said to be gone', async () => {
  const { context } = await open({
    ended: (site) => {
      site.setTicketKeys(randomBytes(48));
      site.logOut();
    },
  });
  const { measures, outcome } = await endByClose.run(context);
  expect(measures).toMatchObject({ held: { ticketWorks: false, loginHolds: false } });
  expect(outcome).toContain('The ticket resumes no more; the login holds no more.');
});
