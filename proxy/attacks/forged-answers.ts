import type { ConnectionId } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import { SITE } from './attack.ts';
import { forgedAnswer, haveSameId } from './forged-answer.ts';

/** Who answers look-ups before the resolver can; see the tap that carries them. */
export interface Forger {
  answer(question: Uint8Array, connection: ConnectionId): Uint8Array | undefined;
  overtaken(answer: {
    readonly connection: ConnectionId;
    readonly offset: number;
    readonly bytes: Uint8Array;
  }): void;
}

/** Tells the log of each forged answer, beside the true one that came too late. */
export class ForgedAnswers implements Forger {
  readonly #log: CaptureLog;
  readonly #address: string;
  readonly #epoch: number;
  /** Those that the true one has not followed yet. */
  #ahead: { readonly connection: ConnectionId; readonly forged: Uint8Array }[] = [];

  /** `address` is what everybody is told. */
  constructor(log: CaptureLog, address: string) {
    this.#log = log;
    this.#address = address;
    this.#epoch = log.epoch;
  }

  answer(question: Uint8Array, connection: ConnectionId): Uint8Array | undefined {
    const forged = forgedAnswer(question, SITE, this.#address);
    if (forged) this.#ahead.push({ connection, forged });
    return forged;
  }

  overtaken(answer: Parameters<Forger['overtaken']>[0]): void {
    const { connection, offset, bytes } = answer;
    const ahead = this.#ahead.find(
      (other) => other.connection === connection && haveSameId(other.forged, bytes),
    );
    if (!ahead) return;
    this.#ahead = this.#ahead.filter((other) => other !== ahead);
    this.#tell(ahead, { offset, before: new Uint8Array(bytes) });
  }

  /** What the resolver never answered is told as well. */
  end(): void {
    for (const alone of this.#ahead.splice(0)) this.#tell(alone);
  }

  #tell(
    { connection, forged }: { readonly connection: ConnectionId; readonly forged: Uint8Array },
    overtaken?: { readonly offset: number; readonly before: Uint8Array },
  ): void {
    if (this.#epoch !== this.#log.epoch) return;
    this.#log.append({
      ...{ type: 'attack-acted', vantage: 'wire', attack: 'forge-name', connection },
      ...{ direction: 'server-to-client', ...overtaken, after: new Uint8Array(forged) },
    });
  }
}
