import type { LogEvent } from '#contract';
import type { Writable } from 'node:stream';
import type { CaptureLog } from '../capture/log.ts';
import { logPieces, writePieces } from './log-stream.ts';

/** Writes the events after `seq` as JSON lines, bytes in base64, as fast as the reader takes them. */
export async function writeEventLines(log: CaptureLog, seq: number, to: Writable): Promise<void> {
  await writePieces(lines(log, seq), to);
  to.end();
}

function* lines(log: CaptureLog, seq: number): Generator<string> {
  for (const events of logPieces(log, seq)) yield events.map(asLine).join('');
}

function asLine(event: LogEvent): string {
  if (event.type === 'bytes-captured') return `${JSON.stringify({ ...event, bytes: base64(event.bytes) })}\n`;
  if (event.type === 'certificate-received') {
    const { chain, trusted } = event;
    return `${JSON.stringify({ ...event, chain: chain.map(base64), trusted: trusted.map(base64) })}\n`;
  }
  if (event.type === 'private-key-leaked') return `${JSON.stringify({ ...event, key: base64(event.key) })}\n`;
  if (event.type === 'key-share-told')
    return `${JSON.stringify({ ...event, privateKey: base64(event.privateKey) })}\n`;
  if (event.type === 'attack-acted') {
    const { before, after, ...rest } = event;
    const bytes = { ...(before && { before: base64(before) }), ...(after && { after: base64(after) }) };
    return `${JSON.stringify({ ...rest, ...bytes })}\n`;
  }
  return `${JSON.stringify(event)}\n`;
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
