import type { ConnectionId, LogEvent, SecretsLogged } from '#contract';
import { hex } from '#dissectors/text.ts';
import { readSecretLines } from '../pcapng/statement.ts';
import { limits } from './limits.ts';
import type { Notes } from './notes.ts';

/** A label, the client's random or what else names the connection, and the secret (the SSLKEYLOGFILE format). */
const keyLine = /^[A-Za-z0-9_]{1,64} [0-9a-fA-F]{16,64} [0-9a-fA-F]{2,512}$/;

// Where a ClientHello at the beginning of a stream has its random: behind two headers and the legacy version.
const randomStart = 11;
const randomEnd = randomStart + 32;

/**
 * The keys in the text of a key log, as events that follow the given ones: told by the victim, as who else would
 * lend them, of the connection whose ClientHello holds their random.
 */
export function keyEvents(text: string, events: readonly LogEvent[], notes: Notes): readonly SecretsLogged[] {
  const last = events.at(-1);
  if (last === undefined) return [];
  const { epoch, time } = last;
  const known = new Set(events.flatMap((event) => (event.type === 'secrets-logged' ? [event.line] : [])));
  const connections = connectionsByRandom(events);
  const found: SecretsLogged[] = [];
  for (const line of lines(text)) {
    if (!keyLine.test(line) || known.has(line)) continue;
    known.add(line);
    if (found.length >= limits.keyLogLines) {
      notes.say(`Of the key log, no more than ${limits.keyLogLines} lines were read.`);
      break;
    }
    const connection = connections.get((line.split(' ')[1] ?? '').toLowerCase());
    const about = connection === undefined ? {} : { connection };
    const seq = last.seq + found.length + 1;
    found.push({ epoch, seq, time, type: 'secrets-logged', vantage: 'victim', ...about, line });
  }
  return found;
}

function* lines(text: string): Generator<string> {
  try {
    for (const { line } of readSecretLines(text)) if (line !== undefined) yield line.trim();
  } catch (error) {
    // A comment that looks like one of ours; the lines behind it are lost with it.
    if (!(error instanceof SyntaxError)) throw error;
  }
}

function connectionsByRandom(events: readonly LogEvent[]): ReadonlyMap<string, ConnectionId> {
  const connections = new Map<string, ConnectionId>();
  for (const event of events) {
    if (event.type !== 'bytes-captured' || event.offset !== 0) continue;
    const { bytes, connection, direction } = event;
    const isHello = direction === 'client-to-server' && bytes[0] === 22 && bytes[5] === 1;
    if (isHello && bytes.length >= randomEnd) connections.set(hex(bytes, randomStart, randomEnd), connection);
  }
  return connections;
}
