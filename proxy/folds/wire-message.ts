import type { Message } from '#dissectors/message.ts';
import type { MessageView } from './view.ts';
import type { WireConnection } from './wire-connection.ts';

/** A message with its place in the capture. Built from wire events alone, like its connection. */
export class WireMessage {
  readonly message: Message;
  readonly connection: WireConnection;
  /** Rises with the time of the first byte, over all connections. */
  readonly order: number;
  #key: string | undefined;
  #view: MessageView | undefined;

  constructor(message: Message, connection: WireConnection, order: number) {
    this.message = message;
    this.connection = connection;
    this.order = order;
  }

  /** As in `MessageView`. */
  get key(): string {
    return (this.#key ??= `${this.connection.id}:${this.message.direction}:${this.message.start}`);
  }

  /** The message grew, or turned out to be something: the next view is another object. */
  changed(): void {
    this.#view = undefined;
  }

  view(): MessageView {
    return (this.#view ??= this.#snapshot());
  }

  #snapshot(): MessageView {
    const { direction, start, end, time, protocol, kind, title, detail, sealed, complete } = this.message;
    const place = { key: this.key, connection: this.connection.id, direction, start, end, time };
    const said = { protocol, kind, title, sealed, complete };
    return detail === undefined ? { ...place, ...said } : { ...place, ...said, detail };
  }
}
