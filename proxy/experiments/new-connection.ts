import { capturesOf, compareSecrets, eventsOf, hellosOf, measuresOf } from './captures.ts';
import type { Experiment, ExperimentContext } from './experiment.ts';
import { type Visit, visiting } from './visit.ts';

const hosts = { tls13: 'piggypay.test', tls12: 'tls12.test' } as const;

/** A second connection that resumes nothing. */
export const newConnection: Experiment = {
  id: 'new-connection',
  title: 'A new connection, new keys',
  about:
    'The victim connects twice and resumes nothing, in TLS 1.3 and in TLS 1.2: what of the first is used again?',
  seconds: 2,
  async run(context) {
    context.progress(0.1, 'Two full handshakes in TLS 1.3.');
    const tls13 = await twice(context, hosts.tls13);
    context.progress(0.5, 'Two full handshakes in TLS 1.2.');
    const tls12 = await twice(context, hosts.tls12);
    const same = [...tls13.measures.secrets.same, ...tls12.measures.secrets.same].length;
    const fresh = [...tls13.measures.secrets.new, ...tls12.measures.secrets.new].length;
    return {
      outcome:
        same === 0
          ? `All ${fresh} secrets of the second connections are new, and the site sent its certificate again: in TLS 1.2 in clear, in TLS 1.3 encrypted.`
          : `${same} of the secrets were used again, though nothing was to be resumed.`,
      measures: { tls13: tls13.measures, tls12: tls12.measures },
      events: [...tls13.events, ...tls12.events],
    };
  },
};

async function twice(context: ExperimentContext, host: string) {
  const { log } = context.lab;
  const since = log.lastSeq;
  const visits = [await once(context, host), await once(context, host)];
  const captures = capturesOf(log, since, visits);
  const [first, second] = captures;
  if (!first || !second) throw new Error('a connection is missing from the capture');
  const measures = {
    host,
    first: measuresOf(first),
    second: measuresOf(second),
    secrets: { ...compareSecrets(first, second) },
    clientRandomsDiffer: hellosOf(first).client.name !== hellosOf(second).client.name,
    certificateSent: captures.map((capture) => capture.has('Certificate')),
    resumed: visits.map(({ isResumed }) => isResumed),
  };
  return { measures, events: eventsOf(captures) };
}

function once(context: ExperimentContext, host: string): Promise<Visit> {
  return visiting(context, host, undefined, async (visit) => {
    await visit.logIn();
    await visit.end();
    return visit;
  });
}
