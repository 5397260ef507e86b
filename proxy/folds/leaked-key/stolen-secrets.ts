import type { ConnectionId } from '#contract';
import { hex } from '#dissectors/text.ts';
import { encryptedPreMaster, readPreMaster, type PreMasterReading } from '#keys/pre-master.ts';
import type { RsaPrivateKey } from '#keys/rsa-private-key.ts';
import { extendedMasterSecret12, masterSecret12 } from '#keys/schedule/key-block-12.ts';
import { suiteOf } from '#keys/suite.ts';
import type { WireConnection } from '../wire-connection.ts';
import { type HandshakeFacts, handshakeFacts } from './handshake-facts.ts';

/** What a stolen RSA key gives of one connection. */
export interface StolenSecret {
  readonly facts: HandshakeFacts;
  /** What the ClientKeyExchange held: of this connection, or of the one whose session it took up. */
  readonly reading?: PreMasterReading;
  readonly encrypted?: Uint8Array;
  /** The connection that the session began on, where that is another one. */
  readonly begunOn?: ConnectionId;
  readonly isExtended: boolean;
  readonly master?: Uint8Array;
}

const TLS_1_2 = 0x0303;

/** What handshakes say, read once as long as nothing of theirs came or went; forgotten with their connections. */
export class ReadHandshakes {
  readonly #read = new WeakMap<
    WireConnection,
    { readonly stamp: string; readonly facts: HandshakeFacts | undefined }
  >();

  of(wire: WireConnection): HandshakeFacts | undefined {
    const stamp = `${wire.bytes} ${wire.evictedBytes}`;
    const known = this.#read.get(wire);
    if (known?.stamp === stamp) return known.facts;
    const facts = handshakeFacts(wire);
    this.#read.set(wire, { stamp, facts });
    return facts;
  }
}

/** The secrets that RSA keys open in the connections of a capture, from the captured bytes and the keys alone. */
export class StolenSecrets {
  readonly #wires: readonly WireConnection[];
  readonly #handshakes: ReadHandshakes;
  // Whoever takes up a session is asked for by all who take it up later: without this, twice as often with each.
  readonly #found = new Map<RsaPrivateKey, Map<WireConnection, StolenSecret | undefined>>();

  /** `wires`: the connections with the owner of the keys, in the order in which they were opened. */
  constructor(wires: readonly WireConnection[], handshakes = new ReadHandshakes()) {
    this.#wires = wires;
    this.#handshakes = handshakes;
  }

  facts(wire: WireConnection): HandshakeFacts | undefined {
    return this.#handshakes.of(wire);
  }

  /** Undefined before both hellos have crossed. */
  of(wire: WireConnection, key: RsaPrivateKey): StolenSecret | undefined {
    const found = this.#found.get(key) ?? new Map<WireConnection, StolenSecret | undefined>();
    this.#found.set(key, found);
    if (!found.has(wire)) found.set(wire, this.#open(wire, key));
    return found.get(wire);
  }

  #open(wire: WireConnection, key: RsaPrivateKey): StolenSecret | undefined {
    const facts = this.facts(wire);
    if (!facts) return undefined;
    if (facts.exchange === 'resumption') return this.#resumed(wire, facts, key);
    return facts.exchange === 'static RSA' ? opened(facts, key) : { facts, isExtended: false };
  }

  /** Its master secret is that of the session it takes up (RFC 5246, 7.3; RFC 5077, 3.4). */
  #resumed(wire: WireConnection, facts: HandshakeFacts, key: RsaPrivateKey): StolenSecret {
    const names = new Set(facts.takesUp);
    for (const earlier of this.#wires) {
      if (earlier === wire) break;
      const its = this.facts(earlier);
      if (!its?.gives.some((name) => names.has(name))) continue;
      const first = this.of(earlier, key);
      if (!first?.master) continue;
      return { ...first, facts, begunOn: first.begunOn ?? earlier.id };
    }
    return { facts, isExtended: false };
  }
}

/** The line of a key log that the master secret makes. */
export function keyLogLine({ facts, master }: StolenSecret): string | undefined {
  return master && `CLIENT_RANDOM ${facts.client.name} ${hex(master)}`;
}

function opened(facts: HandshakeFacts, key: RsaPrivateKey): StolenSecret {
  const { keyExchange, client, server, offered, transcript } = facts;
  const isExtended = transcript !== undefined;
  if (!keyExchange) return { facts, isExtended };
  const reading = readPreMaster(keyExchange.bytes, key, offered);
  const encrypted = encryptedPreMaster(keyExchange.bytes);
  const found = { facts, isExtended, reading, ...(encrypted ? { encrypted } : {}) };
  const suite = suiteOf(server.cipherSuite);
  if (reading.state === 'failed' || !suite || server.version !== TLS_1_2) return found;
  const master = transcript
    ? extendedMasterSecret12(suite, reading.preMaster, suite.hash(transcript))
    : masterSecret12(suite, reading.preMaster, { client: client.random, server: server.random });
  return { ...found, master };
}
