import type { AttackLane, ConnectionId } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import { portOf, SITE } from './attack.ts';
import { forgedAnswer, haveSameId } from './forged-answer.ts';
import { openStrangersCopy, type StrangersCopy } from './strangers-copy.ts';

/** Who answers look-ups before the resolver can; see the tap that carries them. */
interface Forger {
  answer(question: Uint8Array, connection: ConnectionId): Uint8Array | undefined;
  overtaken(answer: {
    readonly connection: ConnectionId;
    readonly offset: number;
    readonly bytes: Uint8Array;
  }): void;
}

export interface NameForgerOptions {
  readonly log: CaptureLog;
  /** Lets it answer the scripted victim's look-ups, until the function it returns is called. */
  readonly answerFirst: (forger: Forger) => () => void;
  /** A certificate for the site's name that anybody can make; asked once. */
  readonly makeCertificate: () => Promise<{ readonly keyPem: string; readonly certificatePem: string }>;
  /** Opens the relay's port through which the scripted victim gets to a server on this loopback port; asked once a lane. */
  readonly openDoor: (port: number, targetPort: number) => Promise<number>;
}

/** As long as the stranger lies: what has come of it, and how it ends. */
export interface Lie {
  readonly copy: Pick<StrangersCopy, 'requests' | 'logins'>;
  stop(): void;
}

interface Place {
  readonly copy: StrangersCopy;
  readonly door: number;
}

/** Another address than the site's. On it the stranger's copy stands, and nothing really listens there. */
const COPY_ADDRESS = '127.0.0.66';

/** The stranger with an answer to look-ups for the site, and with a copy of the site where that answer leads. */
export class NameForger {
  readonly #options: NameForgerOptions;
  readonly #places = new Map<AttackLane, Promise<Place>>();
  readonly #doors = new Map<number, number>();

  constructor(options: NameForgerOptions) {
    this.#options = options;
  }

  /** The relay's loopback port for what stands at this address and virtual port; undefined where nothing does. */
  door(address: string, port: number): number | undefined {
    return address === COPY_ADDRESS ? this.#doors.get(port) : undefined;
  }

  /** From now on whoever looks the site up in clear gets the stranger's answer first, until the lie is stopped. */
  async begin(lane: AttackLane): Promise<Lie> {
    const { copy } = await this.#place(lane);
    copy.forget();
    const answers = new Answers(this.#options.log);
    const withdraw = this.#options.answerFirst(answers);
    return {
      copy,
      stop() {
        withdraw();
        answers.end();
        copy.forget();
      },
    };
  }

  /** Closes the copies. */
  async close(): Promise<void> {
    const places = await Promise.allSettled([...this.#places.values()]);
    this.#places.clear();
    await Promise.all(
      places.flatMap((place) => (place.status === 'fulfilled' ? [place.value.copy.close()] : [])),
    );
  }

  #place(lane: AttackLane): Promise<Place> {
    const known = this.#places.get(lane);
    if (known) return known;
    const place = this.#open(lane);
    this.#places.set(lane, place);
    // The next one to ask tries again.
    place.catch(() => this.#places.delete(lane));
    return place;
  }

  async #open(lane: AttackLane): Promise<Place> {
    const { makeCertificate, openDoor } = this.#options;
    const copy = await openStrangersCopy(lane === 'https' ? await makeCertificate() : undefined);
    try {
      const door = await openDoor(portOf(lane), copy.port);
      this.#doors.set(portOf(lane), door);
      return { copy, door };
    } catch (error) {
      await copy.close();
      throw error;
    }
  }
}

/** Tells the log of each forged answer, beside the true one that came too late. */
class Answers implements Forger {
  readonly #log: CaptureLog;
  readonly #epoch: number;
  /** Those that the true one has not followed yet. */
  #ahead: { readonly connection: ConnectionId; readonly forged: Uint8Array }[] = [];

  constructor(log: CaptureLog) {
    this.#log = log;
    this.#epoch = log.epoch;
  }

  answer(question: Uint8Array, connection: ConnectionId): Uint8Array | undefined {
    const forged = forgedAnswer(question, SITE, COPY_ADDRESS);
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
