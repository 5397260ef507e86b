import { vi } from 'vitest';
import type { AttackActed, AttackInfo, AttackRun, AttackVerdict } from '#contract';
import type { KnownConnections } from '../../../dashboard/src/lib/format/attacks/legs.ts';
import { utf8 } from '../support/bytes.ts';

export const CHANGE: AttackInfo = {
  ...{
    id: 'change',
    title: 'Change a transfer',
    canBeArmed: true,
    isArmed: false,
    whileArmed: {},
    seconds: 3,
  },
  plan: {
    http: 'Rewrites the payee and the amount of the transfer on its way.',
    https: 'Flips one bit of the record that carries the transfer.',
  },
};
export const READ: AttackInfo = {
  ...{ id: 'read', title: 'Read the login', canBeArmed: false, isArmed: false, whileArmed: {}, seconds: 2 },
  plan: { http: 'Reads along.', https: 'Reads along.' },
};

export const HTTP: AttackVerdict = {
  outcome: 'succeeded',
  happened: 'The site booked what the stranger wrote.',
  siteHandled: 1,
  siteCounted: { transfersBooked: 1 },
  victimSaw: 'booked: 9,900 rupees to Crook',
  evidence: [12, 14],
  connections: [5],
  defence: 'A record’s tag is computed over all of it.',
};
export const HTTPS: AttackVerdict = {
  ...HTTP,
  outcome: 'refused',
  happened: 'The site answered with the alert bad_record_mac.',
  siteHandled: 0,
  siteCounted: { transfersBooked: 0 },
  victimSaw: 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC: sslv3 alert bad record mac',
  evidence: [20, 21],
  connections: [6],
};
export const CHANGED: AttackRun = { id: 'change', lastSeq: 22, http: HTTP, https: HTTPS };
export const READ_RUN: AttackRun = {
  id: 'read',
  lastSeq: 21,
  http: { ...HTTP, defence: 'Nothing here.' },
  https: { ...HTTPS, defence: 'Sealed.' },
};

export function deed(changes: Partial<AttackActed> = {}): AttackActed {
  return {
    ...{ epoch: 1, seq: 14, time: 0, vantage: 'wire', type: 'attack-acted', attack: 'change' },
    ...{ connection: 5, direction: 'client-to-server', offset: 210 },
    before: utf8('{"payee":"Meera","amount":100}'),
    after: utf8('{"payee":"Crook","amount":9900}'),
    ...changes,
  };
}

/** A board as the component is given it; what is asked of it is only noted down. */
export function board(changes: object = {}) {
  return {
    attacks: {
      ...{ list: [READ, CHANGE], running: undefined, isRunningAll: false, newest: undefined },
      ...{ results: {}, predictions: {}, guesses: {}, deeds: [], armedDeeds: [] },
      ...{ predict: vi.fn(), run: vi.fn(() => Promise.resolve()), runAll: vi.fn(() => Promise.resolve()) },
      ...{ stopAfterThis: vi.fn(), guess: vi.fn(), arm: vi.fn(() => Promise.resolve()) },
      ...changes,
    },
    view: bytesView(),
    isRecorded: false,
    onclose: vi.fn(),
  };
}

function bytesView() {
  const connections: KnownConnections = new Map();
  return { shown: (text: string) => text, connections, oninspect: vi.fn(), onladder: vi.fn() };
}

/** A connection to PiggyPay, by when it was open. */
export function known(
  opener: 'scripted-victim' | 'demo-browser' | 'stranger',
  hop: 'cafe' | 'onward',
  openedAt: number,
  closedAt?: number,
) {
  const server = { name: 'piggypay.test', address: '127.0.0.1', port: 443 };
  return { opener, hop, server, openedAt, ...(closedAt !== undefined && { closedAt }) };
}
