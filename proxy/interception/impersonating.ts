import type { FromEngine, ImpersonationPlan, Reading, Sight, ToEngine } from './messages.ts';

/** A site in whose name the engine's process answers. */
export interface Impersonation {
  /** On 127.0.0.1; once the process has ended it is 0, and another one when it is back. */
  readonly port: number;
  /** Ends it and its connections; resolves when all that was read has been told. */
  stop(): Promise<void>;
}

interface Entry {
  readonly plan: ImpersonationPlan;
  readonly read: (reading: Reading) => void;
  readonly see: (sight: Sight) => void;
  port: number | undefined;
  listening: () => void;
  /** What the process's word that it is over means: at the end, or where it could not begin. */
  over: () => void;
  isStopping: boolean;
}

// Starting the process takes about a second on a busy machine.
const patienceMilliseconds = 10_000;

/** What the engine's process is to answer for, kept here so that a new one can be told again. */
export class Impersonating {
  /** Answers whether there is a process that may hear it. */
  readonly #send: (order: Order) => boolean;
  readonly #entries = new Map<number, Entry>();
  #last = 0;

  constructor(send: (order: Order) => boolean) {
    this.#send = send;
  }

  /** Resolves once the process listens for it. Rejects when it can't. */
  async begin(
    plan: ImpersonationPlan,
    read: (reading: Reading) => void,
    see: (sight: Sight) => void = () => undefined,
  ): Promise<Impersonation> {
    this.#last += 1;
    const id = this.#last;
    const entry: Entry = {
      ...{ plan, read, see, port: undefined, isStopping: false },
      ...{ listening: () => undefined, over: () => undefined },
    };
    this.#entries.set(id, entry);
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = () => {
          clearTimeout(tooLate);
          reject(new Error('the stranger could not take the site’s place'));
        };
        const tooLate = setTimeout(fail, patienceMilliseconds);
        entry.over = fail;
        entry.listening = () => {
          clearTimeout(tooLate);
          resolve();
        };
        // Where there is no process at present, the next one is told.
        this.#send({ type: 'impersonate', id, plan });
      });
    } catch (error) {
      this.#entries.delete(id);
      this.#send({ type: 'stop-impersonating', id });
      throw error;
    }
    return {
      get port() {
        return entry.port ?? 0;
      },
      stop: () => this.#stop(id, entry),
    };
  }

  /** A new process is there, which knows of nothing. */
  renew(): void {
    for (const [id, { plan, isStopping }] of this.#entries)
      if (!isStopping) this.#send({ type: 'impersonate', id, plan });
  }

  /** The process is gone, and with it whatever was to be ended. */
  lost(): void {
    for (const entry of this.#entries.values()) {
      // Anybody may listen there next.
      entry.port = undefined;
      if (entry.isStopping) entry.over();
    }
  }

  hear(message: FromEngine): void {
    if (!('id' in message)) return;
    const entry = this.#entries.get(message.id);
    if (!entry) return;
    if (message.type === 'read') entry.read(message.reading);
    else if (message.type === 'seen') entry.see(message.sight);
    else if (message.type === 'stopped-impersonating') entry.over();
    else {
      entry.port = message.port;
      entry.listening();
    }
  }

  async #stop(id: number, entry: Entry): Promise<void> {
    if (entry.isStopping) return;
    entry.isStopping = true;
    await new Promise<void>((resolve) => {
      const tooLate = setTimeout(resolve, patienceMilliseconds);
      entry.over = () => {
        clearTimeout(tooLate);
        resolve();
      };
      if (!this.#send({ type: 'stop-impersonating', id })) entry.over();
    });
    this.#entries.delete(id);
  }
}

type Order =
  Omit<ToEngine & { type: 'impersonate' }, 'limits'> | (ToEngine & { readonly type: 'stop-impersonating' });
