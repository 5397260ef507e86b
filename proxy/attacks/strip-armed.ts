import type {
  AttackLane,
  BytesCaptured,
  ConnectionId,
  ConnectionOpened,
  LogEvent,
  Opener,
  RequestHandled,
} from '#contract';
import { asTold } from './as-told.ts';
import type { Arming } from './attack.ts';
import { LOGIN_PATHS } from './seen-requests.ts';
import { countedSince } from './stripped-visit.ts';
import type { BankCount, Stripping } from './stripping.ts';
import { whoCame } from './verdict.ts';
import { isDeed, times } from './visits.ts';

type Verdict = Parameters<Arming['judge']>[1];

// Of whoever has left long ago nothing is told any more.
const mostConnections = 128;
const mostEvidence = 64;

/** Judges what comes of it with whoever visits: by the site's own word, and by what crossed in clear. */
export function judgeStripping(
  arming: Arming,
  stripping: Stripping,
  hosts: Readonly<Record<AttackLane, string>>,
): void {
  const banks = (['http', 'https'] as const).map((lane) => ({
    lane,
    bank: new WatchedBank(arming, lane, hosts[lane], () => stripping.handled(hosts[lane])),
  }));
  asTold(arming, (fresh) => {
    for (const { lane, bank } of banks) {
      const verdict = bank.take(fresh);
      if (verdict) arming.judge(lane, verdict);
    }
  });
}

interface Known extends ConnectionOpened {
  /** How far its client had come when this was armed, and how far it has come by now. */
  from: number;
  end: number;
}

/** What is known of one site's visitors since it was armed. */
class WatchedBank {
  readonly #arming: Arming;
  readonly #lane: AttackLane;
  readonly #host: string;
  readonly #handled: () => BankCount;
  readonly #before: BankCount;
  /** Whose client has spoken last stands last. */
  readonly #opened = new Map<ConnectionId, Known>();
  /** Bytes over HTTP of those that are not remembered any more. */
  readonly #sentBefore = new Map<Opener, number>();
  /** What the site has handled over HTTPS of those who came so by themselves. */
  readonly #direct = new Map<Opener, { readonly requests: number; readonly logins: number }>();
  #password: string | undefined;
  #through = 0;
  /** The login that was read last, unless somebody came over HTTPS since. */
  #login: { readonly read: Known; readonly onward: ConnectionId } | undefined;

  constructor(arming: Arming, lane: AttackLane, host: string, handled: () => BankCount) {
    this.#arming = arming;
    this.#lane = lane;
    this.#host = host;
    this.#handled = handled;
    this.#before = handled();
    // A browser goes on with the connections that it has.
    for (const event of arming.lab.log.after(0)) {
      if (event.type === 'connection-opened') this.#open(event);
      else if (event.type === 'connection-closed') this.#opened.delete(event.connection);
      else if (event.type === 'bytes-captured') {
        const known = this.#heard(event);
        if (known) known.from = known.end;
      }
    }
  }

  /** The newest word, if there is a new one. */
  take(fresh: readonly LogEvent[]): Verdict | undefined {
    let verdict: Verdict | undefined;
    for (const event of fresh) {
      if (event.type === 'connection-opened') this.#open(event);
      else if (event.type === 'bytes-captured') this.#heard(event);
      else if (event.type === 'secret-entered' && event.kind === 'password') this.#password = event.value;
      else if (event.type === 'request-handled') verdict = this.#judge(event) ?? verdict;
      // The site says that it has handled a request before its answer comes by, and is changed.
      else if (isDeed(event, 'strip') && this.#isOfLogin(event.connection))
        verdict = this.#stripped() ?? verdict;
    }
    return verdict;
  }

  #open(event: ConnectionOpened): void {
    if (event.server.name !== this.#host || event.transport !== 'tcp') return;
    this.#opened.set(event.connection, { ...event, from: 0, end: 0 });
    const [oldest] = this.#opened.values();
    if (this.#opened.size <= mostConnections || oldest === undefined) return;
    this.#opened.delete(oldest.connection);
    if (isPlain(oldest)) this.#sentBefore.set(oldest.opener, this.#sentBy(oldest.opener, [oldest]));
  }

  /** By what the log counts, not by what it still holds. */
  #heard({ connection, direction, offset, bytes }: BytesCaptured): Known | undefined {
    const known = direction === 'client-to-server' ? this.#opened.get(connection) : undefined;
    if (known === undefined) return undefined;
    known.end = offset + bytes.length;
    this.#opened.delete(connection);
    this.#opened.set(connection, known);
    return known;
  }

  #sentBy(opener: Opener, among: readonly Known[]): number {
    return among
      .filter((known) => known.opener === opener)
      .reduce((sum, { from, end }) => sum + end - from, this.#sentBefore.get(opener) ?? 0);
  }

  #judge(handled: RequestHandled): Verdict | undefined {
    const opened = this.#opened.get(handled.connection ?? 0);
    if (opened?.hop === 'onward') {
      this.#through += 1;
      return isLogin(handled) ? this.#readLogin(opened) : undefined;
    }
    return opened?.server.port === 443 && opened.opener !== 'stranger'
      ? this.#cameOverHttps(opened, handled)
      : undefined;
  }

