import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { dialledPorts, type PortPair } from '../../capture/port-pair.ts';
import { inWords } from '../error-words.ts';
import { type Patience, usualPatience, whenOutOfPatience } from '../patience.ts';
import type { ShownChain } from '../shown-chain.ts';
import { Refusal } from './alert.ts';
import type { Offer } from './client-hello.ts';
import { APPLICATION_DATA, TLS_1_2, TLS_1_3, type Version } from './code-points.ts';
import type { Cards, HandshakeTold, Secured } from './handshake.ts';
import { handshake12 } from './handshake-12.ts';
import { handshake13 } from './handshake-13.ts';
import { type Group, SECP256R1, X25519 } from './key-share.ts';
import { RecordLink } from './record-link.ts';

export interface OpenCardsOptions {
  /** On 127.0.0.1, and nowhere else. */
  readonly port: number;
  readonly host: string;
  /** PEM of the only CA that is trusted. */
  readonly authorityPem: string;
  /** TLS 1.3 unless told. */
  readonly version?: Version;
  /** x25519 and secp256r1 unless told, in the order of preference. */
  readonly groups?: readonly [Group, ...Group[]];
  /** All suites of the version that this client knows, unless told. */
  readonly suites?: readonly number[];
  /** Breaks off whatever is under way. */
  readonly signal: AbortSignal;
  readonly patience?: Patience;
  readonly tell?: Partial<OpenCardsTold>;
}

/** Who hears what this client tells of its own; `keyShare` and `keyLogged` as soon as they are computed. */
export interface OpenCardsTold extends Pick<HandshakeTold, 'keyShare' | 'keyLogged'> {
  /** How the handshake went, as the scripted victim tells it. */
  shown(shown: ShownChain): void;
}

const SUITES: Readonly<Record<Version, readonly number[]>> = {
  // AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305 (RFC 8446, B.4).
  [TLS_1_3]: [0x1301, 0x1302, 0x1303],
  // The same under ECDHE, with ECDSA and with RSA (RFC 5289, RFC 7905).
  [TLS_1_2]: [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8],
};
// What an alert needs to get there before the connection ends.
const LAST_WORD_MILLISECONDS = 1000;

/**
 * A TLS client that plays with open cards: it does a real handshake, checks all that a client must, and tells the
 * private half of its key share and every secret, which no TLS library does. It is made to be shown, against the
 * lab's own sites on loopback, with fresh keys each time; it takes no care of side channels and is no general
 * client. One connection each: `connect`, `send`, `receive`, `close`. Whatever rejects has ended the connection, with
 * the alert that says why (RFC 8446, 6.2).
 */
export class OpenCardsClient {
  readonly #options: OpenCardsOptions;
  #socket: Socket | undefined;
  #link: RecordLink | undefined;
  #secured: Secured | undefined;
  #receiving: Promise<Uint8Array> | undefined;
  #ports: PortPair | undefined;
  #chain: readonly Uint8Array[] = [];
  #release = (): void => undefined;

  constructor(options: OpenCardsOptions) {
    this.#options = options;
  }

  /** By which the log knows the connection. */
  get ports(): PortPair | undefined {
    return this.#ports;
  }

  /** Rejects with a `Refusal`, the site's alert, or the socket's error. */
  async connect(): Promise<Cards> {
    const { port, signal, version = TLS_1_3, tell } = this.#options;
    signal.throwIfAborted();
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#socket = socket;
    this.#release = this.#limit(socket);
    // Whoever reads or writes hears of it too; between the two, nobody does.
    socket.on('error', () => undefined);
    try {
      await once(socket, 'connect');
    } catch (error) {
      this.#release();
      throw error;
    }
    this.#ports = dialledPorts(socket, port);
    const link = new RecordLink(socket);
    this.#link = link;
    return this.#orLeave(async () => {
      try {
        const options = { offer: this.#offer(version), trust: this.#trust(), tell: this.#told() };
        this.#secured = await (version === TLS_1_3 ? handshake13 : handshake12)(link, options);
      } catch (error) {
        tell?.shown?.({ chain: this.#chain, error: inWords(error as Error) });
        throw error;
      }
      tell?.shown?.({ chain: this.#chain });
      return this.#secured.cards;
    });
  }

  send(bytes: Uint8Array): void {
    this.#open().link.send(APPLICATION_DATA, bytes);
  }

  /** All that the site says until it closes; rejects when it does not say that it does. To be called once. */
  receive(): Promise<Uint8Array> {
    const { link, secured } = this.#open();
    const receiving = this.#orLeave(async () => {
      const pieces: Uint8Array[] = [];
      for (;;) {
        const piece = await link.data((message) => secured.afterwards(message));
        if (!piece) return Uint8Array.from(Buffer.concat(pieces));
        pieces.push(piece);
      }
    });
    this.#receiving = receiving;
    return receiving;
  }

  /** Says close_notify and waits until the connection has ended, and what is being received with it. */
  async close(): Promise<void> {
    if (this.#secured) this.#link?.sendAlert('close_notify');
    await this.#end(this.#receiving);
  }

  #open(): { readonly link: RecordLink; readonly secured: Secured } {
    if (!this.#link || !this.#secured) throw new Error('The handshake is not over.');
    return { link: this.#link, secured: this.#secured };
  }

  async #orLeave<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refusal) this.#link?.sendAlert(error.alert);
      await this.#end();
      throw error;
    }
  }

  /** Ends this direction and lets the other one run out, for a little while; `reading`: somebody reads it already. */
  async #end(reading?: Promise<unknown>): Promise<void> {
    const socket = this.#socket;
    if (!socket || socket.destroyed) {
      this.#release();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), LAST_WORD_MILLISECONDS);
    socket.end();
    await Promise.resolve(reading).catch(() => undefined);
    await this.#link?.drain().catch(() => undefined);
    clearTimeout(timer);
    socket.destroy();
    this.#release();
  }

  /** Gives up when the patience is over or the signal says so; the function it answers calls that off. */
  #limit(socket: Socket): () => void {
    const { signal, patience = usualPatience } = this.#options;
    const onAbort = () => {
      socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('broken off'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const answered = whenOutOfPatience(patience, (error) => socket.destroy(error));
    return () => {
      answered();
      signal.removeEventListener('abort', onAbort);
    };
  }

  #offer(version: Version): Offer {
    const { host, groups = [X25519, SECP256R1], suites = SUITES[version] } = this.#options;
    const sessionId = version === TLS_1_3 ? randomBytes(32) : new Uint8Array(0);
    return { version, host, random: Uint8Array.from(randomBytes(32)), sessionId, suites, groups };
  }

  #trust(): { readonly authority: X509Certificate; readonly host: string } {
    return { authority: new X509Certificate(this.#options.authorityPem), host: this.#options.host };
  }

  #told(): HandshakeTold {
    const { tell } = this.#options;
    return {
      chain: (chain) => (this.#chain = withIssuer(chain, this.#trust().authority)),
      keyShare: (share) => tell?.keyShare?.(share),
      keyLogged: (line) => tell?.keyLogged?.(line),
    };
  }
}

/** With the authority behind it where it signed the first: what Node's own client tells of a chain. */
function withIssuer(chain: readonly Uint8Array[], authority: X509Certificate): readonly Uint8Array[] {
  const own = chain.map((der) => Uint8Array.from(der));
  const [leaf] = own;
  try {
    const isIssuer = leaf && new X509Certificate(leaf).verify(authority.publicKey);
    return isIssuer ? [...own, Uint8Array.from(authority.raw)] : own;
  } catch {
    return own;
  }
}
