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

// A look at a line is quick; this many of them are a few milliseconds.
const linesBetweenPauses = 4096;

export const keysLeftOut = 'More keys than can be read are in the file; the rest was left out.';

/** What became of the lines of a key log. */
interface Use {
  /** Lines that are keys by their form, those that were known before included. */
  usable: number;
  /** Of those, the ones that were not. */
  fresh: number;
  /** Keys of a connection whose ClientHello is in the capture, whether they were known or not. */
  fitting: number;
}

/**
 * Turns key logs into events that follow those of a capture: told by the victim, as who else would lend them, of the
 * connection whose ClientHello holds their random. Where there are several, nothing says of which: it may have been sent
 * again by a stranger, or captured at two places on its way.
 */
export class KeyLines {
  readonly found: SecretsLogged[] = [];
  readonly #last: LogEvent | undefined;
  readonly #known: Set<string>;
  readonly #connections: ReadonlyMap<string, readonly ConnectionId[]>;
  readonly #notes: Notes;

  constructor(events: readonly LogEvent[], notes: Notes) {
    this.#last = events.at(-1);
    this.#known = new Set(events.flatMap((event) => (event.type === 'secrets-logged' ? [event.line] : [])));
    this.#connections = connectionsByRandom(events);
    this.#notes = notes;
  }

  /** Takes the keys that are in the capture file itself. Pauses now and then. */
  *addOwn(text: string): Generator<undefined> {
    yield* this.#add(text);
  }

  /** Takes a key log that somebody gave beside the capture, and says so where it opens nothing of it. */
  *addGiven(text: string): Generator<undefined> {
    const use = yield* this.#add(text);
    if (text.trim() === '') this.#notes.say('The key log is empty.');
    else if (use.usable === 0) this.#notes.say('The key log has no usable line.');
    else if (this.#connections.size === 0)
      this.#notes.say('There is no TLS handshake in this capture for the key log to open.');
    else if (use.fitting === 0) {
      const size = [...this.#connections.values()].flat().length;
      const which = size === 1 ? 'the TLS connection' : `any of the ${size} TLS connections`;
      this.#notes.say(`The key log has no line for ${which} in this capture.`);
    } else if (use.fresh === 0)
      this.#notes.say('The key log holds no key that the capture does not have already.');
  }

  *#add(text: string): Generator<undefined, Use> {
    const use: Use = { usable: 0, fresh: 0, fitting: 0 };
    let count = 0;
    for (const line of lines(text)) {
      count += 1;
      if (count % linesBetweenPauses === 0) yield;
      if (!keyLine.test(line)) continue;
      use.usable += 1;
      const connections = this.#connections.get((line.split(' ')[1] ?? '').toLowerCase()) ?? [];
      if (connections.length > 0) use.fitting += 1;
      if (this.#known.has(line)) continue;
      use.fresh += 1;
      if (this.found.length >= limits.keyLogLines) {
        this.#notes.say(`Of the key log, no more than ${limits.keyLogLines} lines were read.`);
        break;
      }
      this.#tell(line, connections.length === 1 ? connections[0] : undefined);
    }
    return use;
  }

  #tell(line: string, connection: ConnectionId | undefined): void {
    if (!this.#last) return;
    const { epoch, time, seq } = this.#last;
    this.#known.add(line);
    const about = connection === undefined ? {} : { connection };
    const number = seq + this.found.length + 1;
    this.found.push({
      ...{ epoch, seq: number, time, type: 'secrets-logged', vantage: 'victim' },
      ...about,
      line,
    });
  }
}

function* lines(text: string): Generator<string> {
  try {
    for (const { line } of readSecretLines(text)) if (line !== undefined) yield line.trim();
  } catch (error) {
    // A comment that looks like one of ours; the lines behind it are lost with it.
    if (!(error instanceof SyntaxError)) throw error;
  }
}

/** The TLS connections whose ClientHello is there from its first byte on, in whatever pieces it came. */
function connectionsByRandom(events: readonly LogEvent[]): ReadonlyMap<string, readonly ConnectionId[]> {
  const beginnings = new Map<ConnectionId, Uint8Array>();
  for (const event of events) {
    if (event.type !== 'bytes-captured' || event.direction !== 'client-to-server') continue;
    const known = beginnings.get(event.connection) ?? new Uint8Array();
    if (event.offset !== known.length || known.length >= randomEnd) continue;
    beginnings.set(event.connection, joined(known, event.bytes.subarray(0, randomEnd - known.length)));
  }
  const connections = new Map<string, ConnectionId[]>();
  for (const [connection, bytes] of beginnings) {
    if (bytes[0] !== 22 || bytes[5] !== 1 || bytes.length !== randomEnd) continue;
    const random = hex(bytes, randomStart, randomEnd);
    const same = connections.get(random);
    if (same) same.push(connection);
    else connections.set(random, [connection]);
  }
  return connections;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
