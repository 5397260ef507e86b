import { Impostor } from './impostor.ts';
import type { FromEngine, Reading, Sight, ToEngine } from './messages.ts';
import { Stripper } from './stripper.ts';
import { openStrangersPage } from './strangers-page.ts';

// What may be under way to a lab that does not read; beyond it readings are not told.
const mostUntold = 256;

/** The sites in whose name this process answers at present, each on a port of its own. */
export class Impersonations {
  readonly #say: (message: FromEngine, told?: () => void) => void;
  readonly #open = new Map<number, () => void>();
  readonly #beginning = new Set<number>();
  #untold = 0;

  constructor(say: (message: FromEngine, told?: () => void) => void) {
    this.#say = say;
  }

  /** Says on which port, once it listens; or that it is over, where it cannot. */
  async begin(order: ToEngine & { type: 'impersonate' }): Promise<void> {
    const { id } = order;
    this.#beginning.add(id);
    try {
      const { port, close } = await this.#listen(order);
      // Called off while it was being opened.
      if (!this.#beginning.has(id)) {
        close();
        return;
      }
      this.#open.set(id, close);
      this.#say({ type: 'impersonating', id, port });
    } catch {
      // A certificate that does not fit its key, or no port left: nothing that whoever connects has a hand in.
      this.#say({ type: 'stopped-impersonating', id });
    } finally {
      this.#beginning.delete(id);
    }
  }

  /** Ends its connections too; says so behind all that was read on them. */
  end(id: number): void {
    this.#open.get(id)?.();
    this.#open.delete(id);
    this.#beginning.delete(id);
    this.#say({ type: 'stopped-impersonating', id });
  }

  async #listen({ id, plan, limits }: ToEngine & { type: 'impersonate' }) {
    const { secure, strip } = plan;
    if (strip) {
      const stripper = new Stripper({
        ...{ plan: { ...plan, strip }, limits, read: (reading) => this.#tell(id, reading) },
      });
      return { port: await stripper.open(), close: () => void stripper.close() };
    }
    if (!secure) {
      const { server, port } = await openStrangersPage(limits);
      const close = () => {
        server.close();
        server.closeAllConnections();
      };
      return { port, close };
    }
    const impostor = new Impostor({
      ...{ plan: { ...plan, secure }, limits, read: (reading) => this.#tell(id, reading) },
      see: (sight) => this.#see(id, sight),
    });
    return { port: await impostor.open(), close: () => void impostor.close() };
  }

  #tell(id: number, reading: Reading): void {
    this.#sayOrNot({ type: 'read', id, reading });
  }

  #see(id: number, sight: Sight): void {
    this.#sayOrNot({ type: 'seen', id, sight });
  }

  #sayOrNot(message: FromEngine): void {
    if (this.#untold >= mostUntold) return;
    this.#untold += 1;
    this.#say(message, () => (this.#untold -= 1));
  }
}
