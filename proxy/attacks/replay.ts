import type { Attack } from './attack.ts';
import { replayWhoever } from './replay-armed.ts';
import { sendAgain } from './strangers-client.ts';
import { onLane, seenBy, watchTransfers } from './verdict.ts';

const order = { payee: 'Meera', amount: 100 } as const;

/** Sends what the victim has sent once more, on a new connection. */
export const replay: Attack = {
  id: 'replay',
  title: 'Replay',
  plan: {
    http: 'Record what the victim sends for a transfer, and send the same bytes again on a new connection.',
    https: 'The same with the sealed records: they need not be understood to be sent again.',
  },
  defence: {
    http: 'Nothing in HTTP says that a request is new. A site can defend itself a little by booking each key of a transfer once only (Idempotency-Key); whoever reads along can still log in. TLS keeps the request from being recorded in the first place.',
    https:
      'The keys come from fresh random numbers and key shares of both ends, so records of one connection fit no other. The exception is 0-RTT early data (RFC 8446, 8), which a site must switch on and must not use for transfers. Node 20 cannot do it: it is told here, not shown.',
  },
  seconds: 3,
  arm: (arming) => Promise.resolve(replayWhoever(arming)),
  async attempt(attempt) {
    const { lab, lane, watch, signal } = attempt;
    const booked = watchTransfers(lab.books);
    const { mobile, password } = lab.persona;
    const result = onLane(await lab.victim.transfer({ mobile, password, site: lane, ...order }), lane);
    signal.throwIfAborted();
    const own = result.connection;
    if (!result.ok || own === undefined) throw new Error(`the victim’s transfer failed: ${seenBy(result)}`);
    const once = booked().length;
    const recorded = watch.captured(own, 'client-to-server');
    const requests = watch.handled(own).length;
    const again = await sendAgain(attempt, recorded, (known) => watch.handled(known).length >= requests);
    lab.log.append({ type: 'attack-acted', vantage: 'wire', attack: 'replay', connection: again });
    const handled = watch.handled(again).length;
    const [failure] = watch.failures([again]);
    const all = booked().length;
    return {
      outcome: all > once ? 'succeeded' : handled > 0 ? 'no effect' : 'refused',
      happened:
        all > once
          ? `The victim sent one transfer; the site booked ${all}. The attack’s ${handled} requests were the victim’s own, answered once more: ${watch
              .handled(again)
              .map(({ path }) => path)
              .join(', ')}.`
          : `${recorded.length.toLocaleString('en')} recorded bytes were sent again; the site handled ${handled} requests${failure ? ` and said ${failure.message}` : ''}.`,
      siteHandled: handled,
      siteCounted: { transfersBooked: all, transfersOfTheVictim: once, transfersReplayed: all - once },
      victimSaw:
        all > once
          ? 'Nothing: its own connection was over. Only its statement shows a transfer that it never sent.'
          : 'Nothing: its own connection was over, and its own transfer is the only one.',
      evidence: watch.evidence([own, again]),
      connections: [own, again],
    };
  },
};
