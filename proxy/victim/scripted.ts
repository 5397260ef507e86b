import type { ChatAnswer, ChatRequest, ChatResult, ConnectionId, LoginAnswer, LoginRequest } from '#contract';
import type { PortPair } from '../capture/port-pair.ts';
import { browse, type BrowseAnswer, type BrowseRequest, inventPassword } from './browse.ts';
import { VictimChat } from './chat.ts';
import { inWords } from './error-words.ts';
import { logInHashed } from './login-hashed.ts';
import { logIn } from './login.ts';
import { lookUpInClear, lookUpOverHttps } from './lookup.ts';
import { VictimClient, type VictimConnection } from './request.ts';
import type { ScriptedVictimOptions } from './scripted-options.ts';
import type { ShownChain } from './shown-chain.ts';
import type { StrictTransport } from './strict-transport.ts';
import { transfer, type TransferAnswer, type TransferRequest } from './transfer.ts';
import { visit, type VisitAnswer, type VisitRequest } from './visit.ts';

/** A CA that the victim trusts besides its own, for one errand: as if somebody had installed it. */
export interface TrustedToo {
  readonly pem: string;
  readonly der: Uint8Array;
}

const defaultHost = 'piggypay.test';
const resolverAddress = '127.0.0.1';
// All that the victim really dials, and what the lab's own names stand for.
const loopback = '127.0.0.1';

/** One of the two crossings: a name, its virtual port, and the relay's port for it. */
interface Site {
  readonly host: string;
  readonly port: number;
  readonly door: number | undefined;
}

/** Of what an errand at a site makes use. */
interface Client {
  readonly ports: PortPair | undefined;
}

interface Failure {
  readonly ok: false;
  readonly error: { readonly code: string; readonly message: string };
}

type Told<Result> = (Result | Failure) & { readonly connection?: ConnectionId };
type Visited<Result> = Told<Result> & { readonly requests: number };

/** A victim that needs nothing installed: it resolves, connects, logs in and chats as an app on a phone would. */
export class ScriptedVictim {
  readonly #options: ScriptedVictimOptions;
  readonly #underWay = new Set<Promise<unknown>>();
  #patience = new AbortController();

  constructor(options: ScriptedVictimOptions) {
    this.#options = options;
  }

  /** Logs in over HTTP, over HTTPS, or on both at once; a refusal is an answer, not an error. */
  login(request: LoginRequest): Promise<LoginAnswer> {
    return this.#keep(this.#asCustomer(request, this.#patience.signal, logIn));
  }

  /** The same at the page that sends a hash in place of the password. */
  loginHashed(request: LoginRequest): Promise<LoginAnswer> {
    return this.#keep(this.#asCustomer(request, this.#patience.signal, logInHashed));
  }

  /** Logs in and sends money, and answers what the site says that it booked. */
  transfer(request: TransferRequest, trustedToo?: TrustedToo): Promise<TransferAnswer> {
    return this.#keep(this.#asCustomer(request, this.#patience.signal, transfer, trustedToo));
  }

  /** Types a site's name without a scheme, and logs in wherever that leads; `memory` is what earlier visits have left behind. */
  visit(request: VisitRequest, memory: StrictTransport): Promise<VisitAnswer> {
    return this.#keep(this.#typeName(request, memory, this.#patience.signal));
  }

  /** Opens a page of its own choice, and tries to log in with a password of its own invention. */
  browse(request: BrowseRequest): Promise<BrowseAnswer> {
    const password = inventPassword();
    return this.#keep(this.#asCustomer({ ...request, password }, this.#patience.signal, browse));
  }

  /** Says a line in the support chat and waits for the answer, over `ws://`, `wss://`, or both at once. */
  chat(request: ChatRequest): Promise<ChatAnswer> {
    return this.#keep(this.#chat(request, this.#patience.signal));
  }

