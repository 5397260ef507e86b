import type { ConnectionId } from '#contract';
import { findField, findFields } from '#dissectors/byte-reader.ts';
import type { ByteRange, Field } from '#dissectors/field.ts';
import { explainHandshake } from '#dissectors/tls/handshake.ts';
import type { SpokenMessage } from '#keys/schedule/spoken-handshake.ts';
import type { StreamRange } from '../view.ts';

/** Some bytes of a handshake message, and where they lie on the wire. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly places: readonly StreamRange[];
}

/** What the hellos settled, without which later messages cannot be read. */
export interface Agreed {
  readonly version: number;
  readonly cipherSuite: number;
}

/** A handshake message taken apart by the dissector that also shows it. */
export class MessageParts {
  readonly message: SpokenMessage;
  readonly #connection: ConnectionId;
  readonly #field: Field;

  constructor(message: SpokenMessage, connection: ConnectionId, agreed?: Agreed) {
    this.message = message;
    this.#connection = connection;
    this.#field = explainHandshake(message.bytes, { ...agreed, from: message.direction });
  }

  /** The whole message, header included. */
  get whole(): Part {
    return this.range({ start: 0, end: this.message.bytes.length });
  }

  range(range: ByteRange): Part {
    const { bytes, direction } = this.message;
    return {
      bytes: bytes.subarray(range.start, range.end),
      places: this.message
        .places(range)
        .map((place) => ({ connection: this.#connection, direction, ...place })),
    };
  }

  field(name: string): Field | undefined {
    return findField(this.#field, name);
  }

  part(name: string): Part | undefined {
    const field = this.field(name);
    return field && this.range(field.range);
  }

  number(name: string): number | undefined {
    const value = this.field(name)?.value;
    return typeof value === 'number' ? value : undefined;
  }

  hasExtension(type: number): boolean {
    return findFields(this.#field, 'tls.handshake.extension.type').some(({ value }) => value === type);
  }

  /** The groups of the key shares in it, each with its public key (RFC 8446, 4.2.8). */
  keyShares(): readonly { readonly group: number; readonly key: Part }[] {
    const groups = findFields(this.#field, 'tls.handshake.extensions_key_share_group');
    const keys = findFields(this.#field, 'tls.handshake.extensions_key_share_key_exchange');
    return groups.flatMap(({ value }, at) => {
      const key = keys[at];
      return typeof value === 'number' && key ? [{ group: value, key: this.range(key.range) }] : [];
    });
  }
}
