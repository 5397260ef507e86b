import type { AttackId, BytesCaptured, Direction } from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import type { OpenVisitor } from '../relay/gate.ts';
import { TamperedDirection, type Deed, type Hand } from './tampered-direction.ts';
import type { Tamperer } from './tampering.ts';

const directions = ['client-to-server', 'server-to-client'] as const satisfies readonly Direction[];

/** A connection on which one attack or more acts. When anything goes wrong its bytes go on as they came. */
export class TamperedConnection {
  readonly #visitor: OpenVisitor;
  readonly #dissector = new ConnectionDissector();
  readonly #sides: Readonly<Record<Direction, TamperedDirection>>;
  readonly #acted: (deed: Deed) => void;
  #hands: readonly Hand[] = [];
  #isOpen = false;

  /** `before` is what was captured of this connection so far, in order: it tells where messages begin. */
  constructor(visitor: OpenVisitor, before: Iterable<BytesCaptured>, acted: (deed: Deed) => void) {
    this.#visitor = visitor;
    this.#acted = acted;
    const { valves } = visitor;
    this.#sides = {
      'client-to-server': new TamperedDirection('client-to-server', valves['client-to-server']),
      'server-to-client': new TamperedDirection('server-to-client', valves['server-to-client']),
    };
    this.#guard(() => {
      for (const { direction, offset, bytes } of before) this.#dissect(direction, offset, bytes);
    });
  }

  get isIdle(): boolean {
    return this.#hands.length === 0;
  }

  engage(attack: AttackId, tamperer: Tamperer): void {
    this.#hands = [...this.#hands, { attack, tamperer }];
  }

  /** What is held for this attack goes on as it came. */
  disengage(attack: AttackId): void {
    this.#hands = this.#hands.filter((hand) => hand.attack !== attack);
    this.#guard(() => {
      for (const direction of directions)
        for (const deed of this.#sides[direction].settle(this.#hands)) this.#acted(deed);
    });
  }

  arrived(direction: Direction, offset: number, bytes: Uint8Array): void {
    this.#guard(() => {
      this.#dissect(direction, offset, bytes);
      const deeds = this.#sides[direction].arrived(offset, bytes, this.#hands);
      for (const deed of deeds) this.#acted(deed);
    });
  }

  /** Nothing more comes from whoever has said its last word, so what is still held of it never becomes whole. */
  hungUp(): void {
    for (const direction of directions)
      if (this.#visitor.valves[direction].lastWord !== undefined) this.#sides[direction].open();
  }

  /** Lets everything go, and holds nothing any more. */
  open(): void {
    this.#isOpen = true;
    for (const direction of directions) this.#sides[direction].open();
  }

  #dissect(direction: Direction, offset: number, bytes: Uint8Array): void {
    const touched = this.#dissector.push(direction, offset, bytes, 0);
    for (const each of directions)
      this.#sides[each].noted(touched.filter((message) => message.direction === each));
  }

  /** The relay goes on whatever an attack or a dissector does. */
  #guard(act: () => void): void {
    if (this.#isOpen) return;
    try {
      act();
    } catch (error) {
      this.open();
      process.emitWarning(`an attack has failed on a connection, which passes untouched: ${String(error)}`);
    }
  }
}
