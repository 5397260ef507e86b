import type { Arming } from './attack.ts';
import { lookOut } from './lookout.ts';
import { answeredWith, LOGIN_PATHS, postAmong, statusOf } from './seen-requests.ts';
import { times, whoCame } from './verdict.ts';
import { Watch } from './watch.ts';
import type { Exchange, Pause } from './watched-connection.ts';

/** Looks for the password in what whoever logs in sends and gets. */
export function readWhoever(arming: Arming): () => Promise<void> {
  return lookOut(arming, {
    exchange: (exchange) => readExchange(arming, exchange),
    pause: (pause) => searchSealed(arming, pause),
  });
}

async function readExchange(arming: Arming, exchange: Exchange): Promise<void> {
  const { lab } = arming;
  const { opened, request, response, since } = exchange;
  if (request.message.http?.method !== 'POST') return;
  const { connection, opener } = opened;
  const { start, end } = request.message;
  const read = (await lab.findings()).lanes.http.findings.filter(
    (finding) =>
      finding.kind === 'password' &&
      finding.status === 'read' &&
      finding.connection === connection &&
      finding.direction === 'client-to-server' &&
      finding.start >= start &&
      finding.end <= end,
  );
  // Whatever was sent, it was no login.
  if (read.length === 0) return;
  const watch = new Watch(lab.log, since);
  const bytes = (end - start + response.message.end - response.message.start).toLocaleString('en');
  const places = read.flatMap((place) => watch.chunksOf(connection, place.direction, place.start, place.end));
  arming.judge('http', {
    outcome: 'succeeded',
    happened: `${whoCame(opener)} logged in: the password was found ${times(read.length)} in ${bytes} captured bytes, those of the request and its answer.`,
    siteHandled: 0,
    victimSaw: answeredWith(statusOf(exchange)),
    evidence: rising([...places, ...watch.evidence([connection])]),
    connections: [connection],
  });
}

async function searchSealed(arming: Arming, { opened, handled }: Pause): Promise<void> {
  const { lab } = arming;
  const login = postAmong(handled, LOGIN_PATHS);
  if (login === undefined) return;
  const { connection, opener } = opened;
  const { verdict, findings } = (await lab.findings()).lanes.https;
  const read = findings.filter(
    (finding) =>
      finding.kind === 'password' && finding.status === 'read' && finding.connection === connection,
  );
  const watch = new Watch(lab.log, opened.seq - 1);
  const bytes = watch.captured(connection).length.toLocaleString('en');
  // Too short to mean anything, a password is not searched for at all.
  const encodings =
    verdict.found === 0 && verdict.encodings.length > 0
      ? `, in none of ${verdict.encodings.length} encodings`
      : '';
  arming.judge('https', {
    outcome: read.length > 0 ? 'succeeded' : 'no effect',
    happened: `${whoCame(opener)} logged in, as the site tells: the password was found ${times(read.length)} in ${bytes} captured bytes of its connection${encodings}.`,
    siteHandled: 0,
    victimSaw: answeredWith(login.status),
    evidence: watch.evidence([connection]),
    connections: [connection],
  });
}

function rising(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((one, other) => one - other);
}
