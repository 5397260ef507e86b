import type { Direction } from '#dissectors/message.ts';
import { END_OF_EARLY_DATA, FINISHED, KEY_UPDATE } from './handshake-types.ts';
import type { Hellos } from './hellos.ts';
import type { LoggedSecrets, SecretLabel } from './key-log.ts';
import { NumberedKeys } from './numbered-keys.ts';
import type { Content } from './protection.ts';
import { Protection13 } from './protection-13.ts';
import { notVerified, type Sealed, sealed } from './reading.ts';
import { suiteOf } from './suite.ts';

type Epoch = 'early' | 'handshake' | 'application';
type Keys = NumberedKeys<Protection13>;

const EPOCHS: readonly Epoch[] = ['early', 'handshake', 'application'];
const LABELS: Readonly<Record<Direction, Readonly<Record<Epoch, SecretLabel | undefined>>>> = {
  'client-to-server': {
    early: 'CLIENT_EARLY_TRAFFIC_SECRET',
    handshake: 'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
    application: 'CLIENT_TRAFFIC_SECRET_0',
  },
  'server-to-client': {
    early: undefined,
    handshake: 'SERVER_HANDSHAKE_TRAFFIC_SECRET',
    application: 'SERVER_TRAFFIC_SECRET_0',
  },
};

/**
 * One direction of TLS 1.3: keys for early data, for the handshake, and for what follows the Finished
 * (RFC 8446, 7.3 and A). Where the end of an epoch was not seen, a record that verifies under the next tells it.
 */
export class Side13 {
  readonly #direction: Direction;
  readonly #keyLog: LoggedSecrets;
  readonly #keys = new Map<Epoch, readonly Keys[]>();
  #epoch: Epoch | undefined;
  #gap = false;

  constructor(direction: Direction, keyLog: LoggedSecrets) {
    this.#direction = direction;
    this.#keyLog = keyLog;
  }

  /** Records may be missing before the next one. */
  lose(): void {
    this.#gap = true;
    for (const keys of this.#keys.values()) for (const one of keys) one.lose();
  }

  open(record: Uint8Array, hellos: Hellos): Content | Sealed {
    const start = (this.#epoch ??= this.#first(hellos));
    let why: Sealed | undefined;
    for (const epoch of EPOCHS.slice(EPOCHS.indexOf(start))) {
      const keys = this.#keysOf(epoch, hellos);
      if ('state' in keys) {
        why ??= keys;
        continue;
      }
      for (const one of keys) {
        const content = one.open(record);
        if (!content) continue;
        this.#epoch = epoch;
        this.#gap = false;
        this.#keys.set(epoch, [one]);
        return content;
      }
      const [first] = keys;
      if (epoch === start && first) why = notVerified(first, this.#gap);
    }
    return why ?? sealed('no-secret', 'The key log has no secret for this direction.');
  }

  /** A handshake message of this direction has ended; the keys of what follows it may be others. */
  ended(handshakeType: number): void {
    if (handshakeType === END_OF_EARLY_DATA && this.#epoch === 'early') this.#enter('handshake');
    else if (handshakeType === FINISHED && this.#epoch === 'handshake') this.#enter('application');
    else if (handshakeType === KEY_UPDATE && this.#epoch === 'application') {
      const [keys] = this.#keys.get('application') ?? [];
      if (keys) this.#keys.set('application', [new NumberedKeys(keys.protection.updated())]);
    }
  }

  #first({ client }: Hellos): Epoch {
    return this.#direction === 'client-to-server' && client?.earlyData ? 'early' : 'handshake';
  }

  /** What was tried before its time is forgotten: its numbers begin here. */
  #enter(epoch: Epoch): void {
    this.#epoch = epoch;
    this.#keys.delete(epoch);
  }

  #keysOf(epoch: Epoch, hellos: Hellos): readonly Keys[] | Sealed {
    const known = this.#keys.get(epoch);
    if (known) return known;
    const label = LABELS[this.#direction][epoch];
    const { client, server } = hellos;
    if (!client || !label)
      return sealed('no-hello', 'The hellos are not in the capture, so whose keys these are cannot be told.');
    const secret = this.#keyLog.secret(label, client.name);
    if (!secret) return sealed('no-secret', `The key log has no ${label} for this connection.`);
    // Early data is sealed under the suite of the connection before, which no hello repeats until the server answers.
    const codes = server && epoch !== 'early' ? [server.cipherSuite] : client.cipherSuites.filter(isSuite13);
    const suites = codes.flatMap((code) => suiteOf(code) ?? []);
    const fitting = suites.filter(({ hash }) => hash.outputLen === secret.length);
    if (fitting.length === 0) return sealed('not-supported', 'The secret does not fit the cipher suite.');
    // Nothing has been counted of an epoch whose beginning was not seen.
    const behindGap = this.#gap || epoch !== this.#epoch;
    const keys = fitting.map((suite) => new NumberedKeys(new Protection13(suite, secret), behindGap));
    this.#keys.set(epoch, keys);
    return keys;
  }
}

function isSuite13(code: number): boolean {
  return code >> 8 === 0x13;
}
