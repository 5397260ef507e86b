import type { AttackId, Opener, ServerEndpoint } from '#contract';
import type { Message } from '#dissectors/message.ts';

/** A connection as whoever stands in the middle knows it. */
export interface Passer {
  readonly opener: Opener;
  readonly server: ServerEndpoint;
  /** Whether its route ends in a TLS server. */
  readonly tls: boolean;
}

/** These bytes are to go on in place of `[start, end)` of a message; the stretches of one message do not overlap. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** What an attack does on one connection. What it throws ends its work there, and the bytes go on as they are. */
export interface Tamperer {
  /**
   * Asked once of each message whose beginning has not passed yet, as soon as its head (HTTP) or its record header
   * (TLS) has come. One that it wants is held until it is whole.
   */
  wants(message: Message): boolean;
  /** The whole message, as captured. Answers nothing where it is to pass as it is. */
  edit(message: Message, bytes: Uint8Array): readonly Edit[];
}

/** An attack that changes what passes. */
export interface Tampering {
  readonly attack: AttackId;
  /** Asked of each connection, old and new; undefined lets it pass untouched. */
  meet(passer: Passer): Tamperer | undefined;
}
