/**
 * What a line of a key log can hold: a label, the client random that says whose secret it is, and the secret
 * (SSLKEYLOGFILE format, RFC 9850, 2).
 */
const SECRET_LENGTHS = {
  CLIENT_RANDOM: [48],
  CLIENT_EARLY_TRAFFIC_SECRET: [32, 48],
  EARLY_EXPORTER_SECRET: [32, 48],
  EARLY_EXPORTER_MASTER_SECRET: [32, 48],
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: [32, 48],
  SERVER_HANDSHAKE_TRAFFIC_SECRET: [32, 48],
  CLIENT_TRAFFIC_SECRET_0: [32, 48],
  SERVER_TRAFFIC_SECRET_0: [32, 48],
  EXPORTER_SECRET: [32, 48],
} as const satisfies Readonly<Record<string, readonly number[]>>;

export type SecretLabel = keyof typeof SECRET_LENGTHS;

/** A line that could not be used, and why; the reason never repeats a secret. */
export interface KeyLogFault {
  /** Counted from 1 within the text it came in. */
  readonly line: number;
  readonly reason: string;
}

// A client random in hex; also bounds what a line can make this remember.
const RANDOM = /^[0-9a-f]{64}$/i;
const HEX = /^(?:[0-9a-f]{2})+$/i;
const SPACE = /[ \t]+/;

/** What opens the records of a connection; the client random is that of its ClientHello, in hex. */
export interface LoggedSecrets {
  /** Whether it has any secret of the connection with this client random. */
  knows(clientRandom: string): boolean;
  secret(label: SecretLabel, clientRandom: string): Uint8Array | undefined;
}

/** By label, of one connection; `undefined` is whatever connection a line is of that was told of none. */
type Told = Map<number | undefined, Map<SecretLabel, Uint8Array>>;

/**
 * The secrets of a key log by client random, connection and label. Lines can be added at any time. Whoever sends a
 * recorded ClientHello again makes a second connection with the same client random, and the site answers it with other
 * secrets: so a line may say which connection it is of, and the first that was told of a label stands.
 */
export class KeyLog implements LoggedSecrets {
  readonly #secrets = new Map<string, Told>();

  /** How many connections it has secrets for. */
  get size(): number {
    let size = 0;
    for (const told of this.#secrets.values())
      size += Math.max(1, told.has(undefined) ? told.size - 1 : told.size);
    return size;
  }

  /**
   * Takes text in SSLKEYLOGFILE form, any line ends, `#` before a remark; returns the lines it could not use.
   * `connection`: which one it was told of, where that is known.
   */
  add(text: string, connection?: number): readonly KeyLogFault[] {
    const faults: KeyLogFault[] = [];
    for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
      const reason = this.#take(line.trim(), connection);
      if (reason !== undefined) faults.push({ line: index + 1, reason });
    }
    return faults;
  }

  knows(clientRandom: string): boolean {
    return this.#secrets.has(clientRandom.toLowerCase());
  }

  /** Forgets the secrets of a connection: with this client random, or of those that have it, this one. */
  forget(clientRandom: string, connection?: number): void {
    const name = clientRandom.toLowerCase();
    const told = this.#secrets.get(name);
    if (connection !== undefined) told?.delete(connection);
    // A line that was told of no connection was of one that had this client random.
    if (connection === undefined || [...(told?.keys() ?? [])].every((other) => other === undefined))
      this.#secrets.delete(name);
  }

  /** Of whatever connection has this client random: of none in particular where there is such a line, else of the first. */
  secret(label: SecretLabel, clientRandom: string): Uint8Array | undefined {
    const told = this.#secrets.get(clientRandom.toLowerCase());
    const loose = told?.get(undefined)?.get(label);
    if (!told || loose) return loose;
    for (const secrets of told.values()) {
      const secret = secrets.get(label);
      if (secret) return secret;
    }
    return undefined;
  }

  /** What was told of this connection, or of none in particular; goes on to hold what is told later. */
  of(connection: number): LoggedSecrets {
    const told = (clientRandom: string) => this.#secrets.get(clientRandom.toLowerCase());
    return {
      knows: (clientRandom) => [connection, undefined].some((each) => told(clientRandom)?.has(each) ?? false),
      secret: (label, clientRandom) =>
        told(clientRandom)?.get(connection)?.get(label) ?? told(clientRandom)?.get(undefined)?.get(label),
    };
  }

  #take(line: string, connection: number | undefined): string | undefined {
    if (line === '' || line.startsWith('#')) return undefined;
    const [label = '', random = '', secret = '', ...more] = line.replace(/^\uFEFF/, '').split(SPACE);
    if (!isLabel(label)) return 'Begins with no label that is known here.';
    if (secret === '' || more.length > 0) return `${label} takes a client random and a secret.`;
    if (!RANDOM.test(random)) return `The client random of ${label} is not 64 hex digits.`;
    const lengths: readonly number[] = SECRET_LENGTHS[label];
    if (!HEX.test(secret) || !lengths.includes(secret.length / 2))
      return `The secret of ${label} is not ${lengths.join(' or ')} bytes in hex.`;
    const key = random.toLowerCase();
    const told = this.#secrets.get(key) ?? (new Map() as Told);
    const known = told.get(connection) ?? new Map<SecretLabel, Uint8Array>();
    this.#secrets.set(key, told.set(connection, known));
    if (!known.has(label)) known.set(label, fromHex(secret));
    return undefined;
  }
}

function isLabel(label: string): label is SecretLabel {
  return Object.hasOwn(SECRET_LENGTHS, label);
}

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}
