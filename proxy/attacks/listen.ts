import type { AttackVerdict, ConnectionId } from '#contract';
import type { BrowseResult } from '../victim/browse.ts';
import type { Attack, Attempt } from './attack.ts';
import { listenToWhoeverComes } from './listen-armed.ts';
import { exchangesOn } from './listen-exchanges.ts';
import { characters, loginInWords, pageInWords, pagesThatFit, passwordLengthFrom } from './listen-guess.ts';
import { measure } from './listen-table.ts';
import { assertAnswered, onLane, seenBy } from './verdict.ts';

type Verdict = Omit<AttackVerdict, 'defence'>;

/** What the victim does: the start page, a page that it chooses, a login. */
const pageIs = 1;
const loginIs = 2;

/** Tells which page was opened and how long the password is, from the sizes of sealed records. */
export const listen: Attack = {
  id: 'listen',
  title: 'Listen anyway',
  plan: {
    http: 'Copy what the victim sends and is sent while it opens a page and tries to log in, and read both.',
    https:
      'With a visit of its own, to a page chosen anew: open every page of the site oneself and note how long the sealed answers are. Then compare with the victim’s: which page was it, and how long is its password?',
  },
  defence: {
    http: 'Nothing in HTTP hides anything, and filling pages up hides nothing either: they are read. TLS keeps them shut; sizes, times and names still show.',
    https:
      'Encryption hides what is in a record, not how long it is. Padding does: TLS 1.3 can pad its records (RFC 8446, 5.4), or site and browser fill up what they send to common lengths, as here when that is switched on. Node 20 has no call for the padding of TLS, though OpenSSL underneath can do it. It costs bytes, so few do it; and when, how often and with whom one speaks still shows.',
  },
  seconds: 2,
  circumstance: { key: 'padding', label: 'The site and the victim pad what they send' },
  async attempt(attempt) {
    const isPadded = attempt.under === 'padding';
    const stopPadding = isPadded ? attempt.lab.padding.switchOn() : undefined;
    try {
      return await (attempt.lane === 'http' ? read(attempt, isPadded) : compareSizes(attempt, isPadded));
    } finally {
      stopPadding?.();
    }
  },
  arm: listenToWhoeverComes,
};

async function read(attempt: Attempt, isPadded: boolean): Promise<Verdict> {
  const { watch } = attempt;
  const { result, connection, told } = await goBrowsing(attempt, isPadded);
  const sent = watch.captured(connection, 'client-to-server').toString('latin1');
  const paths = [...sent.matchAll(/^GET (\S+) HTTP\//gm)].map(([, path]) => path);
  const [, password] = /"password":"([^"]*)"/.exec(sent) ?? [];
  const isRight = paths[pageIs] === told.path && password?.length === told.passwordLength;
  return {
    outcome: isRight ? 'succeeded' : 'no effect',
    happened: isRight
      ? `No size was needed: the stranger read “GET ${told.path}” and the whole password, all ${characters(told.passwordLength)}. ${saidBy(told)}`
      : `The stranger found no page and no password in ${sent.length.toLocaleString('en')} captured bytes. ${saidBy(told)}`,
    // Listening asks the site for nothing.
    siteHandled: 0,
    victimSaw: seenBy(result),
    evidence: watch.evidence([connection]),
    connections: [connection],
  };
}

async function compareSizes(attempt: Attempt, isPadded: boolean): Promise<Verdict> {
  const { watch, signal } = attempt;
  const measured = await measure(attempt, { isPadded });
  signal.throwIfAborted();
  const { result, connection, told } = await goBrowsing(attempt, isPadded);
  const exchanges = exchangesOn(watch.events(), connection);
  const [page, login] = [exchanges[pageIs], exchanges[loginIs]];
  if (!page?.answer || !login) throw new Error('there was no page and no login to listen to');
  const { pages, logins } = measured;
  const fitting = pagesThatFit(pages, page.answer.bytes);
  const guessed = fitting.length === 1 ? fitting[0] : undefined;
  const length = passwordLengthFrom(logins, login.request.bytes);
  const isRight = guessed?.path === told.path && length === told.passwordLength;
  const evidence = [
    ...watch.chunksOf(connection, 'server-to-client', page.answer.start, page.answer.end),
    ...watch.chunksOf(connection, 'client-to-server', login.request.start, login.request.end),
    ...watch.chunksOf(
      measured.connection,
      'client-to-server',
      measured.loginsAt.start,
      measured.loginsAt.end,
    ),
    ...watch.handled(connection).map(({ seq }) => seq),
  ];
  return {
    outcome: isRight ? 'succeeded' : 'no effect',
    happened: [
      pageInWords(fitting, pages.length, page.answer.bytes),
      loginInWords(logins, login.request.bytes, length),
      saidBy(told),
    ].join(' '),
    siteHandled: watch.handled(measured.connection).length,
    victimSaw: seenBy(result),
    evidence: evidence.sort((one, other) => one - other),
    connections: [connection, measured.connection],
    riddle: {
      table: pages.map(({ title, bytes }) => ({ page: title, bytes })),
      ownLogins: logins,
      seen: {
        pageBytes: page.answer.bytes,
        requestBytes: login.request.bytes,
        milliseconds: page.milliseconds ?? 0,
      },
      candidates: fitting.map(({ title }) => title),
      guessed: {
        ...(guessed && { page: guessed.title }),
        ...(length !== undefined && { passwordLength: length }),
      },
      answer: {
        page: pages.find(({ path }) => path === told.path)?.title ?? told.path,
        passwordLength: told.passwordLength,
      },
    },
  };
}

/** What is true: the page by the site's own word, the password's length by the victim's. */
interface Told {
  readonly path: string;
  readonly passwordLength: number;
}

/** Sends the victim, and answers what came of it. Rejects when it got nowhere. */
async function goBrowsing(
  { lab, lane, watch, signal }: Attempt,
  isPadded: boolean,
): Promise<{ readonly result: BrowseResult; readonly connection: ConnectionId; readonly told: Told }> {
  const { mobile } = lab.persona;
  const result = onLane(await lab.victim.browse({ mobile, site: lane, isPadded }), lane);
  signal.throwIfAborted();
  assertAnswered(result);
  const { connection, passwordLength } = result;
  const path = watch.handled(connection)[pageIs]?.path;
  if (connection === undefined || path === undefined || passwordLength === undefined)
    throw new Error('neither the site nor the victim says what was opened');
  return { result, connection, told: { path, passwordLength } };
}

function saidBy({ path, passwordLength }: Told): string {
  return `The site says that it sent ${path}; the victim, that its password had ${characters(passwordLength)}.`;
}
