import type { ConnectionId, LoginResult } from '#contract';
import { type Attack, type Attempt, SITE } from './attack.ts';
import { forgeNameForWhoever } from './forge-name-armed.ts';
import { answersText, sentText } from './forged-words.ts';
import type { Lie, NameForger } from './name-forger.ts';
import { onLane, seenBy, watchSessions } from './verdict.ts';

/** Answers the victim's look-up before the resolver does, and waits where its answer leads. */
export function forgeName(forger: NameForger): Attack {
  return {
    id: 'forge-name',
    title: 'Lie about the name',
    plan: {
      http: 'Answer the look-up before the resolver does, with an address where the stranger has a copy of the site. The demo browser asks no resolver, so it cannot be lied to: armed, the stranger reroutes its new connections to the copy instead.',
      https:
        'The same lie. The copy shows a certificate for the site’s name, which the stranger has signed itself.',
    },
    defence: {
      http: 'Plain DNS does not say who answers: the first answer that fits the question counts (RFC 5452). Asked over HTTPS (DoH, RFC 8484), nobody on the way to the resolver sees the question or can answer it. That protects the look-up and no more: whoever carries the packets can still lead them elsewhere. HTTPS makes the site prove its name.',
      https:
        'A false answer leads to a false place, and no further: whoever is there has to prove the name, with a certificate for it (RFC 9525) that somebody the victim trusts has signed (RFC 5280, 6). Anybody can write a name into a certificate of their own; nobody vouches for it.',
    },
    seconds: 3,
    place: SITE,
    arm: (arming) => forgeNameForWhoever(forger, arming),
    async attempt(attempt) {
      const lie = await forger.begin(attempt.lane);
      try {
        return await lieTo(attempt, lie);
      } finally {
        lie.stop();
      }
    },
  };
}

async function lieTo({ lab, lane, watch, signal }: Attempt, { copy }: Lie): ReturnType<Attack['attempt']> {
  signal.throwIfAborted();
  const { mobile, password } = lab.persona;
  const begun = watchSessions(lab.books);
  const result = onLane(await lab.victim.login({ mobile, password, site: lane }), lane);
  // The true answer comes as well, later.
  await watch.until(
    () => deeds().length > 0,
    () => 2000,
    signal,
  );
  const [deed] = deeds();
  const { connection } = result;
  const siteHandled = allHandled(watch);
  const sessionsBegun = begun().length;
  const isTaken = copy.logins.some((login) => login.includes(password));
  const { requests } = copy;
  const hasRefused = watch.failures([connection]).some(({ vantage }) => vantage === 'victim');
  const isMisled = deed !== undefined && siteHandled === 0;
  const outcome =
    isMisled && result.ok && isTaken
      ? 'succeeded'
      : isMisled && hasRefused && requests === 0
        ? 'refused'
        : 'no effect';

  const sealed = onLane(await lab.victim.login({ mobile, password, site: lane, resolve: 'doh' }), lane);
  const forgedSince = deeds().length - (deed === undefined ? 0 : 1);
  const isReached = sealed.ok && handledOn(watch, sealed.connection) > 0;
  const connections = [connection, deed?.connection, sealed.connection].filter((one) => one !== undefined);
  const answered = deed?.connection;
  const evidence = [
    ...watch.evidence(connections),
    ...(answered === undefined ? [] : watch.chunksOf(answered, 'server-to-client', 0, Infinity)),
  ];
  return {
    outcome,
    happened:
      outcome === 'succeeded'
        ? `The victim went where the lie led and logged in: the copy has its password, and the site handled ${siteHandled} requests.`
        : outcome === 'refused'
          ? `The victim went where the lie led, saw the certificate and left: it sent ${sentText(watch.captured(connection, 'client-to-server'))}. ${requests} requests reached the copy, and ${siteHandled} the site.`
          : `${requests} requests reached the copy, and ${siteHandled} the site.`,
    trials: [
      {
        title: 'Asked over DNS, in clear',
        outcome,
        happened: answersText(deed),
        connections: [deed?.connection, connection].filter((one) => one !== undefined),
      },
      {
        title: 'Asked over HTTPS (DoH)',
        outcome: isReached ? 'no effect' : outcome,
        happened: defenceText(sealed, { forgedSince, handled: handledOn(watch, sealed.connection) }),
        connections: sealed.connection === undefined ? [] : [sealed.connection],
      },
    ],
    siteHandled,
    siteCounted: { sessionsBegun },
    victimSaw:
      result.ok && isTaken
        ? `Nothing unusual: it was answered ${result.status ?? ''}, and takes the copy for the site.`
        : seenBy(result),
    evidence: [...new Set(evidence)].sort((one, other) => one - other),
    connections,
  };

  function deeds(): ReturnType<typeof watch.acted> {
    return watch.acted('forge-name');
  }
}

/** What came of a second login, with the name asked for over HTTPS while the stranger still lied. */
function defenceText(
  sealed: LoginResult,
  { forgedSince, handled }: { readonly forgedSince: number; readonly handled: number },
): string {
  if (!sealed.ok || handled === 0) return seenBy(sealed);
  // Somebody else may have asked in clear meanwhile.
  return forgedSince === 0
    ? `0 forged answers, and the site itself handled ${handled} requests.`
    : `The site itself handled ${handled} requests; the forged answers of that time were to look-ups in clear.`;
}

/** The site's word on all that the victim and the stranger opened meanwhile; others may use the site as well. */
function allHandled(watch: Attempt['watch']): number {
  const opened = watch
    .events()
    .flatMap((event) =>
      event.type === 'connection-opened' &&
      (event.opener === 'scripted-victim' || event.opener === 'stranger')
        ? [event.connection]
        : [],
    );
  return opened.reduce((sum, connection) => sum + handledOn(watch, connection), 0);
}

function handledOn(watch: Attempt['watch'], connection: ConnectionId | undefined): number {
  return watch.handled(connection).length;
}