  /** Breaks off whatever is under way; resolves when nothing is any more. */
  async abandon(): Promise<void> {
    this.#patience.abort(Object.assign(new Error('The lab was reset.'), { code: 'reset' }));
    this.#patience = new AbortController();
    await Promise.allSettled(this.#underWay);
  }

  #keep<Answer>(errand: Promise<Answer>): Promise<Answer> {
    this.#underWay.add(errand);
    return errand.finally(() => this.#underWay.delete(errand));
  }

  /** An errand for which the victim enters its number and password. */
  async #asCustomer<Request extends LoginRequest, Result extends object>(
    request: Request,
    signal: AbortSignal,
    errand: (client: VictimClient, request: Request) => Promise<Result>,
    trustedToo?: TrustedToo,
  ): Promise<{ http?: Visited<Result>; https?: Visited<Result> }> {
    const { host = defaultHost, resolve = 'dns' } = request;
    const sites = this.#sites(request.site, host);
    if (sites.some(({ door }) => door !== undefined)) {
      this.#options.entered('mobile', request.mobile);
      this.#options.entered('password', request.password);
    }
    return this.#onBoth(sites, this.#resolve(host, resolve, signal), async (site, address) => {
      let client: VictimClient | undefined;
      const visit = async (to: VictimConnection, known: (client: Client) => void) => {
        client = new VictimClient(to);
        known(client);
        return errand(client, request).finally(() => client?.close());
      };
      const told = await this.#visit(site, address, signal, visit, trustedToo);
      return { ...told, requests: client?.requests ?? 0 };
    });
  }

  async #typeName(request: VisitRequest, memory: StrictTransport, signal: AbortSignal): Promise<VisitAnswer> {
    const { host, mobile, password } = request;
    const [plain] = this.#sites('http', host);
    if (plain?.door !== undefined) {
      this.#options.entered('mobile', mobile);
      this.#options.entered('password', password);
    }
    const address = this.#resolve(host, 'dns', signal);
    address.catch(() => undefined);
    return visit(request, memory, async (scheme, act) => {
      const [site] = this.#sites(scheme, host);
      if (!site) throw new Error('a scheme without a port');
      let client: VictimClient | undefined;
      const told = await this.#visit(site, address, signal, (to, known) => {
        client = new VictimClient(to);
        known(client);
        return act(client).finally(() => client?.close());
      });
      return { ...told, requests: client?.requests ?? 0 };
    });
  }

  async #chat({ site, text }: ChatRequest, signal: AbortSignal): Promise<ChatAnswer> {
    const address = this.#resolve(defaultHost, 'dns', signal);
    return this.#onBoth(this.#sites(site, defaultHost), address, (at, resolved) =>
      this.#visit(at, resolved, signal, async (to, known): Promise<ChatResult> => {
        const chat = new VictimChat(to);
        known(chat);
        return { ok: true, reply: await chat.say(text) };
      }),
    );
  }

  #sites(site: LoginRequest['site'], host: string): readonly Site[] {
    const ports = [...(site === 'https' ? [] : [80]), ...(site === 'http' ? [] : [443])];
    return ports.map((port) => ({ host, port, door: this.#options.door(host, port) }));
  }

  /** One look-up serves both: whoever has just asked for a name still knows it. */
  async #onBoth<Result>(
    sites: readonly Site[],
    address: Promise<string>,
    errand: (site: Site, address: Promise<string>) => Promise<Result>,
  ): Promise<{ http?: Result; https?: Result }> {
    address.catch(() => undefined);
    const answers = await Promise.all(
      sites.map(async (site) => [site.port === 443 ? 'https' : 'http', await errand(site, address)] as const),
    );
    return Object.fromEntries(answers);
  }

  /** Does an errand at a site, over a connection of its own; what goes wrong is told, and the connection with it. */
  async #visit<Result extends object>(
    { host, port, door }: Site,
    address: Promise<string>,
    signal: AbortSignal,
    errand: (to: VictimConnection, known: (client: Client) => void) => Promise<Result>,
    trustedToo?: TrustedToo,
  ): Promise<Told<Result>> {
    if (door === undefined) return failure('no-such-site', `The lab has no site at ${host}:${port}.`);
    let client: Client | undefined;
    const shown = (told: ShownChain) => {
      if (signal.aborted) return;
      const connection = this.#connection(client);
      const more = trustedToo && { trustedToo: trustedToo.der };
      if (told.chain.length > 0) this.#options.certificateReceived({ ...told, ...connection, host, ...more });
      if (told.error) this.#options.handshakeFailed({ ...connection, ...told.error });
    };
    const keyLogged = (line: string) => {
      if (!signal.aborted) this.#options.keyLogged({ ...this.#connection(client), line });
    };
    const authority = this.#options.authorityPem + (trustedToo?.pem ?? '');
    const tls = port === 443 ? { authority, shown, keyLogged } : undefined;
    try {
      const { patience } = this.#options;
      const at = this.#doorFor(await address, port, door);
      const to = { address: loopback, port: at, host, tls, signal, ...(patience && { patience }) };
      const result = await errand(to, (made) => (client = made));
      return { ...result, ...this.#connection(client) };
    } catch (error) {
      const { code, message } = inWords((signal.aborted ? signal.reason : error) as Error);
      return { ...failure(code, message), ...this.#connection(client) };
    }
  }

  /** Where the address leads that the look-up has answered: the sites share one, and only names tell them apart. */
  #doorFor(address: string, port: number, door: number): number {
    const found = address === loopback ? door : this.#options.doorAt?.(address, port);
    if (found !== undefined) return found;
    throw Object.assign(new Error(`nobody is at ${address}:${port}`), { code: 'EHOSTUNREACH' });
  }

  async #resolve(host: string, how: 'dns' | 'doh', signal: AbortSignal): Promise<string> {
    const { resolverPort, resolverName, door } = this.#options;
    if (how === 'dns') return lookUpInClear(host, resolverPort);
    const resolver = { host: resolverName, port: 443, door: door(resolverName, 443) };
    const told = await this.#visit(resolver, Promise.resolve(resolverAddress), signal, async (to, known) => {
      const client = new VictimClient(to);
      known(client);
      const address = await lookUpOverHttps(host, client).finally(() => client.close());
      return { ok: true as const, address };
    });
    if (told.ok) return told.address;
    throw Object.assign(new Error(told.error.message), { code: told.error.code });
  }

  #connection(client: Client | undefined): { connection?: ConnectionId } {
    const connection = this.#options.connectionOf(client?.ports);
    return connection === undefined ? {} : { connection };
  }
}

function failure(code: string, message: string): Failure {
  return { ok: false, error: { code, message } };
}
