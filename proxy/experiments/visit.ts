import type { ConnectionId } from '#contract';
import type { TLSSocket } from 'node:tls';
import { untilClosed } from '../capture/closing.ts';
import { patienceWhile } from '../victim/patience.ts';
import { VictimClient, type VictimResponse } from '../victim/request.ts';
import type { ExperimentContext } from './experiment.ts';
import { victimsWord } from './victims-word.ts';

/** A call that was answered, and how long that took, the connection included where it had to be made first. */
export interface Answered {
  readonly response: VictimResponse;
  readonly milliseconds: number;
}

/**
 * The scripted victim at a site over HTTPS, on one connection that is kept alive. It tells its keys, the certificates
 * that it was shown and what it typed, as at any login; it knows the address already, so it asks no resolver.
 */
export class Visit {
  readonly #context: ExperimentContext;
  readonly #host: string;
  readonly #client: VictimClient;
  /** Resolves with what the site gave to resume with; that comes by itself, in TLS 1.3 after the handshake. */
  readonly #session: Promise<Buffer>;
  #socket: TLSSocket | undefined;
  #connection: ConnectionId | undefined;
  /** What ended the connection for the victim, where that was an error. */
  #failure: string | undefined;
  #handshakeMilliseconds = 0;
  #isResumed = false;
  #knowsCertificate = false;

  /** `session` is what an earlier visit was given. Throws when the lab has no such site. */
  constructor(context: ExperimentContext, host: string, session?: Buffer) {
    const { lab, signal } = context;
    const port = lab.door(host, 443);
    if (port === undefined) throw new Error(`the lab has no site at ${host}:443`);
    this.#context = context;
    this.#host = host;
    let given: (session: Buffer) => void = () => undefined;
    let never: (error: Error) => void = () => undefined;
    this.#session = new Promise((resolve, reject) => {
      given = resolve;
      never = reject;
    });
    // Whoever does not ask for it need not know that it never came.
    this.#session.catch(() => undefined);
    const opened = (socket: TLSSocket) => {
      if (this.#socket) {
        // What was measured would be of two connections.
        socket.destroy(new Error(`${host} hung up between two calls`));
        return;
      }
      this.#socket = socket;
      const began = performance.now();
      socket.once('secureConnect', () => {
        this.#handshakeMilliseconds = hundredths(performance.now() - began);
        this.#isResumed = socket.isSessionReused();
        this.#knowsCertificate = 'raw' in socket.getPeerCertificate();
      });
      socket.once('session', given);
      socket.on('error', (error: NodeJS.ErrnoException) => (this.#failure = error.code ?? error.message));
      socket.once('close', () => never(new Error(`${host} gave nothing to resume with`)));
    };
    this.#client = new VictimClient({
      ...{ address: '127.0.0.1', port, host, signal, patience: patienceWhile(() => lab.isStepping()) },
      tls: {
        ...{ authority: lab.authorityPem, opened, ...(session && { session }) },
        ...victimsWord(context, {
          host,
          connection: () => this.#find(),
          isResumed: () => this.#socket?.isSessionReused() === true,
        }),
      },
    });
  }

  /** Its number in the log; throws before there is one. */
  get connection(): ConnectionId {
    const connection = this.#find();
    if (connection === undefined) throw new Error('the log knows nothing of the connection');
    return connection;
  }

  /** The victim's own end; throws before there is one. */
  get socket(): TLSSocket {
    if (!this.#socket) throw new Error('no connection has been begun');
    return this.#socket;
  }

  get session(): Promise<Buffer> {
    return this.#session;
  }

  /** How many connections lie idle in the victim's pool. */
  get idle(): number {
    return this.#client.idle;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  /** From dialling until the site was known for who it is. */
  get handshakeMilliseconds(): number {
    return this.#handshakeMilliseconds;
  }

  /** By the victim's own TLS. */
  get isResumed(): boolean {
    return this.#isResumed;
  }

  /** The victim can say what the site's certificate is: of a resumed session, because it remembers. */
  get knowsCertificate(): boolean {
    return this.#knowsCertificate;
  }

  /** Logs in; answers what shows the site later who is calling. Rejects when the site does not let it in. */
  async logIn(): Promise<Answered & { readonly token: string }> {
    const { log, persona } = this.#context.lab;
    const { mobile, password } = persona;
    log.append({ type: 'secret-entered', vantage: 'victim', kind: 'mobile', value: mobile });
    log.append({ type: 'secret-entered', vantage: 'victim', kind: 'password', value: password });
    const type = { 'Content-Type': 'application/json', Accept: 'application/json' };
    const body = JSON.stringify({ mobile, password });
    const answered = await this.#call(() => this.#client.send('POST', '/api/v1/login', type, body));
    const { token } = JSON.parse(answered.response.bytes.toString()) as { token?: unknown };
    if (typeof token !== 'string') throw new Error(`${this.#host} did not let the victim in`);
    return { ...answered, token };
  }

  /** A second, small call. Rejects when it is not answered with 200. */
  askBalance(token: string): Promise<Answered> {
    return this.#call(() => this.#askBalance(token));
  }

  /** Whether the site still lets in whoever shows the token. */
  async isLoggedIn(token: string): Promise<boolean> {
    return (await this.#askBalance(token)).status === 200;
  }

  /** Says goodbye as TLS does, with close_notify, and resolves once both ends have closed and the log knows. */
  async end(): Promise<void> {
    await this.whenOver(() => this.socket.end());
  }

  /** Does what ends the connection; resolves once both ends have closed and the log knows. */
  async whenOver(endIt: () => void): Promise<void> {
    const { lab, signal } = this.#context;
    const { socket, connection } = this;
    const over = new Promise<void>((resolve) => {
      if (socket.destroyed) resolve();
      else socket.once('close', () => resolve());
    });
    endIt();
    await over;
    await untilClosed(lab.log, [connection]);
    signal.throwIfAborted();
  }

  /** Lets go of everything at once; for whoever is done, or fails. */
  close(): void {
    this.#client.close();
  }

  async #call(send: () => Promise<VictimResponse>): Promise<Answered> {
    const began = performance.now();
    const response = await send();
    const milliseconds = hundredths(performance.now() - began);
    if (response.status !== 200) throw new Error(`${this.#host} answered ${response.status}`);
    return { response, milliseconds };
  }

  #askBalance(token: string): Promise<VictimResponse> {
    const headers = { Accept: 'application/json', Authorization: `Bearer ${token}` };
    return this.#client.send('GET', '/api/v1/balance', headers);
  }

  #find(): ConnectionId | undefined {
    this.#connection ??= this.#context.lab.connectionOf(this.#client.ports);
    return this.#connection;
  }
}

/** To two places behind the point. */
export function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Has the victim visit, and lets go of the connection whatever comes of it. */
export async function visiting<Result>(
  context: ExperimentContext,
  host: string,
  session: Buffer | undefined,
  errand: (visit: Visit) => Promise<Result>,
): Promise<Result> {
  const visit = new Visit(context, host, session);
  try {
    return await errand(visit);
  } finally {
    visit.close();
  }
}
