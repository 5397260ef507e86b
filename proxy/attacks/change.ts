import type { Attack } from './attack.ts';
import { judgeChanges } from './change-armed.ts';
import { flipRecord } from './flip-record.ts';
import { BANNER, rewriteHttp, STRANGERS_ORDER, TRANSFER_PATH } from './rewrite-http.ts';
import type { Tampering } from './tampering.ts';
import { onLane, rupees, seenBy, watchTransfers } from './verdict.ts';

const order = { payee: 'Meera', amount: 100 } as const;
// The scripted victim loads the page, logs in and then sends the money.
const transferIsRequest = 3;

/** Rewrites a transfer on its way, and flips a bit where it can't be read. */
export const change: Attack = {
  id: 'change',
  title: 'Change',
  plan: {
    http: `Rewrite the transfer in flight: ${rupees(STRANGERS_ORDER.amount)} to “${STRANGERS_ORDER.payee}” instead of ${rupees(order.amount)} to ${order.payee}, and write a banner into the page.`,
    https: 'Flip one bit of the sealed record that carries the transfer.',
  },
  defence: {
    http: 'HTTP has nothing that would show a change: every byte is taken as the sender’s. Under TLS it would be noticed.',
    https:
      'Each record carries a tag that is computed with the keys of this connection (AEAD, RFC 8446, 5.2). A changed record does not fit its tag: the site reads nothing of it, answers bad_record_mac and ends the connection.',
  },
  seconds: 2,
  arm(arming) {
    const { gate } = arming.lab;
    judgeChanges(arming);
    gate.arm(tampering(1, ({ opener }) => opener !== 'stranger'));
    return Promise.resolve(() => {
      gate.disarm('change');
      return Promise.resolve();
    });
  },
  async attempt({ lab, lane, watch }) {
    const booked = watchTransfers(lab.books);
    lab.gate.arm(tampering(transferIsRequest, ({ opener }) => opener === 'scripted-victim'));
    const { mobile, password } = lab.persona;
    const answer = await lab.victim
      .transfer({ mobile, password, site: lane, ...order })
      .finally(() => lab.gate.disarm('change'));
    const result = onLane(answer, lane);
    const { connection } = result;
    const handled = watch.handled(connection).filter(({ path }) => path === TRANSFER_PATH);
    const acted = watch.acted('change').filter((event) => event.connection === connection);
    const isTried = lane === 'http' ? handled.length > 0 : acted.length > 0;
    // Nothing was stopped then.
    if (!isTried) throw new Error(`the victim sent no transfer: ${seenBy(result)}`);
    const transfers = booked();
    const changed = transfers.filter(({ payee, amount }) => payee !== order.payee || amount !== order.amount);
    const [first] = changed;
    const banners = acted.filter(({ after }) => after && Buffer.from(after).includes(BANNER)).length;
    return {
      outcome: first ? 'succeeded' : transfers.length > 0 ? 'no effect' : 'refused',
      happened: first
        ? `The victim sent ${rupees(order.amount)} to ${order.payee}; the site booked ${rupees(first.amount)} to “${first.payee}”.${banners > 0 ? ' A banner was written into the page on its way.' : ''}`
        : transfers.length > 0
          ? 'The site booked what the victim had sent.'
          : `The site booked nothing: its transfer handler ran ${handled.length} times.`,
      siteHandled: handled.length,
      siteCounted: { transfersBooked: transfers.length, changedTransfersBooked: changed.length },
      victimSaw:
        result.booked === true && result.payee !== undefined
          ? `“Booked: ${rupees(result.amount ?? 0)} to ${result.payee}”, when it was too late.`
          : seenBy(result),
      evidence: watch.evidence([connection]),
      connections: connection === undefined ? [] : [connection],
    };
  },
};

function tampering(
  flipNth: number,
  isMeant: (passer: Parameters<Tampering['meet']>[0]) => boolean,
): Tampering {
  return {
    attack: 'change',
    meet: (passer) => {
      if (!isMeant(passer)) return undefined;
      return passer.tls ? flipRecord(flipNth) : rewriteHttp;
    },
  };
}
