import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ConnectionId, Direction, Opener } from '#contract';
import type { CaptureLog } from '../capture/log.ts';

export interface UdpTapPlan {
  /** How the victim calls the resolver. */
  readonly name: string;
  /** The port the victim believes to be talking to. */
  readonly port: number;
  /** Where the resolver really listens on 127.0.0.1. */
  readonly targetPort: number;
  readonly opener: Opener;
  /** After so long without a datagram an exchange counts as over; 2000 by default. */
  readonly idleMilliseconds?: number;
  /** How long an exchange stays open in which every question has been answered; 100 by default. */
  readonly answeredMilliseconds?: number;
  /** Exchanges at once; a new client beyond them is not served. 64 by default. */
  readonly maxClients?: number;
}

/** Somebody who answers before the resolver can. */
export interface DatagramForger {
  /** What the client is to get first; undefined where the resolver alone is to answer. What it throws counts as that. */
  answer(question: Uint8Array, connection: ConnectionId): Uint8Array | undefined;
  /** The resolver's own answer to one who had been answered before: it has crossed as well, and stands at this offset. */
  overtaken(answer: LateDatagram): void;
}

export interface LateDatagram {
  readonly connection: ConnectionId;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface UdpTap {
  /** The tap's port on 127.0.0.1. */
  readonly port: number;
  /** Has every question shown to somebody first, until the function it returns is called. One at a time. */
  answerFirst(forger: DatagramForger): () => void;
  /** Ends all exchanges, in the log as well; new ones may begin at once. */
  dropExchanges(): void;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';

/**
 * Carries datagrams between clients and the lab's resolver and records them: each client port is one `udp`
 * connection on the hop `resolver`, closed when it has been idle for a while.
 */
export async function openUdpTap(log: CaptureLog, plan: UdpTapPlan): Promise<UdpTap> {
  const { targetPort, maxClients = 64 } = plan;
  const exchanges = new Map<string, UdpExchange>();
  let forger: DatagramForger | undefined;
  const front = createSocket('udp4');
  // On a datagram socket errors speak of one datagram (its receiver is gone); the next may fare better.
  front.on('error', () => undefined);
  front.on('message', (datagram, client) => {
    const key = `${client.address}:${client.port}`;
    let exchange = exchanges.get(key);
    if (exchange === undefined) {
      if (exchanges.size >= maxClients) return;
      exchange = new UdpExchange(log, plan, front, client, () => exchanges.delete(key));
      exchanges.set(key, exchange);
    }
    exchange.ask(datagram, targetPort, forger);
  });

  front.bind({ address: loopback, port: 0, exclusive: true });
  await once(front, 'listening');

  function answerFirst(newForger: DatagramForger): () => void {
    forger = newForger;
    return () => {
      if (forger === newForger) forger = undefined;
    };
  }

  function dropExchanges(): void {
    for (const exchange of exchanges.values()) exchange.end();
  }

  async function close(): Promise<void> {
    dropExchanges();
    const closed = once(front, 'close');
    front.close();
    await closed;
  }

  return { port: front.address().port, answerFirst, dropExchanges, close };
}

class UdpExchange {
  readonly #log: CaptureLog;
  readonly #epoch: number;
  readonly #id: ConnectionId;
  readonly #back = createSocket('udp4');
  /** Hands a datagram to the client. */
  readonly #give: (datagram: Uint8Array) => void;
  readonly #idle: NodeJS.Timeout;
  readonly #answeredMilliseconds: number;
  /** Runs while no question waits for its answer. */
  #answered: NodeJS.Timeout | undefined;
  #awaited = 0;
  readonly #ended: () => void;
  readonly #offsets = { 'client-to-server': 0, 'server-to-client': 0 };
  /** Who has answered before the resolver. */
  #forger: DatagramForger | undefined;
  #over = false;

  constructor(log: CaptureLog, plan: UdpTapPlan, front: Socket, client: RemoteInfo, ended: () => void) {
    this.#log = log;
    this.#epoch = log.epoch;
    this.#id = log.nextConnection();
    this.#ended = ended;
    this.#answeredMilliseconds = plan.answeredMilliseconds ?? 100;
    this.#give = (datagram) => front.send(datagram, client.port, client.address);
    log.append({
      type: 'connection-opened',
      vantage: 'wire',
      hop: 'resolver',
      connection: this.#id,
      transport: 'udp',
      client: { address: client.address, port: client.port },
      server: { name: plan.name, port: plan.port, address: `${loopback}:${plan.targetPort}` },
      opener: plan.opener,
    });
    this.#back.on('error', () => undefined);
    // Bound by hand: a first send would bind it to all interfaces.
    this.#back.bind({ address: loopback, port: 0, exclusive: true });
    this.#back.on('message', (datagram, from) => {
      // Anybody on this machine can send to this port; only the resolver's word is passed on.
      if (this.#over || from.address !== loopback || from.port !== plan.targetPort) return;
      this.#give(datagram);
      const late = this.#record('server-to-client', datagram);
      if (late) this.#forger?.overtaken({ connection: this.#id, ...late });
      this.#awaited = Math.max(0, this.#awaited - 1);
      if (this.#awaited === 0) this.#endSoon();
    });
    this.#idle = setTimeout(() => {
      this.end();
    }, plan.idleMilliseconds ?? 2000);
    this.#idle.unref();
  }

  ask(datagram: Buffer, targetPort: number, forger?: DatagramForger): void {
    this.#awaited += 1;
    clearTimeout(this.#answered);
    const forged = forger && this.#askFirst(datagram, forger);
    if (!forged) this.#back.send(datagram, targetPort, loopback);
    this.#record('client-to-server', datagram);
    if (!forged || this.#over) return;
    this.#forger = forger;
    this.#give(forged);
    this.#record('server-to-client', forged);
    this.#back.send(datagram, targetPort, loopback);
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#idle);
    clearTimeout(this.#answered);
    this.#back.close();
    this.#ended();
    if (this.#epoch !== this.#log.epoch) return;
    this.#log.append({
      type: 'connection-closed',
      vantage: 'wire',
      hop: 'resolver',
      connection: this.#id,
      by: 'relay',
      how: 'end',
    });
  }

  /** A resolver answers each question once. A little later the place is free for the next client. */
  #endSoon(): void {
    clearTimeout(this.#answered);
    this.#answered = setTimeout(() => this.end(), this.#answeredMilliseconds).unref();
  }

  #askFirst(datagram: Buffer, forger: DatagramForger): Uint8Array | undefined {
    try {
      return forger.answer(datagram, this.#id);
    } catch (error) {
      process.emitWarning(`nobody answered before the resolver: ${String(error)}`);
      return undefined;
    }
  }

  /** Answers what was recorded, and where; nothing when the exchange belongs to a capture that is over. */
  #record(
    direction: Direction,
    datagram: Uint8Array,
  ): { readonly offset: number; readonly bytes: Uint8Array } | undefined {
    if (this.#epoch !== this.#log.epoch) {
      this.end();
      return undefined;
    }
    const bytes = this.#log.segments.store(datagram);
    const offset = this.#offsets[direction];
    this.#offsets[direction] += bytes.length;
    this.#idle.refresh();
    this.#log.append({
      type: 'bytes-captured',
      vantage: 'wire',
      hop: 'resolver',
      connection: this.#id,
      direction,
      offset,
      bytes,
    });
    return { offset, bytes };
  }
}
