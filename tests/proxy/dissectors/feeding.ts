import type { Direction } from '#contract';
import { ConnectionDissector } from '#dissectors/connection.ts';
import type { Field } from '#dissectors/field.ts';
import { explainHttp } from '#dissectors/http1/explain.ts';
import type { Message } from '#dissectors/message.ts';
import { explainRecord } from '#dissectors/tls/explain.ts';
import { recordContext } from '#dissectors/tls/record.ts';
import { explainFrame } from '#dissectors/websocket/explain.ts';
import { frameOf } from '#dissectors/websocket/frame-message.ts';
import { expect } from 'vitest';
import type { VectorChunk } from '../../vectors/vector.ts';

/** What stays of a message when it does not matter in which chunks, and so when, it came. */
export type Timeless = Omit<Message, 'answers'> & {
  readonly answers?: string | undefined;
};

export function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function sent(text: string): VectorChunk {
  return { direction: 'client-to-server', bytes: textBytes(text) };
}

export function answered(text: string): VectorChunk {
  return { direction: 'server-to-client', bytes: textBytes(text) };
}

/** The same bytes in pieces of at most `size`. */
export function inPieces(chunks: readonly VectorChunk[], size: number): readonly VectorChunk[] {
  return chunks.flatMap(({ direction, bytes }) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => ({
      direction,
      bytes: bytes.subarray(index * size, (index + 1) * size),
    })),
  );
}

/** Feeds chunks to a dissector and closes it; returns the messages in the order in which they began. */
export function dissect(chunks: readonly VectorChunk[], close = true): readonly Message[] {
  const dissector = new ConnectionDissector();
  const messages = new Set<Message>();
  const offsets = { 'client-to-server': 0, 'server-to-client': 0 };
  let time = 0;
  for (const { direction, bytes } of chunks) {
    for (const message of dissector.push(direction, offsets[direction], bytes, ++time)) messages.add(message);
    offsets[direction] += bytes.length;
  }
  if (close) for (const message of dissector.close()) messages.add(message);
  return [...messages];
}

/** The messages of each direction, without what depends on the chunks. */
export function timeless(messages: readonly Message[]): Readonly<Record<Direction, readonly Timeless[]>> {
  const of = (wanted: Direction) =>
    messages
      .filter(({ direction }) => direction === wanted)
      .map((message) => ({ ...message, time: 0, endTime: 0, answers: message.answers?.title }));
  return { 'client-to-server': of('client-to-server'), 'server-to-client': of('server-to-client') };
}

/** Explains a message from the stream of its direction. */
export function explain(
  message: Message,
  stream: Uint8Array,
): { bytes: Uint8Array; field: Field } | undefined {
  const bytes = stream.subarray(message.start, message.end);
  if (message.protocol === 'http1') {
    const kind = message.kind === 'response' ? 'response' : 'request';
    return { bytes, field: explainHttp(bytes, kind, !message.complete) };
  }
  if (message.protocol === 'websocket')
    return { bytes, field: explainFrame(bytes, frameOf(message), !message.complete) };
  if (message.protocol !== 'tls') return undefined;
  return { bytes, field: explainRecord(bytes, recordContext(message), !message.complete) };
}

/** Children lie inside their parent, in order and without a gap; so leaves cover every byte. */
export function expectCovered(field: Field, length: number): void {
  expect(coverageFault(field, length)).toBeUndefined();
}

/** Where a tree leaves bytes out or takes them twice. */
export function coverageFault(field: Field, length: number): string | undefined {
  const { start, end } = field.range;
  return start === 0 && end === length
    ? uncovered(field)
    : `${field.name} covers ${start} to ${end} of ${length}`;
}

function uncovered(field: Field): string | undefined {
  if (!field.children) return undefined;
  let at = field.range.start;
  for (const child of field.children) {
    if (child.range.start !== at || child.range.end < at)
      return `${child.name} at ${child.range.start}, expected ${at}`;
    const inside = uncovered(child);
    if (inside !== undefined) return inside;
    at = child.range.end;
  }
  return at === field.range.end ? undefined : `${field.name} ends at ${field.range.end}, its parts at ${at}`;
}

/** Everything malformed in a tree. */
export function malformations(field: Field): readonly string[] {
  const own = field.malformed === undefined ? [] : [field.malformed];
  return [...own, ...(field.children ?? []).flatMap(malformations)];
}
