export type Direction = 'client-to-server' | 'server-to-client';
export type MessageProtocol = 'http1' | 'websocket' | 'tls' | 'dns' | 'unknown';
/** `frame`: of WebSocket. */
export type MessageKind = 'request' | 'response' | 'record' | 'frame' | 'unknown';

/** What the head of an HTTP message says that its framing and its summary rest on. */
export interface HttpSummary {
  readonly method?: string;
  readonly target?: string;
  readonly status?: number;
  readonly contentType?: string;
  /** Bytes from the start of the message to the first byte of its body. */
  readonly headLength: number;
}

/** What a TLS record shows without any key. */
export interface TlsSummary {
  readonly contentType: number;
  /** Bytes of content after the five-byte header, as announced. */
  readonly length: number;
  /** Types of the handshake messages that begin in this record, when they are in clear. */
  readonly handshakeTypes: readonly number[];
  /** Bytes at the front that belong to a handshake message begun in an earlier record. */
  readonly carriedOver: number;
  /** The name that a ClientHello ending in this record asks for. */
  readonly serverName?: string;
  /** The version and the cipher suite that the hellos up to and in this record settled. */
  readonly version?: number;
  readonly cipherSuite?: number;
  /** What the place of a sealed record suggests that it is; never certain. */
  readonly guess?: 'handshake' | 'early-data' | 'alert';
}

/**
 * One message of one direction as a range of that direction's stream; its bytes are not kept here.
 * Exists from its first byte on and changes in place while it arrives, then never again.
 */
export interface Message {
  readonly direction: Direction;
  /** Half-open range in the direction's stream. */
  readonly start: number;
  readonly end: number;
  /** Nanoseconds since the epoch began, of the chunk with the first byte and of that with the last so far. */
  readonly time: number;
  readonly endTime: number;
  readonly protocol: MessageProtocol;
  readonly kind: MessageKind;
  readonly title: string;
  readonly detail?: string;
  readonly sealed: boolean;
  readonly complete: boolean;
  /** The request that this response answers. */
  readonly answers?: Message;
  readonly http?: HttpSummary;
  readonly tls?: TlsSummary;
}

/** The same, for the splitter that is still writing it. */
export type GrowingMessage = { -readonly [Key in keyof Message]: Message[Key] };

/** Where splitters put what they find; one per direction. */
export interface MessageSink {
  /** Begins a message at this position of the stream. */
  open(
    start: number,
    time: number,
    protocol: MessageProtocol,
    kind: MessageKind,
    title: string,
  ): GrowingMessage;
  /** Notes that a message changed. */
  touch(message: GrowingMessage): void;
}

/** A splitter gives up: from this index of the pushed bytes on, it cannot tell where messages begin. */
export interface Surrender {
  readonly from: number;
  readonly reason: string;
}

/** Cuts one direction of a connection into messages, in linear time and with bounded memory. */
export interface Splitter {
  /** Takes the next bytes; `offset` is the position of their first byte in the stream. */
  push(bytes: Uint8Array, offset: number, time: number): Surrender | undefined;
  /** Passes over bytes that are missing from the capture, if they lie where their content does not matter. */
  skip(length: number, offset: number, time: number): boolean;
  /** The direction has ended. */
  close(): void;
}
