import type { Arming } from './attack.ts';
import { stretch } from './captured-stretch.ts';
import { lookOut } from './lookout.ts';
import { TRANSFER_PATH } from './rewrite-http.ts';
import { isPost, membersOf, statusOf } from './seen-requests.ts';
import { sendAgain } from './strangers-client.ts';
import { whose } from './verdict.ts';
import { Watch } from './watch.ts';
import type { Exchange, Pause, Seen } from './watched-connection.ts';

// A recording is sent again from its beginning: what comes later changes nothing that the site makes of it.
const longestRecording = 256 * 1024;
const mostReplays = 8;

/** Sends what visitors have sent once more: a transfer in clear, and the records of a sealed connection. */
export function replayWhoever(arming: Arming): () => Promise<void> {
  /** How often each sealed connection was sent again. */
  const replays = new Map<number, number>();
  return lookOut(arming, {
    exchange: async (exchange) => {
      if (isPost(exchange, TRANSFER_PATH) && statusOf(exchange) === 200) await replayOrder(arming, exchange);
    },
    pause: async (pause) => {
      const { connection } = pause.opened;
      const already = replays.get(connection) ?? 0;
      // Once, and again for a transfer: which connection has carried one, the site tells.
      const isDue = (pause.hasSpoken && already === 0) || booked(pause) > 0;
      if (isDue && already < mostReplays) {
        replays.set(connection, already + 1);
        await replayRecords(arming, pause);
      }
      if (pause.isOver) replays.delete(connection);
    },
  });
}

async function replayOrder(arming: Arming, exchange: Exchange): Promise<void> {
  const { lab, signal } = arming;
  const { opened, request, since: first } = exchange;
  const { payee, amount } = orderIn(request);
  const before = lab.books.transfers();
  const own = before.findLast((transfer) => transfer.payee === payee && transfer.amount === amount);
  const watch = new Watch(lab.log, first);
  const again = await sendAgain(
    { lab, lane: 'http', signal, watch },
    request.bytes,
    (known) => watch.handled(known).length > 0,
  );
  lab.log.append({ type: 'attack-acted', vantage: 'wire', attack: 'replay', connection: again });
  const handled = watch.handled(again);
  const since = lab.books
    .transfers()
    .filter((transfer) => !before.includes(transfer) && transfer.session === own?.session).length;
  // Whoever came may have sent one more itself meanwhile: none of the stranger's is booked but in a request of its own.
  const more = Math.min(since, handled.filter(({ status }) => status === 200).length);
  const once = own === undefined ? 0 : 1;
  const name = whose(opened.opener);
  const bytes = request.bytes.length.toLocaleString('en');
  arming.judge('http', {
    outcome: more > 0 ? 'succeeded' : handled.length > 0 ? 'no effect' : 'refused',
    happened:
      more > 0
        ? `One transfer of ${name} (₹${amount.toLocaleString('en')} to ${payee}) crossed; its ${bytes} bytes were sent again on a new connection, and the site booked ${once + more}.`
        : `The ${bytes} bytes of a transfer of ${name} were sent again; the site handled ${handled.length} requests and booked nothing more.`,
    siteHandled: handled.length,
    siteCounted: { transfersBooked: once + more, transfersOfTheVictim: once, transfersReplayed: more },
    victimSaw:
      more > 0
        ? 'Nothing. Only its statement shows a transfer that it never sent.'
        : 'Nothing: its own transfer is the only one.',
    evidence: watch.evidence([opened.connection, again]),
    connections: [opened.connection, again],
  });
}

async function replayRecords(arming: Arming, pause: Pause): Promise<void> {
  const { lab, signal } = arming;
  const { connection, opener, seq } = pause.opened;
  const before = lab.books.transfers();
  const recorded = recording(lab.log.after(seq), connection);
  // The log has dropped its beginning: to the site it would be garbage, and that would prove nothing.
  if (recorded === undefined) return;
  const watch = new Watch(lab.log);
  const again = await sendAgain({ lab, lane: 'https', signal, watch }, recorded, () => false);
  lab.log.append({ type: 'attack-acted', vantage: 'wire', attack: 'replay', connection: again });
  const handled = watch.handled(again).length;
  const [failure] = watch.failures([again]);
  const once = booked(pause);
  // Whatever else is booked meanwhile came in requests of others.
  const more = handled === 0 ? 0 : lab.books.transfers().filter((one) => !before.includes(one)).length;
  arming.judge('https', {
    outcome: more > 0 ? 'succeeded' : handled > 0 ? 'no effect' : 'refused',
    happened: `${recorded.length.toLocaleString('en')} recorded bytes of ${whose(opener)} were sent again; the site handled ${countText(handled, 'request')}${failure ? ` and said ${failure.message}` : ''}.${more > 0 ? '' : onceText(once)}`,
    siteHandled: handled,
    siteCounted: { transfersBooked: once + more, transfersOfTheVictim: once, transfersReplayed: more },
    victimSaw: pause.isOver
      ? 'Nothing: its own connection was over.'
      : 'Nothing: its own connection goes on.',
    evidence: new Watch(lab.log, seq - 1).evidence([connection, again]),
    connections: [connection, again],
  });
}

/** How many transfers the site has booked that came over a sealed connection, in its own word. */
function booked({ handled }: Pause): number {
  return handled.filter(
    ({ method, path, status }) => method === 'POST' && path === TRANSFER_PATH && status === 200,
  ).length;
}

/** What the client of a connection has sent; undefined where its beginning is missing from these events. */
function recording(events: Parameters<typeof stretch>[0], connection: number): Buffer | undefined {
  let end = 0;
  for (const event of events)
    if (event.type === 'bytes-captured' && event.connection === connection)
      if (event.direction === 'client-to-server') end = Math.max(end, event.offset + event.bytes.length);
  return stretch(events, { connection }, 'client-to-server', 0, Math.min(end, longestRecording));
}

/** What was ordered, as the site writes it down. */
function orderIn(request: Seen): { readonly payee: string; readonly amount: number } {
  const { payee, amount } = membersOf(request);
  return { payee: String(payee).trim(), amount: Number(amount) };
}

function onceText(transfers: number): string {
  if (transfers === 0) return '';
  return transfers === 1
    ? ' The transfer that had crossed in them is booked once.'
    : ` The ${transfers} transfers that had crossed in them are booked once each.`;
}

function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
