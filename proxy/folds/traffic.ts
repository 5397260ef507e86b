import type { Message, MessageProtocol } from '#dissectors/message.ts';

export type LaneName = 'http' | 'https';

const APPLICATION_DATA = 23;

/** What a connection has carried so far, kept up to date message by message. */
export class Traffic {
  #clientLane: LaneName | undefined;
  #serverLane: LaneName | undefined;
  #first: Message | undefined;
  #arriving: Message | undefined;
  #carriesRequest = false;
  #aside: string | undefined;
  #alert: string | undefined;

  /** By the protocol that the client speaks, else the server. */
  get lane(): LaneName | undefined {
    return this.#clientLane ?? this.#serverLane;
  }

  /** A request that may be part of a login; one that is still arriving counts, until it says what it is. */
  get carriesRequest(): boolean {
    return this.#carriesRequest || this.#arriving !== undefined;
  }

  /** Why none of its requests belongs to a login. */
  get aside(): string | undefined {
    return this.#aside;
  }

  /** The first alert in clear. */
  get alert(): string | undefined {
    return this.#alert;
  }

  /** What the client sent first, else the server. */
  get first(): Message | undefined {
    return this.#first;
  }

  note(message: Message): void {
    const lane = laneOf(message.protocol);
    const fromClient = message.direction === 'client-to-server';
    if (fromClient) this.#clientLane ??= lane;
    else this.#serverLane ??= lane;
    if (!this.#first || (fromClient && this.#first.direction !== 'client-to-server')) this.#first = message;
    if (message.title === 'Alert') this.#alert ??= message.detail;
    if (isRequest(message)) this.#noteRequest(message);
  }

  #noteRequest(message: Message): void {
    if (message.protocol === 'http1' && message.http === undefined) {
      this.#arriving = message;
      return;
    }
    if (this.#arriving === message) this.#arriving = undefined;
    const aside = asideReason(message);
    if (aside === undefined) this.#carriesRequest = true;
    else this.#aside ??= aside;
  }
}

/** A connection that went on in WebSocket is still one in clear. */
function laneOf(protocol: MessageProtocol): LaneName | undefined {
  if (protocol === 'tls') return 'https';
  return protocol === 'http1' || protocol === 'websocket' ? 'http' : undefined;
}

/** The browser asks for these by itself, and gets its answers; they are no part of a login. */
export function asideReason(message: Message): string | undefined {
  const target = (message.answers ?? message).http?.target;
  if (target === undefined) return undefined;
  if (/^\/(favicon|apple-touch-icon)[^/]*$/.test(target))
    return 'Favicon: the browser asks for it by itself.';
  if (target.startsWith('/.well-known/')) return 'The browser asks for it by itself.';
  return undefined;
}

/** A readable request, or a sealed record of the client that is no part of the handshake. */
export function isRequest(message: Message): boolean {
  return message.direction === 'client-to-server' && (message.protocol === 'http1' || isSealedData(message));
}

/** Application data beyond the handshake, and with room for more than an alert. */
export function isSealedData(message: Message): boolean {
  const guess = message.tls?.guess;
  return message.tls?.contentType === APPLICATION_DATA && guess !== 'handshake' && guess !== 'alert';
}
