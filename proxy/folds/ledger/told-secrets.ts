import type { ConnectionId, SecretsLogged } from '#contract';
import { KeyLog } from '#keys/key-log.ts';
import { toldSecret } from '#keys/told-secret.ts';
import type { MarkedSecret } from './shared-secrets.ts';

type Teller = 'victim' | 'site';

interface Line {
  readonly line: string;
  readonly by: Teller;
}

interface Told {
  readonly lines: Line[];
  marked: { readonly lines: number; readonly secrets: readonly MarkedSecret[] } | undefined;
}

// More than a ledger shows; each has some ten lines.
const MOST_CONNECTIONS = 500;
// Both ends of a connection with early data tell eight each.
const MOST_LINES = 32;
const RANDOM = /^\S+[ \t]+([0-9a-f]{64})[ \t]/i;
const NONE: readonly MarkedSecret[] = [];

/** The secrets that the ends told, by connection. They are marked when they are asked for, not as they come. */
export class ToldSecrets {
  /** By client random and connection, which is empty where a line was told of none: two may have the same random. */
  readonly #told = new Map<string, Told>();
  readonly #randoms = new Map<ConnectionId, string>();

  apply({ line, vantage, connection }: SecretsLogged): void {
    const random = RANDOM.exec(line.trim())?.[1]?.toLowerCase();
    if (random === undefined) return;
    const key = keyOf(random, connection);
    const told = this.#told.get(key) ?? { lines: [], marked: undefined };
    this.#told.set(key, told);
    if (connection !== undefined) this.#randoms.set(connection, random);
    if (told.lines.length < MOST_LINES) told.lines.push({ line, by: vantage });
    dropOldest(this.#told);
    dropOldest(this.#randoms);
  }

  /** The client random, from the wire or else as an end told it of this connection; in hex. */
  randomOf(connection: ConnectionId, onWire: string | undefined): string | undefined {
    return onWire ?? this.#randoms.get(connection);
  }

  /** The same list as before as long as nothing was told. */
  of(connection: ConnectionId, random: string | undefined): readonly MarkedSecret[] {
    if (random === undefined) return NONE;
    const told = this.#told.get(keyOf(random, connection)) ?? this.#told.get(keyOf(random, undefined));
    if (!told) return NONE;
    const lines = this.#lines(connection, random);
    // Lines are only ever added.
    if (told.marked?.lines !== lines.length) told.marked = { lines: lines.length, secrets: marked(lines) };
    return told.marked.secrets;
  }

  /** What opens this connection's records. */
  keyLog(connection: ConnectionId, random: string): KeyLog {
    const keyLog = new KeyLog();
    for (const { line } of this.#lines(connection, random)) keyLog.add(line);
    return keyLog;
  }

  /** Those of the connection, then those that were told of none. */
  #lines(connection: ConnectionId, random: string): readonly Line[] {
    return [connection, undefined].flatMap((each) => this.#told.get(keyOf(random, each))?.lines ?? []);
  }
}

function keyOf(random: string, connection: ConnectionId | undefined): string {
  return `${random} ${connection ?? ''}`;
}

/** One entry a label and secret, with all who told it; in the order in which they were told. */
function marked(lines: readonly Line[]): readonly MarkedSecret[] {
  const secrets = new Map<string, MarkedSecret>();
  for (const { line, by } of lines) {
    const secret = toldSecret(line);
    if (!secret) continue;
    const { label, fingerprint } = secret;
    const key = `${label} ${fingerprint}`;
    const toldBy = new Set(secrets.get(key)?.toldBy).add(by);
    secrets.set(key, { label, fingerprint, toldBy: [...toldBy] });
  }
  return [...secrets.values()];
}

function dropOldest(map: Map<unknown, unknown>): void {
  for (const oldest of map.keys()) {
    if (map.size <= MOST_CONNECTIONS) return;
    map.delete(oldest);
  }
}
