import type { LogEvent } from '#contract';
import type { Writable } from 'node:stream';
import type { CaptureLog } from '../capture/log.ts';
import { logPieces, writePieces } from './log-stream.ts';

/** Writes the events after `seq` as JSON lines, `bytes` in base64, as fast as the reader takes them. */
export async function writeEventLines(log: CaptureLog, seq: number, to: Writable): Promise<void> {
  await writePieces(lines(log, seq), to);
  to.end();
}

function* lines(log: CaptureLog, seq: number): Generator<string> {
  for (const events of logPieces(log, seq)) yield events.map(asLine).join('');
}

function asLine(event: LogEvent): string {
  if (event.type !== 'bytes-captured') return `${JSON.stringify(event)}\n`;
  const { buffer, byteOffset, byteLength } = event.bytes;
  const bytes = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  return `${JSON.stringify({ ...event, bytes })}\n`;
}
