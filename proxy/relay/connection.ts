import { connect, type Socket } from 'node:net';
import type {
  CloseManner,
  CloseParty,
  ConnectionId,
  Direction,
  Hop,
  Opener,
  ServerEndpoint,
} from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import { acceptedPorts, dialledPorts } from '../capture/port-pair.ts';
import { openFlow, type Flow } from './flow.ts';
import { FlowValve } from './flow-valve.ts';
import type { Gate, GateKeeper } from './gate.ts';
import type { Target } from './loopback.ts';
import { resetNow, resetWhenWritten, whenSurelyEnded } from './socket-end.ts';

export interface ConnectionPlan {
  readonly log: CaptureLog;
  /** Accepted, not yet read from, and allowed to be half-open. */
  readonly client: Socket;
  readonly target: Target;
  readonly server: ServerEndpoint;
  readonly opener: Opener;
  /** Which stretch of the way this is. */
  readonly hop: Hop;
  /** Whether the site speaks TLS. */
  readonly tls: boolean;
  readonly gate: Gate;
}

interface Ending {
  readonly by: CloseParty;
  readonly how: CloseManner;
  readonly error?: string;
}

const readBytes = 256 * 1024;

// One buffer serves all connections: what was read is copied into the log before the next read begins. That
// holds where libuv reads when the socket is ready; on Windows it reads into the buffer meanwhile, and each
// connection needs its own.
const sharedReadBuffer = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(readBytes);

/**
 * One victim's connection carried to the site and back, byte for byte: each chunk is copied once, into the log's
 * store; that copy is written to the other end first and appended to the log second. Half-close is passed on as
 * half-close and reset as reset, neither before the bytes that preceded it; nothing is ever read ahead of a reader
 * that does not keep up. A gate may hold bytes on the way; then they are recorded first and written when it lets go.
 */
export class RelayedConnection {
  /** Resolves when both ends are closed and the log has been told. Never rejects. */
  readonly closed: Promise<void>;
  readonly #log: CaptureLog;
  readonly #epoch: number;
  readonly #id: ConnectionId;
  readonly #hop: Hop;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #request: Flow;
  readonly #answer: Flow;
  readonly #valves: Readonly<Record<Direction, FlowValve>>;
  readonly #keeper: GateKeeper;
  #ending: Ending | undefined;
  #openEnds = 2;
  #resolveClosed: () => void = () => undefined;

