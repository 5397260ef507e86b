import { X509Certificate } from 'node:crypto';
import type { ConnectionId } from '#contract';
import { versionName } from '#dissectors/tls/names.ts';
import { untilClosed } from '../capture/closing.ts';
import { OpenCardsClient, type OpenCardsTold } from '../victim/open-cards/open-cards-client.ts';
import { TLS_1_2, TLS_1_3, type Version } from '../victim/open-cards/code-points.ts';
import { patienceWhile } from '../victim/patience.ts';
import { CapturedConnection } from './captured-connection.ts';
import type { Experiment, ExperimentContext, ExperimentLab } from './experiment.ts';
import { measure, outcomeOf, type Played } from './open-cards-measures.ts';

const SITES = [
  { host: 'piggypay.test', version: TLS_1_3 },
  { host: 'tls12.test', version: TLS_1_2 },
] as const;

/**
 * The victim does a handshake whose every number it tells: first with TLS 1.3, then with TLS 1.2. The site knows
 * nothing of it; its key log is the witness that the numbers are the real ones.
 */
export const openCards: Experiment = {
  id: 'open-cards',
  title: 'Play with open cards',
  about:
    'The victim connects with a TLS client that tells the private half of its key share, so that every step from the key shares to the keys can be computed with real numbers.',
  seconds: 2,
  async run(context) {
    const played: Played[] = [];
    for (const [index, { host, version }] of SITES.entries()) {
      context.progress(index / SITES.length, `${versionName(version)} with ${host}`);
      const door = context.lab.door(host, 443);
      if (door !== undefined) played.push(await play(context, { host, version, door }));
    }
    const [first, second] = played;
    if (!first) throw new Error('The lab has no site to play with.');
    return {
      outcome: outcomeOf(played),
      measures: { ...first.measures, ...(second && { tls12: second.measures }) },
      events: played.flatMap(({ events }) => events).toSorted((a, b) => a - b),
    };
  },
};

async function play(
  { lab, signal }: ExperimentContext,
  { host, version, door }: { readonly host: string; readonly version: Version; readonly door: number },
): Promise<Played> {
  const { log } = lab;
  const { lastSeq: before } = log;
  const began = performance.now();
  const lines: string[] = [];
  const connection = () => lab.connectionOf(client.ports);
  const client: OpenCardsClient = new OpenCardsClient({
    ...{ port: door, host, version, authorityPem: lab.authorityPem, signal },
    patience: patienceWhile(() => lab.isStepping()),
    tell: tellLog(lab, signal, host, connection, lines),
  });
  const cards = await client.connect();
  const { id, answer } = await visited(client, host, connection).finally(() => client.close());
  const milliseconds = Math.round((performance.now() - began) * 10) / 10;
  await untilClosed(log, [id]);
  signal.throwIfAborted();
  const capture = new CapturedConnection(id, log.after(before));
  return measure({ capture, cards, lines, answer, milliseconds });
}

/** One request, all of its answer, and goodbye. Whatever goes wrong, the caller has to close. */
async function visited(
  client: OpenCardsClient,
  host: string,
  connection: () => ConnectionId | undefined,
): Promise<{ readonly id: ConnectionId; readonly answer: Buffer }> {
  const id = connection();
  if (id === undefined) throw new Error('The relay knows nothing of this connection.');
  client.send(Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
  return { id, answer: Buffer.from(await client.receive()) };
}

/** Puts into the log what this victim tells, while the capture is still the one it began in. */
function tellLog(
  { log, authorityPem }: ExperimentLab,
  signal: AbortSignal,
  host: string,
  connectionNow: () => ConnectionId | undefined,
  lines: string[],
): OpenCardsTold {
  const trusted = [new Uint8Array(new X509Certificate(authorityPem).raw)];
  const joined = () => {
    const connection = connectionNow();
    return { vantage: 'victim', ...(connection !== undefined && { connection }) } as const;
  };
  return {
    keyShare({ group, privateKey }) {
      if (!signal.aborted) log.append({ type: 'key-share-told', ...joined(), group, privateKey });
    },
    keyLogged(line) {
      lines.push(line);
      if (!signal.aborted) log.append({ type: 'secrets-logged', ...joined(), line });
    },
    shown({ chain, error }) {
      if (signal.aborted) return;
      const told = { ...joined(), host, chain, trusted, ...(error && { error }) };
      if (chain.length > 0) log.append({ type: 'certificate-received', ...told });
      if (error) log.append({ type: 'handshake-failed', ...joined(), ...error });
    },
  };
}
