import type { ConnectionId, LoginAnswer, LoginRequest, LoginResult, SecretKind } from '#contract';
import { Resolver } from 'node:dns/promises';
import { VictimClient } from './request.ts';

export interface ScriptedVictimOptions {
  /** Loopback port on which the victim's resolver is reached. */
  readonly resolverPort: number;
  /** PEM of the only CA this victim trusts. */
  readonly authorityPem: string;
  /** The relay's loopback port for a name and virtual port; undefined when the lab has no such site. */
  readonly door: (name: string, port: number) => number | undefined;
  readonly connectionOf: (localPort: number) => ConnectionId | undefined;
  readonly entered: (kind: SecretKind, value: string) => void;
  readonly handshakeFailed: (failure: { connection?: ConnectionId; code: string; message: string }) => void;
}

const defaultHost = 'piggypay.test';

/** A victim that needs nothing installed: it resolves, connects and logs in as an app on a phone would. */
export class ScriptedVictim {
  readonly #options: ScriptedVictimOptions;
  readonly #underWay = new Set<Promise<LoginAnswer>>();
  #patience = new AbortController();

  constructor(options: ScriptedVictimOptions) {
    this.#options = options;
  }

  /** Logs in over HTTP, over HTTPS, or on both at once; a refusal is an answer, not an error. */
  login(request: LoginRequest): Promise<LoginAnswer> {
    const login = this.#login(request, this.#patience.signal);
    this.#underWay.add(login);
    return login.finally(() => this.#underWay.delete(login));
  }

  /** Breaks off every login; resolves when none is under way any more. */
  async abandon(): Promise<void> {
    this.#patience.abort(Object.assign(new Error('The lab was reset.'), { code: 'reset' }));
    this.#patience = new AbortController();
    await Promise.allSettled(this.#underWay);
  }

  async #login(request: LoginRequest, signal: AbortSignal): Promise<LoginAnswer> {
    const { host = defaultHost, site } = request;
    const sites = [site === 'https' ? undefined : 80, site === 'http' ? undefined : 443].map(
      (port) => port && { host, port, door: this.#options.door(host, port) },
    );
    if (sites.some((one) => one && one.door !== undefined)) {
      this.#options.entered('mobile', request.mobile);
      this.#options.entered('password', request.password);
    }
    // One look-up serves both: whoever has just asked for a name still knows it.
    const address = this.#resolve(host);
    address.catch(() => undefined);
    const [http, https] = await Promise.all(
      sites.map(async (one) => (one ? this.#loginAt(one, address, request, signal) : undefined)),
    );
    return { ...(http ? { http } : {}), ...(https ? { https } : {}) };
  }

  async #loginAt(
    site: { host: string; port: number; door: number | undefined },
    address: Promise<string>,
    request: LoginRequest,
    signal: AbortSignal,
  ): Promise<LoginResult> {
    const { host, port, door } = site;
    const tls = port === 443;
    if (door === undefined) {
      return failure('no-such-site', `The lab has no site at ${host}:${port}.`, undefined, 0);
    }
    let client: VictimClient | undefined;
    try {
      client = new VictimClient({
        address: await address,
        port: door,
        host,
        tls: tls ? { authority: this.#options.authorityPem } : undefined,
        signal,
      });
      return { ...(await logIn(client, request)), ...this.#connection(client), requests: client.requests };
    } catch (error) {
      const { code = 'unknown', message } = (signal.aborted ? signal.reason : error) as NodeJS.ErrnoException;
      const connection = client ? this.#connection(client) : {};
      if (tls && client && !signal.aborted && !isSystemError(code)) {
        this.#options.handshakeFailed({ ...connection, code, message });
      }
      return failure(code, message, connection.connection, client?.requests ?? 0);
    } finally {
      client?.close();
    }
  }

  async #resolve(host: string): Promise<string> {
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    resolver.setServers([`127.0.0.1:${this.#options.resolverPort}`]);
    const [address] = await resolver.resolve4(host);
    if (address === undefined) throw Object.assign(new Error(`no address for ${host}`), { code: 'ENODATA' });
    return address;
  }

  #connection(client: VictimClient): { connection?: ConnectionId } {
    const connection =
      client.localPort === undefined ? undefined : this.#options.connectionOf(client.localPort);
    return connection === undefined ? {} : { connection };
  }
}

async function logIn(client: VictimClient, { mobile, password }: LoginRequest): Promise<LoginResult> {
  await client.send('GET', '/', { Accept: 'text/html' });
  const answer = await client.send(
    'POST',
    '/api/v1/login',
    { 'Content-Type': 'application/json', Accept: 'application/json' },
    JSON.stringify({ mobile, password }),
  );
  const { name, token } = readAnswer(answer.body);
  const ok = answer.status === 200;
  if (ok) {
    const cookie = answer.headers['set-cookie']?.map((line) => line.split(';', 1)[0]).join('; ');
    await client.send('GET', '/api/v1/balance', {
      Accept: 'application/json',
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    });
  }
  return { ok, status: answer.status, ...(name === undefined ? {} : { name }), requests: client.requests };
}

// ECONNRESET, ETIMEDOUT … come from the socket; TLS and certificate errors all have underscores in their codes.
function isSystemError(code: string): boolean {
  return /^E[A-Z0-9]+$/.test(code);
}

function readAnswer(body: string): { name?: string; token?: string } {
  try {
    const { name, token } = JSON.parse(body) as Record<string, unknown>;
    return {
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof token === 'string' ? { token } : {}),
    };
  } catch {
    return {};
  }
}

function failure(
  code: string,
  message: string,
  connection: ConnectionId | undefined,
  requests: number,
): LoginResult {
  return {
    ok: false,
    error: { code, message },
    ...(connection === undefined ? {} : { connection }),
    requests,
  };
}
