import type { Measures } from '#contract';
import type { CapturedConnection } from './captured-connection.ts';
import { capturesOf, eventsOf } from './captures.ts';
import type { Experiment, ExperimentContext } from './experiment.ts';
import { hundredths, type Visit, visiting } from './visit.ts';

const host = 'piggypay.test';

/** Two calls on one connection, and the same two on a connection each. */
export const keepAlive: Experiment = {
  id: 'keep-alive',
  title: 'Two calls on one connection',
  about:
    'The victim logs in and asks for its balance: on one kept-alive connection, then on a connection each.',
  seconds: 2,
  async run(context) {
    const { log } = context.lab;
    const since = log.lastSeq;
    context.progress(0.1, 'Two calls on one connection.');
    const one = await onOne(context);
    context.progress(0.5, 'The same two calls, on a connection each.');
    const two = await onTwo(context);
    context.progress(0.9, 'It is counted what crossed.');
    const kept = capturesOf(log, since, one.visits);
    const each = capturesOf(log, since, two.visits);
    const oneConnection = counted(kept, one.milliseconds);
    const connectionEach = counted(each, two.milliseconds);
    const bytesSaved = connectionEach.bytes - oneConnection.bytes;
    const millisecondsSaved = hundredths(two.milliseconds - one.milliseconds);
    return {
      outcome:
        `Kept alive, two calls took ${oneConnection.handshakes} handshake and ${oneConnection.setsOfSecrets} set of ` +
        `secrets; on a connection each ${connectionEach.handshakes} and ${connectionEach.setsOfSecrets}, and ` +
        `${bytesSaved} bytes more. Keep-alive keeps a connection and its keys; it is not resumption.`,
      measures: { oneConnection, connectionEach, bytesSaved, millisecondsSaved },
      events: eventsOf([...kept, ...each]),
    };
  },
};

interface Called {
  readonly visits: readonly Visit[];
  /** Of the second call, its connection included where that is a new one. */
  readonly milliseconds: number;
}

function onOne(context: ExperimentContext): Promise<Called> {
  return visiting(context, host, undefined, async (visit) => {
    const { token } = await visit.logIn();
    const { milliseconds } = await visit.askBalance(token);
    await visit.end();
    return { visits: [visit], milliseconds };
  });
}

async function onTwo(context: ExperimentContext): Promise<Called> {
  const first = await visiting(context, host, undefined, async (visit) => {
    const { token } = await visit.logIn();
    await visit.end();
    return { visit, token };
  });
  return visiting(context, host, undefined, async (visit) => {
    const { milliseconds } = await visit.askBalance(first.token);
    await visit.end();
    return { visits: [first.visit, visit], milliseconds };
  });
}

function counted(captures: readonly CapturedConnection[], milliseconds: number) {
  const handshakes = captures.flatMap((capture) => capture.handshakes);
  const randoms = captures.flatMap((capture) =>
    [...capture.secrets('victim').values()].map(({ random }) => random),
  );
  return {
    connections: captures.length,
    handshakes: handshakes.filter(({ name }) => name === 'ClientHello').length,
    setsOfSecrets: new Set(randoms).size,
    bytes: captures.reduce((sum, { bytes }) => sum + bytes, 0),
    secondCallMilliseconds: milliseconds,
    bothEndsToldTheSameSecrets: captures.every(({ endsAgree }) => endsAgree),
  } satisfies Measures;
}