  #readLogin({ connection }: ConnectionOpened): Verdict | undefined {
    const read = this.#plain().findLast((each) => this.#isReadOn(each.connection));
    if (!read) return undefined;
    this.#login = { read, onward: connection };
    return this.#stripped();
  }

  #stripped(): Verdict | undefined {
    if (this.#login === undefined) return undefined;
    const { read, onward } = this.#login;
    const connections = [read.connection, onward];
    const { overHttp, logins } = countedSince(this.#before, this.#handled());
    const deeds = this.#arming.watch
      .acted('strip')
      .flatMap(({ seq, connection }) => (this.#isOfLogin(connection) ? [seq] : []));
    const evidence = new Set([...this.#arming.watch.evidence(connections), ...deeds]);
    return {
      outcome: 'succeeded',
      happened: `${whoCame(read.opener)} stayed on HTTP: the password of its login was found in the bytes that it sent in clear, and the site let that login in over HTTPS, from the stranger.${
        this.#lane === 'https'
          ? ` It did not know of the site’s HSTS: a browser does once it has opened https://${this.#host} itself.`
          : ''
      }`,
      siteHandled: this.#through,
      siteCounted: { requestsHandledOverHttp: overHttp, loginsHandledOverHttps: logins },
      victimSaw: `No error and no question: the page, at http://${this.#host}. Chromium shows “Not secure” beside it, and no more.`,
      evidence: [...evidence].toSorted((one, other) => one - other).slice(-mostEvidence),
      connections,
    };
  }

  #cameOverHttps({ connection, opener }: ConnectionOpened, handled: RequestHandled): Verdict {
    this.#login = undefined;
    const sent = this.#sentBy(opener, this.#plain());
    const before = this.#direct.get(opener) ?? { requests: 0, logins: 0 };
    const direct = {
      requests: before.requests + 1,
      logins: before.logins + (isLogin(handled) ? 1 : 0),
    };
    this.#direct.set(opener, direct);
    return {
      outcome: 'no effect',
      happened: `${whoCame(opener)} asked over HTTPS itself, where there is nothing to strip. Since this was armed it has sent ${times(sent, 'byte')} over HTTP to this name.`,
      victimSaw: `Nothing unusual: the site itself answered ${handled.status}, at https://${this.#host}.`,
      // Whatever went through the stranger was of another visit.
      siteHandled: 0,
      siteCounted: { itsOwnRequestsOverHttps: direct.requests, loginsAmongThem: direct.logins },
      evidence: this.#arming.watch.evidence([connection]),
      connections: [connection],
    };
  }

  /** A browser asks on several connections, and the answers on all of them are changed. */
  #isOfLogin(connection: ConnectionId | undefined): boolean {
    const known = this.#opened.get(connection ?? 0);
    return known !== undefined && isPlain(known) && known.opener === this.#login?.read.opener;
  }

  /** Whoever came over HTTP. */
  #plain(): readonly Known[] {
    return [...this.#opened.values()].filter(isPlain);
  }

  #isReadOn(connection: ConnectionId): boolean {
    const password = this.#password;
    if (password === undefined) return false;
    const sent = this.#arming.watch.captured(connection, 'client-to-server');
    // As it stands in the JSON of a login.
    return sent.includes(JSON.stringify(password).slice(1, -1));
  }
}

function isLogin({ path, status }: RequestHandled): boolean {
  return LOGIN_PATHS.includes(path) && status === 200;
}

function isPlain({ hop, server }: ConnectionOpened): boolean {
  return hop === 'cafe' && server.port === 80;
}
