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

/** The secrets of a key log by connection and label. Lines can be added at any time. */
export class KeyLog {
  readonly #secrets = new Map<string, Map<SecretLabel, Uint8Array>>();

  /** How many connections it has secrets for. */
  get size(): number {
    return this.#secrets.size;
  }

  /** Takes text in SSLKEYLOGFILE form, any line ends, `#` before a remark; returns the lines it could not use. */
  add(text: string): readonly KeyLogFault[] {
    const faults: KeyLogFault[] = [];
    for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
      const reason = this.#take(line.trim());
      if (reason !== undefined) faults.push({ line: index + 1, reason });
    }
    return faults;
  }

  /** Whether it has any secret of the connection with this client random (in hex). */
  knows(clientRandom: string): boolean {
    return this.#secrets.has(clientRandom.toLowerCase());
  }

  /** Forgets the secrets of a connection. */
  forget(clientRandom: string): void {
    this.#secrets.delete(clientRandom.toLowerCase());
  }

  secret(label: SecretLabel, clientRandom: string): Uint8Array | undefined {
    return this.#secrets.get(clientRandom.toLowerCase())?.get(label);
  }

  #take(line: string): string | undefined {
    if (line === '' || line.startsWith('#')) return undefined;
    const [label = '', random = '', secret = '', ...more] = line.replace(/^\uFEFF/, '').split(SPACE);
    if (!isLabel(label)) return 'Begins with no label that is known here.';
    if (secret === '' || more.length > 0) return `${label} takes a client random and a secret.`;
    if (!RANDOM.test(random)) return `The client random of ${label} is not 64 hex digits.`;
    const lengths: readonly number[] = SECRET_LENGTHS[label];
    if (!HEX.test(secret) || !lengths.includes(secret.length / 2))
      return `The secret of ${label} is not ${lengths.join(' or ')} bytes in hex.`;
    const key = random.toLowerCase();
    const known = this.#secrets.get(key) ?? new Map<SecretLabel, Uint8Array>();
    this.#secrets.set(key, known.set(label, fromHex(secret)));
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
