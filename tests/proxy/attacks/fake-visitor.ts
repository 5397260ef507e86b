import type { Direction } from '#contract';
import type { CaptureLog } from '../../../proxy/capture/log.ts';
import type { Gate, GateKeeper, OpenVisitor, RewritingValve } from '../../../proxy/relay/gate.ts';
import { HeldBytes } from '../../../proxy/relay/held-bytes.ts';

/** A valve between no sockets: what passes it is kept. */
export class FakeValve implements RewritingValve {
  captured = 0;
  lastWord: 'end' | 'reset' | undefined;
  isDead = false;
  readonly #held = new HeldBytes();
  #delivered = Buffer.alloc(0);
  #limit = Infinity;

  get passed(): number {
    return this.captured - this.#held.length;
  }

  get isHolding(): boolean {
    return this.#limit !== Infinity;
  }

  get delivered(): string {
    return this.#delivered.toString('latin1');
  }

  take(bytes: Uint8Array): void {
    this.captured += bytes.length;
    this.#held.push({ bytes, written: () => undefined });
    if (!this.isHolding) this.openTo(Infinity);
  }

  openTo(position: number): void {
    this.#limit = position;
    const gone = this.#held.take(Math.min(position - this.passed, this.#held.length));
    this.#delivered = Buffer.concat([this.#delivered, ...gone.map(({ bytes }) => bytes)]);
  }

  replace(start: number, end: number, bytes: Uint8Array): void {
    const { passed } = this;
    this.#held.replace(start - passed, end - passed, bytes);
  }
}

/** A connection that a test feeds chunk by chunk. */
export class FakeVisitor {
  readonly valves = { 'client-to-server': new FakeValve(), 'server-to-client': new FakeValve() };
  readonly #keeper: GateKeeper;
  readonly #log: CaptureLog;

  constructor(gate: Gate, log: CaptureLog) {
    this.#log = log;
    const visitor: OpenVisitor = {
      ...{
        connection: 1,
        epoch: log.epoch,
        tls: false,
        opener: 'other',
        valves: this.valves,
        drop: () => undefined,
      },
      server: { name: 'piggypay.test', port: 80, address: '127.0.0.1:1' },
    };
    this.#keeper = gate.admit(visitor);
  }

  send(direction: Direction, bytes: Uint8Array | string): void {
    const valve = this.valves[direction];
    const offset = valve.captured;
    const chunk = this.#log.segments.store(Buffer.from(bytes as string, 'latin1'));
    this.#log.append({
      ...{ type: 'bytes-captured', vantage: 'wire', hop: 'cafe', connection: 1, direction, offset },
      bytes: chunk,
    });
    valve.take(chunk);
    if (valve.isHolding) this.#keeper.arrived(direction, offset, chunk);
  }

  hangUp(direction: Direction): void {
    this.valves[direction].lastWord = 'end';
    this.#keeper.hungUp();
  }
}