  constructor(plan: ConnectionPlan) {
    const { log, client } = plan;
    this.#log = log;
    this.#epoch = log.epoch;
    this.#id = log.nextConnection();
    this.#hop = plan.hop;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    // By these the victim's word is joined to this connection; by those of the onward socket, the site's.
    const ports = acceptedPorts(client);
    if (ports) log.registerClientPorts(ports, this.#id);
    log.append({
      type: 'connection-opened',
      vantage: 'wire',
      hop: this.#hop,
      connection: this.#id,
      transport: 'tcp',
      // Undefined when the client is gone again by now.
      client: { address: client.remoteAddress ?? '127.0.0.1', port: client.remotePort ?? 0 },
      server: plan.server,
      opener: plan.opener,
    });
    this.#client = client;
    this.#server = this.#dial(plan.target);
    this.#request = openFlow('client', client, this.#server);
    this.#answer = openFlow('server', this.#server, client);
    const place = { log, epoch: this.#epoch, connection: this.#id, hop: this.#hop };
    this.#valves = {
      'client-to-server': new FlowValve(this.#request, place),
      'server-to-client': new FlowValve(this.#answer, place),
    };
    this.#keeper = this.#ask(plan);
    this.#watch(this.#request);
    this.#watch(this.#answer);
    client.on('data', (chunk: Buffer) => this.#pass(this.#request, chunk));
  }

  get id(): ConnectionId {
    return this.#id;
  }

  /** Resets both ends at once, whatever is still under way. */
  drop(): void {
    this.#ending ??= { by: 'relay', how: 'reset' };
    resetNow(this.#client);
    resetNow(this.#server);
  }

  #ask({ gate, tls, opener, server }: ConnectionPlan): GateKeeper {
    const place = { connection: this.#id, epoch: this.#epoch, opener, server };
    const keeper = gate.admit({ ...place, tls, valves: this.#valves, drop: () => this.drop() });
    for (const valve of Object.values(this.#valves)) valve.keeper = keeper;
    return keeper;
  }

  #dial(target: Target): Socket {
    const server = connect({
      host: target.host,
      port: target.port,
      allowHalfOpen: true,
      noDelay: true,
      onread: {
        buffer: sharedReadBuffer ?? Buffer.allocUnsafeSlow(readBytes),
        // Returning false stops the reading.
        callback: (length, buffer) => this.#pass(this.#answer, buffer.subarray(0, length)),
      },
    });
    server.once('connect', () => {
      // Numbers start afresh with an epoch: an old one would name somebody else's connection.
      if (this.#epoch !== this.#log.epoch) {
        this.drop();
        return;
      }
      const ports = dialledPorts(server, target.port);
      if (ports) this.#log.registerUpstreamPorts(ports, this.#id);
      this.#client.resume();
    });
    return server;
  }

  #watch(flow: Flow): void {
    const { party, from, to } = flow;
    from.on('end', () => {
      this.#ending ??= { by: party, how: 'end' };
      whenSurelyEnded(from, () =>
        this.#valves[flow.direction].afterAll('end', () => {
          if (!to.destroyed) to.end();
        }),
      );
    });
    from.on('error', (error: NodeJS.ErrnoException) => {
      this.#fail(flow, error.code ?? error.message);
    });
    from.once('close', () => {
      this.#openEnds -= 1;
      if (this.#openEnds === 0) this.#finish();
    });
    to.on('drain', () => {
      if (!flow.paused) return;
      flow.paused = false;
      if (!flow.isFull) from.resume();
    });
  }

  /** Forwards and records one chunk, or has it held; false when nothing more is to be read for now. */
  #pass(flow: Flow, chunk: Uint8Array): boolean {
    const { from, to, offset } = flow;
    if (this.#epoch !== this.#log.epoch) this.drop();
    // What can't be passed on any more never crossed the wire the log speaks of.
    if (to.destroyed) return false;
    const bytes = this.#log.segments.store(chunk);
    if (flow.isHeld) {
      this.#valves[flow.direction].take(bytes, this.#log.segments.beginWrite());
      return !flow.isFull && !flow.paused;
    }
    // The stream asks for a pause after any large write, even one that the system took whole.
    flow.paused = !to.write(bytes, this.#log.segments.beginWrite()) && to.writableLength > 0;
    flow.offset += bytes.length;
    if (flow.paused) from.pause();
    this.#log.append({
      type: 'bytes-captured',
      vantage: 'wire',
      hop: this.#hop,
      connection: this.#id,
      direction: flow.direction,
      offset,
      bytes,
    });
    return !flow.paused;
  }

  #fail(flow: Flow, code: string): void {
    if (this.#ending === undefined || this.#ending.how === 'end') {
      const how = resetCodes.has(code) ? 'reset' : 'error';
      this.#ending = { by: flow.party, how, ...(how === 'error' && { error: code }) };
    }
    flow.to.pause();
    const opposite = flow === this.#request ? this.#answer : this.#request;
    this.#valves[opposite.direction].giveUp();
    this.#valves[flow.direction].afterAll('reset', () => resetWhenWritten(flow.to));
  }

  #finish(): void {
    for (const valve of Object.values(this.#valves)) valve.giveUp();
    this.#keeper.closed();
    if (this.#epoch === this.#log.epoch) {
      this.#log.append({
        type: 'connection-closed',
        vantage: 'wire',
        hop: this.#hop,
        connection: this.#id,
        ...(this.#ending ?? { by: 'relay', how: 'reset' }),
      });
    }
    this.#resolveClosed();
  }
}

// Writing to an end that has been reset gives EPIPE once the reset itself was reported.
const resetCodes = new Set(['ECONNRESET', 'EPIPE']);
