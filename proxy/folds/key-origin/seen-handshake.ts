import type { ConnectionId } from '#contract';
import type { Direction } from '#dissectors/message.ts';
import { serverHelloFacts } from '#dissectors/tls/hello-facts.ts';
import { TLS_1_2, TLS_1_3 } from '#dissectors/tls/versions.ts';
import { hex } from '#dissectors/text.ts';
import { KeyLog, type LoggedSecrets, type SecretLabel } from '#keys/key-log.ts';
import { type SpokenMessage, SpokenHandshake } from '#keys/schedule/spoken-handshake.ts';
import { type Suite, suiteOf } from '#keys/suite.ts';
import type { WireConnection } from '../wire-connection.ts';
import { type Agreed, MessageParts } from './message-parts.ts';
import type { LendersWord, ToldValue } from './lenders-word.ts';

export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const CERTIFICATE = 11;
export const SERVER_KEY_EXCHANGE = 12;
export const CERTIFICATE_VERIFY = 15;
export const CLIENT_KEY_EXCHANGE = 16;
export const FINISHED = 20;

export const CLIENT = 'client-to-server';
export const SERVER = 'server-to-client';

// No handshake takes as many; what follows is data.
const MOST_RECORDS = 200;
const RANDOM = { start: 6, end: 38 };

/** The handshake of one connection as far as it is in clear, and further where keys are lent. */
export class SeenHandshake {
  readonly connection: ConnectionId;
  readonly agreed: Agreed;
  readonly suite: Suite;
  /** The ClientHello that the ServerHello answers. */
  readonly clientHello: MessageParts;
  readonly serverHello: MessageParts;
  readonly isOver: boolean;
  /** Undefined: no key is lent. */
  readonly told: LendersWord | undefined;
  /** The victim told the private half of its key share, whoever lends. */
  readonly tellsPrivateHalf: boolean;
  readonly #messages: readonly SpokenMessage[];

  private constructor(
    connection: ConnectionId,
    spoken: SpokenHandshake,
    settled: Pick<SeenHandshake, 'agreed' | 'suite' | 'clientHello' | 'serverHello'>,
    told: LendersWord | undefined,
    tellsPrivateHalf: boolean,
  ) {
    this.connection = connection;
    this.agreed = settled.agreed;
    this.suite = settled.suite;
    this.clientHello = settled.clientHello;
    this.serverHello = settled.serverHello;
    this.isOver = spoken.isOver;
    this.told = told;
    this.tellsPrivateHalf = tellsPrivateHalf;
    this.#messages = spoken.messages;
  }

  /** Undefined before both hellos, after they were dropped, and of versions and suites that are not undone here. */
  static of(
    wire: WireConnection,
    told: LendersWord | undefined,
    tellsPrivateHalf = false,
  ): SeenHandshake | undefined {
    const spoken = listen(wire, told?.secretsOf(wire.id) ?? new KeyLog());
    const server = spoken.messages.find(
      ({ type, direction, bytes }) =>
        type === SERVER_HELLO && direction === SERVER && !serverHelloFacts(bytes).retry,
    );
    if (!server) return undefined;
    const before = spoken.messages.slice(0, spoken.messages.indexOf(server));
    const client = before.findLast(({ type, direction }) => type === CLIENT_HELLO && direction === CLIENT);
    const { version, cipherSuite } = serverHelloFacts(server.bytes);
    const suite = suiteOf(cipherSuite);
    if (!client || !suite || (version !== TLS_1_2 && version !== TLS_1_3)) return undefined;
    const settled = {
      agreed: { version, cipherSuite },
      suite,
      clientHello: new MessageParts(client, wire.id),
      serverHello: new MessageParts(server, wire.id),
    };
    return new SeenHandshake(wire.id, spoken, settled, told, tellsPrivateHalf);
  }

  /** In the order in which they were said. */
  get messages(): readonly SpokenMessage[] {
    return this.#messages;
  }

  get clientRandom(): Uint8Array {
    return this.clientHello.range(RANDOM).bytes;
  }

  get serverRandom(): Uint8Array {
    return this.serverHello.range(RANDOM).bytes;
  }

  /** The first of this kind in its direction. */
  message(type: number, direction: Direction): MessageParts | undefined {
    const found = this.#messages.find((each) => each.type === type && each.direction === direction);
    return found && this.parts(found);
  }

  parts(message: SpokenMessage): MessageParts {
    return new MessageParts(message, this.connection, this.agreed);
  }

  /** Those of one direction after one message and before another, or to the end of what is known. */
  between(
    after: SpokenMessage,
    before: SpokenMessage | undefined,
    direction: Direction,
  ): readonly SpokenMessage[] {
    const end = before ? this.#messages.indexOf(before) : this.#messages.length;
    return this.#messages
      .slice(this.#messages.indexOf(after) + 1, end)
      .filter((message) => message.direction === direction);
  }

  /** Transcript-Hash of all that came before a message. */
  transcriptBefore(message: SpokenMessage | undefined): Uint8Array | undefined {
    // Its own is there only if nothing before it is missing.
    return message?.transcript && this.#messages[this.#messages.indexOf(message) - 1]?.transcript;
  }

  /** Whether the end that lends told anything of this connection. */
  get hasTold(): boolean {
    return this.told?.knows(this.connection, hex(this.clientRandom)) ?? false;
  }

  /** What an end lends under this label. */
  secret(label: SecretLabel): ToldValue | undefined {
    return this.told?.secret(this.connection, label, hex(this.clientRandom));
  }

  /** Why there is nothing under this label. */
  whyNoSecret(label: SecretLabel): string {
    if (!this.told) return 'Both ends have it, and neither lends it now.';
    return this.hasTold
      ? `The ${this.told.lender}’s key log has no ${label} for this connection.`
      : `The ${this.told.lender}, whose keys are lent, told nothing of this connection.`;
  }
}

function listen(wire: WireConnection, keyLog: LoggedSecrets): SpokenHandshake {
  const spoken = new SpokenHandshake(keyLog);
  const taken: Record<Direction, number> = { [CLIENT]: 0, [SERVER]: 0 };
  let records = 0;
  for (const { message } of wire.messages) {
    const { direction, start, end, protocol, complete } = message;
    if (!complete || spoken.isOver || ++records > MOST_RECORDS) break;
    if (start > taken[direction]) spoken.lose(direction);
    taken[direction] = end;
    const slice = wire.slice({ direction, start, end });
    if (protocol !== 'tls' || slice.start !== start) spoken.lose(direction);
    else spoken.push(direction, start, slice.bytes);
  }
  return spoken;
}
