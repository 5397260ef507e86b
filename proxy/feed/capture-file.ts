import type { LogEvent } from '#contract';
import type { Writable } from 'node:stream';
import type { CaptureLog } from '../capture/log.ts';
import { captureFile } from '../pcapng/capture-file.ts';
import { isSecret, type ToldSecret } from '../pcapng/statement.ts';
import { logPieces, writePieces } from './log-stream.ts';

const pieceBytes = 256 * 1024;

/**
 * Writes what the log holds now as a pcapng file, as fast as the reader takes it; secrets only when they are asked
 * for. When a new epoch cuts it short the connection is dropped, so that the reader knows that the file is not whole.
 */
export async function writeCaptureFile(
  log: CaptureLog,
  to: Writable,
  { withKeys = false }: { readonly withKeys?: boolean } = {},
): Promise<void> {
  const { epoch } = log;
  const secrets = withKeys ? { secrets: secretsIn(log) } : {};
  await writePieces(gathered(captureFile(logged(log), secrets)), to);
  if (log.epoch === epoch) to.end();
  else to.destroy();
}

/** Everything that was entered as a secret, and every key that was told, in order. */
export function secretsIn(log: CaptureLog): readonly ToldSecret[] {
  const secrets: ToldSecret[] = [];
  for (const event of logged(log)) {
    if (isSecret(event)) secrets.push(event);
  }
  return secrets;
}

/** `plainsight-YYYYMMDD-HHMMSS` and the ending, in local time. */
export function exportFileName(ending: string, now = new Date()): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `plainsight-${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}${ending}`;
}

function* logged(log: CaptureLog): Generator<LogEvent> {
  for (const events of logPieces(log, 0)) yield* events;
}

/** Blocks are small; a write for each would cost more than making them. */
function* gathered(blocks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for (const block of blocks) {
    waiting.push(block);
    bytes += block.length;
    if (bytes < pieceBytes) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (waiting.length > 0) yield Buffer.concat(waiting);
}
