import type { AttackVerdict, ConnectionId } from '#contract';
import { X509Certificate } from 'node:crypto';
import { type Attack, type Attempt, SITE } from './attack.ts';
import { armImpersonation, REWRITE, STRANGERS_AMOUNT } from './impersonate-armed.ts';
import type { Impostor } from './impostor.ts';
import { secretsIn } from './read-secrets.ts';
import { compareCertificates } from './two-certificates.ts';
import { onLane, seenBy, watchTransfers } from './verdict.ts';

const order = { payee: 'Meera', amount: 100 } as const;

const HANDSHAKE = 22;

type Verdict = Omit<AttackVerdict, 'defence'>;

/** Answers the victim in the site's name: over HTTPS with a certificate of its own, and the real site behind it. */
export function impersonate(impostor: Impostor): Attack {
  return {
    id: 'impersonate',
    title: 'Impersonate',
    plan: {
      http: 'Answer in the site’s name, without asking the site at all.',
      https:
        'End TLS in the site’s name, with a certificate that the stranger’s own CA has signed, and speak TLS with the real site. With trust: the victim has installed that CA, and its transfer is changed on the way.',
    },
    defence: {
      http: 'Over HTTP nothing says who answers: whoever is on the way can be the site. HTTPS makes the site prove its name.',
      https:
        'The site proves its name with a certificate for it (RFC 9525), signed by somebody the victim trusts (RFC 5280, 6), and with the key it is about (RFC 8446, 4.4.3). The stranger has no such certificate, so the victim leaves before it sends a request. Whoever installs a stranger’s CA gives that up: then only the issuer, or a key that was noted before (a pin), tells the two apart, and only to whoever looks.',
    },
    seconds: 3,
    place: SITE,
    circumstance: { key: 'trust', label: 'The victim has installed the stranger’s CA' },
    arm: (arming) => armImpersonation(impostor, arming),
    attempt: (attempt) =>
      attempt.lane === 'http' ? answerAlone(impostor, attempt) : standBetween(impostor, attempt),
  };
}

async function answerAlone(impostor: Impostor, { lab, lane, watch, signal }: Attempt): Promise<Verdict> {
  const { mobile, password } = lab.persona;
  const { end } = await impostor.begin({ lane, openers: ['scripted-victim'] });
  try {
    signal.throwIfAborted();
    const result = onLane(await lab.victim.login({ mobile, password, site: lane }), lane);
    const { connection } = result;
    const isRead = watch.captured(connection, 'client-to-server').includes(password);
    const siteHandled = watch.handled(connection).length;
    const isTaken = result.ok && isRead && siteHandled === 0;
    return {
      outcome: isTaken ? 'succeeded' : 'no effect',
      happened: isTaken
        ? 'The stranger answered the login as if it were the site, and has the password; the site handled 0 requests.'
        : `The site handled ${siteHandled} requests.`,
      siteHandled,
      victimSaw: result.ok
        ? `Nothing unusual: it was answered ${result.status ?? ''}, and takes it for the site.`
        : seenBy(result),
      evidence: watch.evidence([connection]),
      connections: connection === undefined ? [] : [connection],
    };
  } finally {
    await end();
  }
}

async function standBetween(impostor: Impostor, attempt: Attempt): Promise<Verdict> {
  const { lab, lane, watch, signal, under } = attempt;
  const { mobile, password } = lab.persona;
  const booked = watchTransfers(lab.books);
  const trusted = under === 'trust' ? await impostor.trust() : undefined;
  const { end } = await impostor.begin({ lane, openers: ['scripted-victim'], rewrite: REWRITE });
  // All that was read stands in the log once it has ended.
  const answer = await Promise.resolve()
    .then(() => signal.throwIfAborted())
    .then(() => lab.victim.transfer({ mobile, password, site: lane, ...order }, trusted))
    .finally(end);
  const result = onLane(answer, lane);
  const { connection } = result;
  const onward = onwardConnections(watch);
  await untilOver(attempt, onward);
  const connections = [...(connection === undefined ? [] : [connection]), ...onward];
  const handled = connections.flatMap((known) => watch.handled(known));
  const readings = watch.acted('impersonate').filter((event) => event.connection === connection);
  const text = (direction: string) =>
    Buffer.concat(
      readings.flatMap((event) =>
        event.direction === direction && event.before && !event.after ? [event.before] : [],
      ),
    ).toString('latin1');
  const said = text('client-to-server');
  const secrets = secretsIn(said, text('server-to-client'), { mobile, password });
  const transfers = booked();
  const changed = transfers.filter(({ amount }) => amount === STRANGERS_AMOUNT);
  const noticed = compareCertificates(
    shownTo(watch, connection),
    new X509Certificate(impostor.siteCertificate),
  );
  const isIn = said.includes(password) && handled.length > 0;
  // The stranger's process may have ended, say: then neither of the two has had its way.
  if (!isIn && !hasLeft(watch, connection)) throw new Error(`it was broken off: ${seenBy(result)}`);
  return {
    outcome: isIn ? 'succeeded' : 'refused',
    happened: isIn
      ? `The stranger read ${secrets.join(', ')} inside the TLS that it ended.${
          changed.length > 0
            ? ` The victim sent ₹${order.amount} to ${order.payee}; the site booked ₹${STRANGERS_AMOUNT}.`
            : ''
        } ${noticed}`
      : `${leftWith(watch.captured(connection, 'client-to-server'))} ${said.length} bytes of its requests reached the stranger, and the site handled ${handled.length} requests. ${noticed}`,
    siteHandled: handled.length,
    siteCounted: {
      transfersBooked: transfers.length,
      changedTransfersBooked: changed.length,
    },
    victimSaw:
      result.booked === true
        ? `No warning: the certificate was trusted. “Booked: ₹${result.amount ?? 0} to ${result.payee ?? ''}”.`
        : seenBy(result),
    evidence: watch.evidence(connections),
    connections,
  };
}

/** What the victim has sent at all, before it left. */
function leftWith(sent: Buffer): string {
  const isHelloAlone = sent[0] === HANDSHAKE && sent.length > 5 && sent.length === 5 + sent.readUInt16BE(3);
  const what = isHelloAlone
    ? `its ClientHello of ${sent.length} bytes and nothing more (Node closes without an alert; a browser sends one)`
    : `${sent.length} bytes`;
  return `The victim left when it had seen the certificate: it sent ${what}.`;
}

/** The stranger's connections to the site since the attempt began. */
function onwardConnections(watch: Attempt['watch']): readonly ConnectionId[] {
  return watch
    .events()
    .flatMap((event) =>
      event.type === 'connection-opened' && event.hop === 'onward' ? [event.connection] : [],
    );
}

async function untilOver({ watch, signal }: Attempt, connections: readonly ConnectionId[]): Promise<void> {
  const isOver = (connection: ConnectionId) =>
    watch.events().some((event) => event.type === 'connection-closed' && event.connection === connection);
  await watch.until(
    () => connections.every(isOver),
    () => 2000,
    signal,
  );
}

function shownTo(watch: Attempt['watch'], connection: ConnectionId | undefined): X509Certificate | undefined {
  for (const event of watch.events())
    if (event.type === 'certificate-received' && event.connection === connection && event.chain[0])
      return new X509Certificate(event.chain[0]);
  return undefined;
}

/** Whether it was the certificate that the victim left for, in its own word. */
function hasLeft(watch: Attempt['watch'], connection: ConnectionId | undefined): boolean {
  return watch
    .events()
    .some(
      (event) =>
        event.type === 'certificate-received' && event.connection === connection && event.error !== undefined,
    );
}
