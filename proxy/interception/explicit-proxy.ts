import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Impersonating, type Impersonation } from './impersonating.ts';
import type {
  EngineLimits,
  EngineRoute,
  FromEngine,
  ImpersonationPlan,
  Reading,
  Refusal,
  Sight,
  ToEngine,
} from './messages.ts';

export interface ExplicitProxyOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** A busy port is an error; otherwise the next free one is taken. */
  readonly strictPort: boolean;
  /** Left free while looking for one: the dashboard is about to listen there. */
  readonly avoidPort?: number;
  readonly limits?: Partial<EngineLimits>;
  /** Told of each request that went nowhere; of a flood, not of every one. */
  readonly refused?: (refusal: Refusal) => void;
  /** Told in one sentence when the engine died too often to be started again. */
  readonly gaveUp?: (sentence: string) => void;
}

/** The port cannot be had; the message says which and what to do. */
export class ProxyPortError extends Error {}

export const defaultLimits: EngineLimits = {
  connections: 256,
  headerBytes: 16 << 10,
  headerMilliseconds: 10_000,
  idleMilliseconds: 15 * 60_000,
};

const portsTried = 20;
// At once, and then with more and more patience; whoever lives for a while begins again at the front.
const pauses = [0, 100, 200, 400, 800, 1600];
const longEnough = 10_000;

/**
 * Keeps the engine's process: starts it, starts it again on the same port when it dies, and ends it. Nothing in
 * this process depends on it, and what a client sends to the port is read over there.
 */
export class ExplicitProxy {
  readonly #options: ExplicitProxyOptions;
  readonly #impersonating: Impersonating;
  #routes: readonly EngineRoute[] = [];
  #child: ChildProcess | undefined;
  #port: number | undefined;
  #deaths = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ExplicitProxyOptions) {
    this.#options = options;
    this.#impersonating = new Impersonating((order) =>
      this.#send(order.type === 'impersonate' ? { ...order, limits: this.#limits } : order),
    );
  }

  /** The engine's process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves with the port once it listens there, leading nowhere yet. Rejects with `ProxyPortError`. */
  async start(): Promise<number> {
    const { port, strictPort, avoidPort = 0 } = this.#options;
    const child = this.#spawn({ port, moveOn: strictPort || port === 0 ? 0 : portsTried, avoid: avoidPort });
    const message = await firstMessage(child);
    if (message?.type !== 'listening') {
      await this.close();
      throw noPort(message, port);
    }
    this.#port = message.port;
    child.on('message', (later: FromEngine) => this.#hear(later));
    this.#keep(child, performance.now());
    return message.port;
  }

  /** From now on these names lead somewhere, and no others. */
  route(routes: readonly EngineRoute[]): void {
    this.#routes = routes;
    this.#send({ type: 'route', routes });
  }

  /**
   * Answers in the name of a site, until it is stopped. `read` is told what is read inside the TLS that ends there, `see`
   * what becomes of the connections themselves.
   */
  impersonate(
    plan: ImpersonationPlan,
    read: (reading: Reading) => void,
    see?: (sight: Sight) => void,
  ): Promise<Impersonation> {
    return this.#impersonating.begin(plan, read, see);
  }

  /** Ends the process and with it all its connections; resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  #spawn(place: { port: number; moveOn: number; avoid: number }): ChildProcess {
    const child = fork(fileURLToPath(new URL('./engine-process.ts', import.meta.url)), [], {
      execArgv: ['--import', readsTypeScript()],
      // Nothing that it or the library prints, a name from the wire perhaps, gets anywhere.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('error', () => undefined);
    this.#child = child;
    this.#send({ type: 'route', routes: this.#routes });
    this.#send({ type: 'listen', ...place, limits: this.#limits });
    this.#impersonating.renew();
    return child;
  }

  /** `listensSince` unless it is still to say so: one that never listens has not lived, however long it took to start. */
  #keep(child: ChildProcess, listensSince = Infinity): void {
    let livesSince = listensSince;
    child.on('message', ({ type }: FromEngine) => {
      if (type === 'listening') livesSince = performance.now();
    });
    const restart = () => {
      this.#child = undefined;
      this.#impersonating.lost();
      if (this.#closed) return;
      if (performance.now() - livesSince > longEnough) this.#deaths = 0;
      const pause = pauses[this.#deaths];
      this.#deaths += 1;
      if (pause === undefined) {
        this.#options.gaveUp?.(
          `The proxy on port ${this.#port ?? 0} keeps ending and stays closed now. The lab itself goes on; start it again to have the proxy back.`,
        );
        return;
      }
      this.#retry = setTimeout(() => this.#revive(), pause);
    };
    if (child.exitCode !== null || child.signalCode !== null) restart();
    else child.once('exit', restart);
  }

  #revive(): void {
    const child = this.#spawn({ port: this.#port ?? 0, moveOn: 0, avoid: 0 });
    child.on('message', (message: FromEngine) => this.#hear(message));
    this.#keep(child);
  }

  #hear(message: FromEngine): void {
    if (message.type === 'refused') this.#options.refused?.(message.refusal);
    else this.#impersonating.hear(message);
  }

  get #limits(): EngineLimits {
    return { ...defaultLimits, ...this.#options.limits };
  }

  /** Answers whether there is somebody to hear it. */
  #send(message: ToEngine): boolean {
    // One that is about to end takes no more messages; the next one gets them all.
    if (!this.#child?.connected) return false;
    this.#child.send(message, () => undefined);
    return true;
  }
}

async function firstMessage(child: ChildProcess): Promise<FromEngine | undefined> {
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  try {
    const [message] = (await once(child, 'message', { signal: ended.signal })) as [FromEngine];
    return message;
  } catch {
    return undefined;
  }
}

function noPort(message: FromEngine | undefined, asked: number): Error {
  if (message?.type !== 'no-port')
    return new ProxyPortError('The process of the proxy ended before it listened.');
  if (message.code === 'EADDRINUSE') {
    return new ProxyPortError(
      `Port ${message.port} on 127.0.0.1 is in use. Choose another for the proxy with --proxy-port, or leave that out.`,
    );
  }
  return new ProxyPortError(`The proxy cannot listen on port ${asked} of 127.0.0.1: ${message.code}.`);
}

// A process of its own has to be told how to read TypeScript.
function readsTypeScript(): string {
  const tsx = import.meta.resolve('tsx/esm/api');
  const preparing = `import { register } from ${JSON.stringify(tsx)}; register();`;
  return `data:text/javascript,${encodeURIComponent(preparing)}`;
}
