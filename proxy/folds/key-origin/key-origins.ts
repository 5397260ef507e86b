import type { ConnectionId, ToldEvent } from '#contract';
import { cipherSuiteName, versionName } from '#dissectors/tls/names.ts';
import { TLS_1_2, TLS_1_3 } from '#dissectors/tls/versions.ts';
import type { Connections } from '../connections.ts';
import type { Lender } from '../lent-told.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { KeyOrigin, OriginEntry } from './key-origin.ts';
import { LendersWord } from './lenders-word.ts';
import { SeenHandshake } from './seen-handshake.ts';
import { shownPublicKey, signatureOf } from './signature-steps.ts';
import { steps12 } from './steps-12.ts';
import { steps13 } from './steps-13.ts';
import { ToldKeys } from './told-keys.ts';

interface Kept {
  /** What it was computed from; as long as that is the same, so is the origin. */
  readonly stamp: string;
  readonly origin: KeyOrigin | undefined;
  readonly isOver: boolean;
}

const NO_SIGNATURE: Readonly<Partial<Record<KeyOrigin['exchange'], string>>> = {
  'static RSA':
    'Nothing is signed in this handshake: a right Finished shows that the site could decrypt the pre_master_secret, and so has the private key.',
  PSK: 'Nothing is signed: the ends know each other by the key that they share from before.',
  'PSK with (EC)DHE':
    'Nothing is signed: the ends know each other by a key that they share from before, as a rule from an earlier connection, in which the certificate was shown.',
  resumption:
    'Nothing is signed: the ends know each other by the master secret of an earlier connection, in which the certificate was shown.',
};

/** Where the keys of a capture's TLS connections come from: what crossed in clear, and, lent, what the ends told. */
export class KeyOrigins {
  readonly #connections: Connections;
  readonly #told = new ToldKeys();
  /** Of the connection asked for last, not lent and lent by either end. */
  readonly #kept = new Map<Lender | undefined, Kept & { readonly id: ConnectionId }>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  apply(event: ToldEvent): void {
    this.#told.apply(event);
  }

  /** Those of TLS 1.2 and 1.3 whose hellos were captured, in the order in which they were opened. */
  list(): readonly OriginEntry[] {
    return [...this.#connections.all()].flatMap((connection) => {
      const version = agreedVersion(connection);
      if (version !== TLS_1_2 && version !== TLS_1_3) return [];
      const { opener, server } = connection.opening;
      const tellsPrivateHalf = this.#told.tellsPrivateHalf(connection.id);
      const entry = { connection: connection.id, host: server.name, opener, tellsPrivateHalf };
      return [{ ...entry, version: versionName(version) }];
    });
  }

  /**
   * Undefined before both hellos have come, and for versions and suites that are not undone here. Lent by an end, it
   * has what that end told and nothing that only the other did; with no `lender`, no value in it depends on what an end
   * told. The same object as before as long as nothing of it has changed.
   */
  of(id: ConnectionId, lender: Lender | undefined): KeyOrigin | undefined {
    const wire = this.#connections.get(id);
    if (!wire) return undefined;
    const kept = this.#kept.get(lender);
    const before = kept?.id === id ? kept : undefined;
    const told = `${this.#told.version} ${wire.evictedBytes}`;
    if (before?.stamp === (before?.isOver ? told : `${told} ${wire.bytes}`)) return before.origin;
    const word = lender && new LendersWord(this.#told, lender);
    const seen = SeenHandshake.of(wire, word, this.#told.tellsPrivateHalf(id));
    const isOver = seen?.isOver ?? false;
    const origin = seen && this.#tell(seen, wire);
    this.#kept.set(lender, { id, stamp: isOver ? told : `${told} ${wire.bytes}`, origin, isOver });
    return origin;
  }

  #tell(seen: SeenHandshake, { opening }: WireConnection): KeyOrigin {
    const { version, cipherSuite } = seen.agreed;
    const leaked = this.#told.leaked(opening.server.name, seen.connection, shownPublicKey(seen));
    const { steps, exchange, group } = version === TLS_1_3 ? steps13(seen, leaked) : steps12(seen, leaked);
    const whyNone = NO_SIGNATURE[exchange];
    const signature = whyNone ?? signatureOf(seen);
    return {
      connection: seen.connection,
      version: versionName(version),
      suite: cipherSuiteName(cipherSuite),
      ...(group === undefined ? {} : { group }),
      host: opening.server.name,
      opener: opening.opener,
      exchange,
      ...(seen.told && { lent: { by: seen.told.lender, hasTold: seen.hasTold } }),
      tellsPrivateHalf: seen.tellsPrivateHalf,
      steps: steps.done(),
      ...(typeof signature === 'string' ? { whyNoSignature: signature } : { signature }),
    };
  }
}

/** The version that the hellos settled, while the first of them is still held. */
function agreedVersion({ messages, traffic }: WireConnection): number | undefined {
  if (traffic.lane !== 'https' || messages[0]?.message.start !== 0) return undefined;
  const settled = messages.find(
    ({ message: { direction, tls } }) => direction === 'server-to-client' && tls?.version,
  );
  return settled?.message.tls?.version;
}
