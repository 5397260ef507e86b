import type { AttackLane, ConnectionId, ConnectionOpened } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import { type AttackLab, portOf, SITE } from './attack.ts';
import { type Forger, ForgedAnswers } from './forged-answers.ts';
import { type Misled, MisledVisits } from './misled-visits.ts';
import { openConnections } from './open-connections.ts';
import { openStrangersCopy, type StrangersCopy } from './strangers-copy.ts';

export interface NameForgerOptions {
  readonly log: CaptureLog;
  /** Lets it answer the scripted victim's look-ups, until the function it returns is called. */
  readonly answerFirst: (forger: Forger) => () => void;
  /** A certificate for the site's name that anybody can make; asked once. */
  readonly makeCertificate: () => Promise<{ readonly keyPem: string; readonly certificatePem: string }>;
  /** Opens the relay's port through which the scripted victim gets to a server on this loopback port; asked once a lane. */
  readonly openDoor: (port: number, targetPort: number) => Promise<number>;
  /** Breaks a connection off; without it, those that are open go on. */
  readonly cut?: (connection: ConnectionId) => void;
}

/** As long as the stranger lies: what has come of it, and how it ends. */
export interface Lie {
  readonly copy: Pick<StrangersCopy, 'requests' | 'logins'>;
  stop(): void;
}

/** As long as the stranger lies to whoever comes, on both lanes. */
export interface Ambush {
  /** What a copy was told over this connection; undefined where it did not lead to one. */
  at(opened: ConnectionOpened): Misled | undefined;
  /** Nobody is with a copy any more, and nobody is led to one. */
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
  readonly #misled: MisledVisits;

  constructor(options: NameForgerOptions) {
    this.#options = options;
    this.#misled = new MisledVisits(options.log);
  }

  /** The relay's loopback port for what stands at this address and virtual port; undefined where nothing does. */
  door(address: string, port: number): number | undefined {
    return address === COPY_ADDRESS ? this.#doors.get(port) : undefined;
  }

  /** From now on whoever looks the site up in clear gets the stranger's answer first, until the lie is stopped. */
  async begin(lane: AttackLane): Promise<Lie> {
    const { copy } = await this.#place(lane);
    copy.forget();
    const answers = new ForgedAnswers(this.#options.log, COPY_ADDRESS);
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

  /**
   * From now on whoever looks the site up in clear gets the stranger's answer first, and the demo browser, which asks no
   * resolver, is led to the copies on its way, what it has open broken off; until the ambush is stopped.
   */
  async lieInWait(leadAway: AttackLab['leadAway']): Promise<Ambush> {
    const places = { http: await this.#place('http'), https: await this.#place('https') };
    const copies = [places.http.copy, places.https.copy];
    const addresses = copies.map(({ port }) => `127.0.0.1:${port}`);
    this.#misled.forget();
    const answers = new ForgedAnswers(this.#options.log, COPY_ADDRESS);
    const leadBack = (['http', 'https'] as const).map((lane) =>
      leadAway({
        ...{ name: SITE, port: portOf(lane), openers: ['demo-browser'] },
        target: () => ({ host: '127.0.0.1', port: places[lane].copy.port }),
      }),
    );
    const withdraw = this.#options.answerFirst(answers);
    // It keeps connections for later, and would ask the site itself on them.
    const kept = openConnections(
      this.#options.log,
      ({ opener, server }) => opener === 'demo-browser' && server.name === SITE,
    );
    for (const connection of kept) this.#options.cut?.(connection);
    return {
      at: ({ connection, server }) =>
        addresses.includes(server.address) ? this.#misled.on(connection) : undefined,
      stop: () => {
        withdraw();
        for (const lead of leadBack) lead();
        answers.end();
        for (const copy of copies) {
          copy.dropConnections();
          copy.forget();
        }
        this.#misled.forget();
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
    const secure = lane === 'https' ? await makeCertificate() : undefined;
    const copy = await openStrangersCopy(secure, (word) => this.#misled.hear(word));
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
