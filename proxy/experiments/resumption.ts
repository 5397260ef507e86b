import { capturesOf, compareSecrets, eventsOf, hellosOf, keyBlockOf, measuresOf } from './captures.ts';
import type { Experiment, ExperimentContext } from './experiment.ts';
import { hundredths, type Visit, visiting } from './visit.ts';

interface Kind {
  readonly id: 'resumption-13' | 'resumption-12';
  readonly version: 'TLS 1.3' | 'TLS 1.2';
  readonly host: string;
}

export const resumption13: Experiment = resumption({
  id: 'resumption-13',
  version: 'TLS 1.3',
  host: 'piggypay.test',
});
export const resumption12: Experiment = resumption({
  id: 'resumption-12',
  version: 'TLS 1.2',
  host: 'tls12.test',
});

/** A full handshake, and a second connection that begins with the ticket which the first was given. */
function resumption({ id, version, host }: Kind): Experiment {
  return {
    id,
    title: `Resumption in ${version}`,
    about: `The victim connects to ${host}, keeps the ticket that it is given, and begins a second connection with it.`,
    seconds: 2,
    async run(context) {
      const { log } = context.lab;
      // Made when it is first needed, and that would count as time of the first handshake.
      await context.lab.privateKeyOf(host);
      const since = log.lastSeq;
      context.progress(0.1, `A full handshake with ${host}; then the ticket is waited for.`);
      const full = await visit(context, host);
      context.progress(0.5, 'A second connection, begun with the ticket.');
      const resumed = await visit(context, host, full);
      context.progress(0.9, 'It is counted what crossed.');
      const { first, second, events } = captured(context, since, [full.visit, resumed.visit]);
      const bytes = [first, second].map((capture) => capture.handshakeBytes['server-to-client']);
      const secrets = compareSecrets(first, second);
      const blocks = [keyBlockOf(first), keyBlockOf(second)];
      const measures = {
        host,
        first: { ...measuresOf(first), ...told(full.visit) },
        second: { ...measuresOf(second), ...told(resumed.visit) },
        resumed: resumed.visit.isResumed,
        ticketBytes: full.session.length,
        bytesSaved: sum(first.handshakeBytes) - sum(second.handshakeBytes),
        serverBytesSaved: (bytes[0] ?? 0) - (bytes[1] ?? 0),
        millisecondsSaved: hundredths(full.visit.handshakeMilliseconds - resumed.visit.handshakeMilliseconds),
        certificateSent: [first.has('Certificate'), second.has('Certificate')],
        clientRandomsDiffer: hellosOf(first).client.name !== hellosOf(second).client.name,
        secrets: { ...secrets },
        ...(blocks[0] !== undefined && { keyBlock: blocks[0] === blocks[1] ? 'same' : 'new' }),
      };
      if (!measures.resumed)
        return {
          outcome: 'The site did not take the ticket: the second handshake was full.',
          measures,
          events,
        };
      const outcome = `The site’s part of the handshake shrank from ${bytes[0]} to ${bytes[1]} bytes, without a Certificate. ${wordsOn(secrets)}`;
      return { outcome, measures, events };
    },
  };
}

/** Logs in the first time, and asks for the balance the second: who it is, the site knows by the token. */
async function visit(context: ExperimentContext, host: string, earlier?: { session: Buffer; token: string }) {
  return visiting(context, host, earlier?.session, async (begun) => {
    const token = earlier?.token ?? (await begun.logIn()).token;
    if (earlier) await begun.askBalance(token);
    const session = earlier?.session ?? (await begun.session);
    await begun.end();
    return { visit: begun, token, session };
  });
}

function captured({ lab }: ExperimentContext, since: number, visits: readonly Visit[]) {
  const captures = capturesOf(lab.log, since, visits);
  const [first, second] = captures;
  if (!first || !second) throw new Error('a connection is missing from the capture');
  return { first, second, events: eventsOf(captures) };
}

/** What the victim itself says of its handshake. */
function told({ handshakeMilliseconds, isResumed, knowsCertificate }: Visit) {
  return { handshakeMilliseconds, resumed: isResumed, victimKnowsCertificate: knowsCertificate };
}

function wordsOn({ same, new: fresh }: { same: readonly string[]; new: readonly string[] }): string {
  if (same.length === 0) return `All ${fresh.length} secrets of the second connection are new.`;
  return fresh.length === 0
    ? 'The master secret is the same; with new randoms it gives new keys.'
    : `${same.length} secrets are the same, ${fresh.length} are new.`;
}

function sum(bytes: Readonly<Record<string, number>>): number {
  return Object.values(bytes).reduce((total, part) => total + part, 0);
}
