import type { Message } from '../message.ts';

export type FrameKind = 'text' | 'binary' | 'close' | 'ping' | 'pong' | 'reserved';

/** What is wrong with a frame that can still be told apart from the next, and which of its bytes says so. */
export interface FrameFault {
  readonly byte: 0 | 1;
  readonly why: string;
}

/** What a frame is, by its header and by the frames before it. */
export interface FrameSummary {
  readonly fromClient: boolean;
  readonly opcode: number;
  /** Of a continuation: the kind of the message it continues. */
  readonly kind: FrameKind;
  /** Which part of a message that may be spread over several frames (RFC 6455, 5.4). */
  readonly part: 'whole' | 'first' | 'middle' | 'last';
  /** Its message was compressed with permessage-deflate (RFC 7692, 6). */
  readonly compressed: boolean;
  readonly masked: boolean;
  readonly headLength: number;
  readonly payloadLength: number;
  readonly faults: readonly FrameFault[];
}

/** A frame as a message of its connection; `frame` is there once its header is. */
export interface FrameMessage extends Message {
  readonly frame?: FrameSummary;
}

/** What the splitter found out about a frame; undefined while its header is still arriving. */
export function frameOf(message: Message): FrameSummary | undefined {
  return (message as FrameMessage).frame;
}
