import type { AttackId, BytesCaptured, ConnectionId } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { Gate, GateKeeper, OpenVisitor } from '../relay/gate.ts';
import { TamperedConnection } from './tampered-connection.ts';
import type { Deed } from './tampered-direction.ts';
import type { Tampering } from './tampering.ts';

type Captured = ReadonlyMap<ConnectionId, readonly BytesCaptured[]>;
const nothing: Captured = new Map();

/**
 * The gate of the attacks: while none is armed it does nothing at all. An armed one meets every connection, those
 * that are open too, and changes what it wants to. The log has what was captured, and beside it what went on instead.
 */
export class AttackGate implements Gate {
  readonly #log: CaptureLog;
  readonly #armed = new Map<AttackId, Tampering>();
  /** All that are open; with what acts on them where something does. */
  readonly #visitors = new Map<OpenVisitor, TamperedConnection | undefined>();

  constructor(log: CaptureLog) {
    this.#log = log;
  }

  admit(visitor: OpenVisitor): GateKeeper {
    this.#visitors.set(visitor, undefined);
    for (const tampering of this.#armed.values()) this.#meet(visitor, tampering, nothing);
    return {
      arrived: (direction, offset, bytes) => this.#visitors.get(visitor)?.arrived(direction, offset, bytes),
      hungUp: () => this.#visitors.get(visitor)?.hungUp(),
      closed: () => void this.#visitors.delete(visitor),
    };
  }

  /** From now on it acts, on open connections from their next message on. */
  arm(tampering: Tampering): void {
    this.#armed.set(tampering.attack, tampering);
    const before = this.#captured();
    for (const visitor of this.#visitors.keys()) this.#meet(visitor, tampering, before);
  }

  /** From now on it acts no more; what it holds goes on as it came. */
  disarm(attack: AttackId): void {
    this.#armed.delete(attack);
    for (const [visitor, connection] of this.#visitors) {
      connection?.disengage(attack);
      if (!connection?.isIdle) continue;
      connection.open();
      this.#visitors.set(visitor, undefined);
    }
  }

  isArmed(attack: AttackId): boolean {
    return this.#armed.has(attack);
  }

  #meet(visitor: OpenVisitor, tampering: Tampering, before: Captured): void {
    // Of a capture that is over: the relay drops it, and nothing that is done to it would be told.
    if (visitor.epoch !== this.#log.epoch || this.#log.isRecorded) return;
    try {
      const tamperer = tampering.meet(visitor);
      if (tamperer === undefined) return;
      const engaged = this.#visitors.get(visitor);
      const connection = engaged ?? this.#engage(visitor, before.get(visitor.connection) ?? []);
      this.#visitors.set(visitor, connection);
      connection.engage(tampering.attack, tamperer);
    } catch (error) {
      process.emitWarning(`an attack could not begin on a connection: ${String(error)}`);
    }
  }

  #engage(visitor: OpenVisitor, before: readonly BytesCaptured[]): TamperedConnection {
    const { connection } = visitor;
    return new TamperedConnection(visitor, before, (deed) => this.#note(connection, deed));
  }

  #note(connection: ConnectionId, deed: Deed): void {
    this.#log.append({ type: 'attack-acted', vantage: 'wire', connection, ...deed });
  }

  /** What was captured of the connections that are open. */
  #captured(): Captured {
    const captured = new Map(
      [...this.#visitors.keys()].map(({ connection }) => [connection, [] as BytesCaptured[]]),
    );
    if (captured.size === 0) return captured;
    for (const event of this.#log.after(0))
      if (event.type === 'bytes-captured') captured.get(event.connection)?.push(event);
    return captured;
  }
}
