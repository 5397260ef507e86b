import type { ConnectionOpened } from '#contract';
import type { Arming } from './attack.ts';
import { answersText, sentText } from './forged-words.ts';
import { lookOut } from './lookout.ts';
import type { Misled } from './misled-visits.ts';
import type { Ambush, NameForger } from './name-forger.ts';
import { answeredWith, isPost, LOGIN_PATH, LOGIN_PATHS, postAmong, statusOf } from './seen-requests.ts';
import { whoCame } from './verdict.ts';
import type { Exchange, Pause } from './watched-connection.ts';

// The true answer comes a little after the forged one; then both are told.
const patience = () => 2000;

/** Lies to whoever looks the site up, leads the demo browser to the copies, and tells what came of it. */
export async function forgeNameForWhoever(forger: NameForger, arming: Arming): Promise<() => Promise<void>> {
  const { lab, signal } = arming;
  const armedAt = lab.log.lastSeq;
  const ambush = await forger.lieInWait(lab.leadAway.bind(lab));
  if (signal.aborted) {
    ambush.stop();
    signal.throwIfAborted();
  }
  const trap: Trap = { arming, ambush, armedAt, rerouted: new Set() };
  const stopLooking = lookOut(arming, {
    exchange: (exchange) => judgeClear(trap, exchange),
    pause: (pause) => judgeSealed(trap, pause),
  });
  return async () => {
    await stopLooking();
    ambush.stop();
  };
}

interface Trap {
  readonly arming: Arming;
  readonly ambush: Ambush;
  readonly armedAt: number;
  /** The browser's connections that were told of as led away. */
  readonly rerouted: Set<number>;
}

async function judgeClear(trap: Trap, exchange: Exchange): Promise<void> {
  const { arming, ambush } = trap;
  const { opened } = exchange;
  const misled = ambush.at(opened);
  if (misled) tellReroute(trap, opened);
  if (!isPost(exchange, LOGIN_PATH)) return;
  if (misled === undefined) {
    judgeMissed(trap, opened, 'http', statusOf(exchange));
    return;
  }
  const lie = await lieText(trap, opened);
  const siteHandled = arming.watch.handledFor(opened.opener);
  const { direction, start, end } = exchange.request.message;
  const { watch } = arming;
  arming.judge('http', {
    outcome: misled.login !== undefined && siteHandled === 0 ? 'succeeded' : 'no effect',
    happened: `${lie} ${whoCame(opened.opener)} logged in there: ${loginText(misled)}, and the site handled ${siteHandled} requests of it.`,
    siteHandled,
    victimSaw: `Nothing unusual: it was answered ${statusOf(exchange)}, and takes the copy for the site.`,
    evidence: rising([
      ...watch.evidence([opened.connection]),
      ...watch.chunksOf(opened.connection, direction, start, end),
    ]),
    connections: [opened.connection],
  });
}

async function judgeSealed(trap: Trap, { opened, isOver, handled }: Pause): Promise<void> {
  const { arming, ambush } = trap;
  const { watch, signal } = arming;
  const { connection, opener } = opened;
  const misled = ambush.at(opened);
  if (misled === undefined) {
    const login = postAmong(handled, LOGIN_PATHS);
    if (login) judgeMissed(trap, opened, 'https', login.status);
    return;
  }
  tellReroute(trap, opened);
  const sent = watch.captured(connection, 'client-to-server');
  // A browser opens some ahead, and says nothing on them.
  if (sent.length === 0 || (misled.login === undefined && !isOver)) return;
  const lie = await lieText(trap, opened);
  const own = () => watch.failures([connection]).filter(({ vantage }) => vantage === 'victim');
  if (opener === 'scripted-victim')
    await watch.until(() => own().length > 0 || misled.requests > 0, patience, signal);
  const [failure] = own();
  const siteHandled = watch.handledFor(opener);
  const hasLeft = misled.requests === 0 && (failure !== undefined || misled.left !== undefined);
  arming.judge('https', {
    outcome: misled.login !== undefined ? 'succeeded' : hasLeft ? 'refused' : 'no effect',
    happened:
      misled.login !== undefined
        ? `${lie} ${whoCame(opener)} took the copy’s certificate, which the stranger had signed itself, and logged in there: ${loginText(misled)}, and the site handled ${siteHandled} requests of it.`
        : `${lie} ${whoCame(opener)} went there, saw the certificate and left: it sent ${sentText(sent)}, and 0 bytes of a login. ${misled.requests} requests reached the copy, and ${siteHandled} the site.`,
    siteHandled,
    victimSaw: failure
      ? `${failure.code}: ${failure.message}`
      : misled.left !== undefined
        ? `A warning, which a browser shows to nobody but the person before it. What it told the copy: ${misled.left}.`
        : 'Nothing that anybody has told.',
    evidence: watch.evidence([connection]),
    connections: [connection],
  });
}

/** Somebody has logged in at the site all the same. */
function judgeMissed(
  { arming, armedAt }: Trap,
  { connection, opener, seq }: ConnectionOpened,
  lane: 'http' | 'https',
  status: number,
): void {
  const why =
    seq <= armedAt
      ? 'Its connection was open before the stranger lay in wait: it leads to the site as before, and only a new one would not.'
      : 'No look-up of it was answered by the stranger, and its connection led to the site.';
  arming.judge(lane, {
    outcome: 'no effect',
    happened: `${whoCame(opener)} logged in at the site. ${why}`,
    siteHandled: arming.watch.handled(connection).length,
    victimSaw: answeredWith(status),
    evidence: arming.watch.evidence([connection]),
    connections: [connection],
  });
}

/** How whoever came got to the copy. */
async function lieText({ arming }: Trap, { opener }: ConnectionOpened): Promise<string> {
  if (opener !== 'scripted-victim')
    return 'Its look-up is not on this wire, since the demo browser has a map of its own: the stranger rerouted its connection instead.';
  const { watch, signal } = arming;
  const deeds = () => watch.acted('forge-name').filter(({ after }) => after !== undefined);
  await watch.until(() => deeds().length > 0, patience, signal);
  return answersText(deeds().at(-1));
}

function loginText({ login = '' }: Misled): string {
  return /password/i.test(login) ? 'the copy has its password' : 'the copy has no password of it';
}

/** Of a forged answer the wire tells; a connection that was led elsewhere looks like any other. */
function tellReroute({ arming, rerouted }: Trap, { connection, opener }: ConnectionOpened): void {
  if (opener === 'scripted-victim' || rerouted.has(connection)) return;
  rerouted.add(connection);
  arming.lab.log.append({ type: 'attack-acted', vantage: 'wire', attack: 'forge-name', connection });
}

function rising(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((one, other) => one - other);
}
