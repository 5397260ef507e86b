import type { AttackLane } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { TrustedToo } from '../victim/scripted.ts';
import { portOf, SITE } from './attack.ts';

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

/** What of the body of a POST goes on as something else; as long as before. */
export interface Rewrite {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

/** Plaintext in base64, of the connection that the relay made from this port. */
interface Reading {
  readonly port: number;
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
  /** Leads new connections of the scripted victim elsewhere, until the function it returns is called. */
  readonly leadAway: (detour: {
    readonly name: string;
    readonly port: number;
    readonly opener: 'scripted-victim';
    readonly target: () => { readonly host: string; readonly port: number };
  }) => () => void;
  readonly answerFor: (
    plan: Plan,
    read: (reading: Reading) => void,
  ) => Promise<{ readonly port: number; stop(): Promise<void> }>;
}

/** The stranger in the site's place, for the scripted victim alone, as long as it is told to be there. */
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

  /**
   * From now on new connections of the scripted victim end at the stranger, until the function it returns is called;
   * that resolves when all that was read there stands in the log.
   */
  async begin(lane: AttackLane, rewrite?: Rewrite): Promise<() => Promise<void>> {
    const { leadAway, answerFor } = this.#options;
    const place = { name: SITE, port: portOf(lane) };
    const secure = lane === 'https' ? await this.#secure() : undefined;
    const plan = { ...place, ...(secure && { secure }), ...(rewrite && { rewrite }) };
    const stand = await answerFor(plan, (reading) => this.#tell(reading));
    const leadBack = leadAway({
      ...{ ...place, opener: 'scripted-victim', target: () => ({ host: '127.0.0.1', port: stand.port }) },
    });
    return async () => {
      leadBack();
      await stand.stop();
    };
  }

  async #secure(): Promise<NonNullable<Plan['secure']>> {
    const authority = await this.#strangersAuthority();
    const leaf = await authority.issue({ names: [SITE] });
    this.#onward ??= this.#options.openOnward();
    return {
      ...{ key: leaf.keyPem, certificate: leaf.certificatePem },
      ...{ onward: await this.#onward, authority: this.#options.labAuthority },
    };
  }

  #strangersAuthority(): Promise<Authority> {
    this.#authority ??= this.#options.makeAuthority();
    return this.#authority;
  }

  #tell({ port, direction, bytes, after }: Reading): void {
    const { log } = this.#options;
    const connection = log.connectionOfUpstreamPort(port);
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
