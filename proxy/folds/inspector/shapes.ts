import type { MessageKind, MessageProtocol } from '#dissectors/message.ts';
import type { ConnectionId, Opener, ServerEndpoint, Transport } from '#contract';
import type { LentRecord } from '../lent-record.ts';
import type { LaneName } from '../traffic.ts';
import type { StreamRange } from '../view.ts';

/** What a list of messages can be narrowed to; what is absent narrows nothing. */
export interface MessageFilter {
  /** The server's name, exactly. */
  readonly host?: string;
  readonly lane?: LaneName | 'other';
  readonly protocol?: MessageProtocol;
  readonly connection?: ConnectionId;
  /** Found in a title, in a detail, or in the bytes of the message as UTF-8, whatever its case; while keys are lent, also inside a record. */
  readonly text?: string;
}

/** One message as a row of the list. `key` is `connection:direction:start`, stable for the life of the epoch. */
export interface MessageRow extends StreamRange {
  readonly key: string;
  /** Place in the whole list, counted from 0 by time of the first byte. */
  readonly index: number;
  /** Nanoseconds since the epoch began. */
  readonly time: number;
  readonly host: string;
  readonly lane: LaneName | 'other';
  readonly protocol: MessageProtocol;
  readonly kind: MessageKind;
  readonly title: string;
  readonly detail?: string;
  readonly sealed: boolean;
  readonly complete: boolean;
  /** What a lent key makes of it; absent while none is lent. Everything else of a row is from the wire. */
  readonly lent?: LentRecord;
}

/** One connection as an entry of the list to choose from. */
export interface ConnectionRow {
  readonly connection: ConnectionId;
  readonly transport: Transport;
  readonly opener: Opener;
  readonly server: ServerEndpoint;
  readonly lane: LaneName | 'other';
  readonly messages: number;
  readonly bytes: number;
  /** Nanoseconds since the epoch began. */
  readonly openedAt: number;
  readonly closedAt?: number;
}
