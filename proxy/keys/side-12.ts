import type { Direction } from '#dissectors/message.ts';
import type { Hellos } from './hellos.ts';
import type { LoggedSecrets } from './key-log.ts';
import { NumberedKeys } from './numbered-keys.ts';
import type { Content } from './protection.ts';
import { protections12 } from './protection-12.ts';
import { notVerified, type Sealed, sealed } from './reading.ts';
import { suiteOf } from './suite.ts';

/** One direction of TLS 1.2: each Change Cipher Spec begins an epoch with keys from the newest hellos (RFC 5246, 6.1). */
export class Side12 {
  readonly #direction: Direction;
  readonly #keyLog: LoggedSecrets;
  #hellos: Hellos | undefined;
  #keys: NumberedKeys | undefined;
  #gap = false;

  constructor(direction: Direction, keyLog: LoggedSecrets) {
    this.#direction = direction;
    this.#keyLog = keyLog;
  }

  /** A Change Cipher Spec has passed. */
  get isSealed(): boolean {
    return this.#hellos !== undefined;
  }

  changeCipher(hellos: Hellos): void {
    this.#hellos = hellos;
    this.#keys = undefined;
    this.#gap = false;
  }

  /** Records may be missing before the next one. */
  lose(): void {
    this.#gap = true;
    this.#keys?.lose();
  }

  open(record: Uint8Array): Content | Sealed {
    const keys = this.#keys ?? this.#derive();
    if (keys instanceof NumberedKeys) {
      this.#keys = keys;
      const content = keys.open(record);
      if (content) this.#gap = false;
      return content ?? notVerified(keys, this.#gap);
    }
    return keys;
  }

  #derive(): NumberedKeys | Sealed {
    const { client, server } = this.#hellos ?? {};
    if (!client || !server)
      return sealed('no-hello', 'The hellos are not in the capture, so whose keys these are cannot be told.');
    const suite = suiteOf(server.cipherSuite);
    if (!suite) return sealed('not-supported', 'The cipher suite is not one that is undone here.');
    const secret = this.#keyLog.secret('CLIENT_RANDOM', client.name);
    if (!secret) return sealed('no-secret', 'The key log has no CLIENT_RANDOM for this connection.');
    const { client: own, server: others } = protections12(suite, {
      secret,
      clientRandom: client.random,
      serverRandom: server.random,
      encryptThenMac: server.encryptThenMac,
    });
    return new NumberedKeys(this.#direction === 'client-to-server' ? own : others, this.#gap);
  }
}
