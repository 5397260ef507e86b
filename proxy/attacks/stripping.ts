import type { ConnectionId, Opener } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { PortPair } from '../capture/port-pair.ts';
import type { StrictTransport } from '../victim/strict-transport.ts';
import type { VisitAnswer, VisitRequest } from '../victim/visit.ts';
import type { AttackLab } from './attack.ts';
import { openConnections } from './open-connections.ts';

/** What a process that speaks HTTP in a site's name, and HTTPS with the site, is told. */
interface Plan {
  readonly name: string;
  readonly port: number;
  readonly strip: { readonly onward: number; readonly authority: string };
}

/** Lines of an answer in base64, on the relay's connection with these ports. */
interface Reading {
  readonly ports: PortPair;
  readonly direction: 'client-to-server' | 'server-to-client';
  readonly bytes: string;
  readonly after?: string;
}

/** A site's own count of what it has handled. */
export interface BankCount {
  readonly overHttp: number;
  readonly overHttps: number;
  /** Logins that were let in, all of them over HTTPS. */
  readonly logins: number;
}

export interface StrippingOptions {
  readonly log: CaptureLog;
  /** Opens the relay's port for the stranger's own connections to this site's HTTPS; asked once for each. */
  readonly openOnward: (host: string) => Promise<number>;
  readonly answerFor: (
    plan: Plan,
    read: (reading: Reading) => void,
  ) => Promise<{ readonly port: number; stop(): Promise<void> }>;
  /** Breaks a connection off. */
  readonly cut: (connection: ConnectionId) => void;
  readonly handled: (host: string) => BankCount;
  /** The scripted victim types a site's name without a scheme; resolves when the log is complete about its connections. */
  readonly visit: (request: VisitRequest, memory: StrictTransport) => Promise<VisitAnswer>;
}

/** The stranger where a site's port 80 is, as long as it is told to be there. */
export class Stripping {
  readonly handled: StrippingOptions['handled'];
  readonly visit: StrippingOptions['visit'];
  readonly #options: StrippingOptions;
  readonly #onward = new Map<string, Promise<number>>();

  constructor(options: StrippingOptions) {
    this.#options = options;
    this.handled = options.handled;
    this.visit = options.visit;
  }

  /**
   * From now on these visitors' new connections to the site's port 80 end at the stranger, and those that are open are
   * broken off, until the function it returns is called; that resolves when all that was changed stands in the log.
   */
  async begin(lab: AttackLab, host: string, openers: readonly Opener[]): Promise<() => Promise<void>> {
    const place = { name: host, port: 80 };
    const strip = { onward: await this.#door(host), authority: lab.authorityPem };
    const stand = await this.#options.answerFor({ ...place, strip }, (reading) => this.#tell(reading));
    const target = () => ({ host: '127.0.0.1', port: stand.port });
    const leadBack = lab.leadAway({ ...place, openers, target });
    // On one that it has kept, a browser would ask the site itself.
    const kept = openConnections(
      lab.log,
      ({ opener, server }) => openers.includes(opener) && server.name === host && server.port === place.port,
    );
    for (const connection of kept) this.#options.cut(connection);
    return async () => {
      leadBack();
      await stand.stop();
    };
  }

  #door(host: string): Promise<number> {
    const known = this.#onward.get(host);
    if (known) return known;
    const door = this.#options.openOnward(host);
    this.#onward.set(host, door);
    // The next one to ask tries again.
    door.catch(() => this.#onward.delete(host));
    return door;
  }

  #tell({ ports, direction, bytes, after = '' }: Reading): void {
    const { log } = this.#options;
    const connection = log.connectionOfUpstreamPorts(ports);
    // Of a capture that is over.
    if (connection === undefined) return;
    log.append({
      ...{ type: 'attack-acted', vantage: 'wire', attack: 'strip', connection, direction },
      ...{ before: fromBase64(bytes), after: fromBase64(after) },
    });
  }
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
