import type { AttackLane, ConnectionId, Opener } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { PortPair } from '../capture/port-pair.ts';
import type { TrustedToo } from '../victim/scripted.ts';
import { type Lead, portOf, SITE } from './attack.ts';
import { openConnections } from './open-connections.ts';

/** A CA, as far as it is needed here. */
interface Authority {
  readonly certificatePem: string;
  readonly certificateDer: Uint8Array;
  issue(request: {
    readonly names: readonly string[];
  }): Promise<{ readonly certificatePem: string; readonly keyPem: string }>;
}

/** What a process that answers in a site's name is told; over HTTP there is nothing to prove. */
interface Plan {
  readonly name: string;
  readonly port: number;
  readonly secure?: {
    readonly key: string;
    readonly certificate: string;
    readonly onward: number;
    readonly authority: string;
  };
  readonly rewrite?: Rewrite;
}

/** Which members of the JSON body of a POST go on with other values. */
export interface Rewrite {
  readonly path: string;
  readonly members: Readonly<Record<string, string | number>>;
}

/** What becomes of a connection where it ends at the stranger; `ports` are those of the relay's connection to it. */
type PortSight =
  | { readonly type: 'left'; readonly ports: PortPair; readonly code?: string }
  | { readonly type: 'went-on'; readonly ports: PortPair; readonly from: number };

/** The same, of a connection of this capture. */
export type Sight =
  /** It ended before TLS was set up; with this code where whoever came has sent an alert. */
  | { readonly type: 'left'; readonly connection: ConnectionId; readonly code?: string }
  /** The stranger has opened one to the site for it, from this port. */
  | { readonly type: 'went-on'; readonly connection: ConnectionId; readonly from: number };

export interface Stand {
  readonly lane: AttackLane;
  readonly openers: readonly Opener[];
  readonly rewrite?: Rewrite;
  readonly see?: (sight: Sight) => void;
}

export interface Standing {
  /** PEM of the certificate that is shown in the site's name; none over HTTP. */
  readonly certificate?: string;
  /** Resolves when all that was read there stands in the log. */
  readonly end: () => Promise<void>;
}

/** Plaintext in base64, of the relay's connection with these ports. */
interface Reading {
  readonly ports: PortPair;
  readonly direction: 'client-to-server' | 'server-to-client';
  readonly bytes: string;
  readonly after?: string;
}

export interface ImpostorOptions {
  readonly log: CaptureLog;
  /** Makes the stranger's own CA; asked once, when it is first needed. */
  readonly makeAuthority: () => Promise<Authority>;
  /** PEM of the CA that vouches for the real site, and of the site's own certificate. */
  readonly labAuthority: string;
  readonly siteCertificate: string;
  /** Opens the relay's port for the stranger's own connections to the site; asked once. */
  readonly openOnward: () => Promise<number>;
  /** Leads new connections elsewhere, until the function it returns is called. */
  readonly leadAway: (lead: Lead) => () => void;
  /** Resets both ends of a connection. */
  readonly cut: (connection: ConnectionId) => void;
  readonly answerFor: (
    plan: Plan,
    read: (reading: Reading) => void,
    see: (sight: PortSight) => void,
  ) => Promise<{ readonly port: number; stop(): Promise<void> }>;
}

/** The stranger in the site's place, for as long as it is told to be there. */
export class Impostor {
  /** PEM: what the real site shows. */
  readonly siteCertificate: string;
  readonly #options: ImpostorOptions;
  #authority: Promise<Authority> | undefined;
  #onward: Promise<number> | undefined;

  constructor(options: ImpostorOptions) {
    this.#options = options;
    this.siteCertificate = options.siteCertificate;
  }

  /** What a victim has that trusts the stranger's CA. */
  async trust(): Promise<TrustedToo> {
    const { certificatePem, certificateDer } = await this.#strangersAuthority();
    return { pem: certificatePem, der: certificateDer };
  }

  /** From now on new connections of these visitors end at the stranger, until that is ended; those that are open are broken off. */
  async begin({ lane, openers, rewrite, see }: Stand): Promise<Standing> {
    const { leadAway, answerFor } = this.#options;
    const place = { name: SITE, port: portOf(lane) };
    const secure = lane === 'https' ? await this.#secure() : undefined;
    const plan = { ...place, ...(secure && { secure }), ...(rewrite && { rewrite }) };
    const stand = await answerFor(
      plan,
      (reading) => this.#tell(reading),
      (sight) => this.#pass(sight, see),
    );
    const target = () => ({ host: '127.0.0.1', port: stand.port });
    const leadBack = leadAway({ ...place, openers, target });
    // A browser keeps its connections, and would come by on none of its own for minutes.
    const kept = openConnections(
      this.#options.log,
      ({ opener, server }) =>
        openers.includes(opener) && server.name === place.name && server.port === place.port,
    );
    for (const connection of kept) this.#options.cut(connection);
    const end = async () => {
      leadBack();
      await stand.stop();
    };
    return { end, ...(secure && { certificate: secure.certificate }) };
  }

  async #secure(): Promise<NonNullable<Plan['secure']>> {
    const authority = await this.#strangersAuthority();
    const leaf = await authority.issue({ names: [SITE] });
    return {
      ...{ key: leaf.keyPem, certificate: leaf.certificatePem },
      ...{ onward: await this.#door(), authority: this.#options.labAuthority },
    };
  }

  // Where one of the two can't be had, the next one to ask tries again.
  #door(): Promise<number> {
    if (this.#onward) return this.#onward;
    const door = this.#options.openOnward();
    this.#onward = door;
    door.catch(() => (this.#onward = undefined));
    return door;
  }

  #strangersAuthority(): Promise<Authority> {
    if (this.#authority) return this.#authority;
    const authority = this.#options.makeAuthority();
    this.#authority = authority;
    authority.catch(() => (this.#authority = undefined));
    return authority;
  }

  #pass({ ports, ...sight }: PortSight, see?: (sight: Sight) => void): void {
    const connection = this.#options.log.connectionOfUpstreamPorts(ports);
    if (connection !== undefined) see?.({ ...sight, connection });
  }

  #tell({ ports, direction, bytes, after }: Reading): void {
    const { log } = this.#options;
    const connection = log.connectionOfUpstreamPorts(ports);
    // Of a capture that is over.
    if (connection === undefined) return;
    log.append({
      ...{ type: 'attack-acted', vantage: 'wire', attack: 'impersonate', connection, direction },
      before: fromBase64(bytes),
      ...(after === undefined ? {} : { after: fromBase64(after) }),
    });
  }
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
