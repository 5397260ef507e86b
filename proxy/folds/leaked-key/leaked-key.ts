import type { ConnectionId, ToldEvent } from '#contract';
import { cipherSuiteName, versionName } from '#dissectors/tls/names.ts';
import { hex } from '#dissectors/text.ts';
import { KeyLog } from '#keys/key-log.ts';
import { isOtherHalf, type PrivateKeyReading, readPrivateKey } from '#keys/rsa-private-key.ts';
import { certificateFacts } from '../certificate-check/certificate-facts.ts';
import { ToldCertificates } from '../certificate-check/told-certificates.ts';
import { chainOnWire } from '../certificate-check/wire-chain.ts';
import type { Connections } from '../connections.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { LeakCase } from './leak-case.ts';
import { openedRecords } from './opened-records.ts';
import { type Found, leakSteps } from './steps.ts';
import { keyLogLine, ReadHandshakes, type StolenSecret, StolenSecrets } from './stolen-secrets.ts';

/** A key that got out, held against the certificate of one connection. */
interface Held {
  readonly key: PrivateKeyReading;
  /** Undefined where no certificate is known. */
  readonly isOtherHalf?: boolean;
}

/** A master secret in hex as an end told it. */
interface ToldMaster {
  readonly master: string;
  readonly toldBy: 'victim' | 'site';
}

interface Known {
  readonly stamp: string;
  /** Client random, by which the ends tell its keys; in hex. */
  readonly random: string;
  readonly case: LeakCase;
}

// Those of a long day; the ends may have told more.
const MOST_SECRETS = 2000;
// The lab has a dozen; a file may hold any number.
const MOST_HOSTS = 100;
// RSA and the records of each take some ten milliseconds, and nobody looks at more.
const MOST_CASES = 100;
// How far back the beginning of a session is looked for.
const MOST_BEFORE = 500;
const MOST_KEYS = 8;
const CLIENT_RANDOM = /^CLIENT_RANDOM ([0-9a-f]{64}) ([0-9a-f]{96})$/i;

/**
 * What a site's stolen private key makes of connections that were recorded before it was stolen: real RSA over the
 * captured bytes. The ends' key logs are held against the result, and have no part in it.
 */
export class LeakedKeys {
  readonly #connections: Connections;
  readonly #certificates = new ToldCertificates();
  /** By host, which may have several certificates, each with a key of its own; the newest last. */
  readonly #leaks = new Map<string, readonly PrivateKeyReading[]>();
  /** By client random and connection, which is empty where the line was told of none. */
  readonly #masters = new Map<string, ToldMaster>();
  readonly #known = new Map<ConnectionId, Known>();
  readonly #handshakes = new ReadHandshakes();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  apply(event: ToldEvent): void {
    this.#certificates.apply(event);
    if (event.type === 'private-key-leaked') {
      const before = this.#leaks.get(event.host) ?? [];
      this.#leaks.set(event.host, [...before, readPrivateKey(event.key)].slice(-MOST_KEYS));
      forgetOldest(this.#leaks, MOST_HOSTS);
      this.#known.clear();
    } else if (event.type === 'secrets-logged') {
      const [, random = '', master = ''] = CLIENT_RANDOM.exec(event.line) ?? [];
      if (random === '') return;
      const told = { master: master.toLowerCase(), toldBy: event.vantage };
      this.#masters.set(masterOf(random.toLowerCase(), event.connection), told);
      forgetOldest(this.#masters, MOST_SECRETS);
    }
  }

  hasLeaked(host: string): boolean {
    return this.#leaks.has(host);
  }

  /** Recorded connections with this host that carried something sealed, in the order in which they were opened. */
  sessions(host: string): readonly ConnectionId[] {
    return this.#with(host).map(({ id }) => id);
  }

  /**
   * Each connection with a host whose key got out, the newest hundred of each host, in the order in which they were
   * opened; the same object as before as long as nothing of it has changed.
   */
  cases(): readonly LeakCase[] {
    const steps = this.casesInSteps();
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  /** The same in steps of some ten milliseconds, for whoever has other things to do in between. */
  *casesInSteps(): Generator<undefined, readonly LeakCase[]> {
    const cases: LeakCase[] = [];
    const seen = new Set<ConnectionId>();
    for (const [host, keys] of this.#leaks) {
      const wires = this.#with(host).slice(-MOST_BEFORE);
      const secrets = new StolenSecrets(wires, this.#handshakes);
      for (const wire of wires.slice(-MOST_CASES)) {
        seen.add(wire.id);
        const found = this.#caseOf(wire, keys, secrets);
        if (found) cases.push(found);
        yield;
      }
    }
    for (const id of this.#known.keys()) if (!seen.has(id)) this.#known.delete(id);
    return cases.sort((one, other) => one.connection - other.connection);
  }

  /** What the stolen keys give, as lines of a key log: what opens with them then opens wherever a key log is taken. */
  keyLogLines(): readonly { readonly connection: ConnectionId; readonly line: string }[] {
    return [...this.#leaks].flatMap(([host, keys]) => {
      const wires = this.#with(host);
      const secrets = new StolenSecrets(wires, this.#handshakes);
      return wires.flatMap((wire) => {
        const { key } = this.#held(wire, keys, secrets);
        const secret = key.kind === 'RSA' ? secrets.of(wire, key.key) : undefined;
        const line = secret && keyLogLine(secret);
        return line === undefined ? [] : { connection: wire.id, line };
      });
    });
  }

  #with(host: string): readonly WireConnection[] {
    return [...this.#connections.all()].filter(
      ({ opening, traffic, messages }) =>
        opening.server.name === host &&
        traffic.lane === 'https' &&
        messages.some(({ message }) => message.protocol === 'tls' && message.sealed),
    );
  }

  #caseOf(
    wire: WireConnection,
    keys: readonly PrivateKeyReading[],
    secrets: StolenSecrets,
  ): LeakCase | undefined {
    const { id, bytes, closed, evictedBytes } = wire;
    const told = this.#certificates.of(id)?.received ? 1 : 0;
    const stampOf = (random: string) => {
      const { master, toldBy } = this.#toldMaster(random, id) ?? {};
      return [bytes, closed ? 1 : 0, evictedBytes, told, master, toldBy].join(' ');
    };
    const known = this.#known.get(id);
    if (known && known.stamp === stampOf(known.random)) return known.case;
    const fresh = this.#gather(wire, this.#held(wire, keys, secrets), secrets);
    const random = secrets.facts(wire)?.client.name ?? '';
    if (fresh) this.#known.set(id, { stamp: stampOf(random), random, case: fresh });
    return fresh;
  }

  /**
   * The one of these keys that belongs to the certificate of this connection. Where it shows none, since it takes up an
   * earlier session, the one that opens it; else the newest.
   */
  #held(wire: WireConnection, keys: readonly PrivateKeyReading[], secrets: StolenSecrets): Held {
    const certificate = this.#certificate(wire);
    const all = keys.map((key): Held => {
      const half = certificate && isOtherHalf(certificate, key);
      return { key, ...(half === undefined ? {} : { isOtherHalf: half }) };
    });
    const opens = ({ key, isOtherHalf: half }: Held) =>
      half === undefined && key.kind === 'RSA' && secrets.of(wire, key.key)?.master !== undefined;
    return (
      all.findLast((held) => held.isOtherHalf) ??
      all.findLast(opens) ??
      all.at(-1) ?? { key: readPrivateKey(new Uint8Array(0)) }
    );
  }

  #gather(
    wire: WireConnection,
    { key, isOtherHalf: half }: Held,
    secrets: StolenSecrets,
  ): LeakCase | undefined {
    const host = wire.opening.server.name;
    const facts = secrets.facts(wire);
    if (!facts) return undefined;
    const secret = key.kind === 'RSA' ? secrets.of(wire, key.key) : undefined;
    const keyLog = new KeyLog();
    keyLog.add((secret && keyLogLine(secret)) ?? '');
    const records = openedRecords(wire, keyLog);
    const compared = this.#compare(wire, secret);
    const found: Found = {
      ...{ host, key, facts, records, isCertificateOnWire: chainOnWire(wire).length > 0 },
      ...(half === undefined ? {} : { isOtherHalf: half }),
      ...(secret ? { secret } : {}),
      ...(compared ? { compared } : {}),
    };
    return {
      ...{
        host,
        connection: wire.id,
        opener: wire.opening.opener,
        openedAt: wire.opening.time,
        key: keyName(key),
        exchange: facts.exchange,
      },
      ...{ version: versionName(facts.server.version), suite: cipherSuiteName(facts.server.cipherSuite) },
      ...{ steps: leakSteps(found), ...records },
      ...(compared ? { agreesWithKeyLog: compared.isEqual } : {}),
    };
  }

  /** SubjectPublicKeyInfo (DER) of the site's certificate: off the wire where it is in clear, else told. */
  #certificate(wire: WireConnection): Uint8Array | undefined {
    const [onWire] = chainOnWire(wire);
    const der = onWire ?? this.#certificates.of(wire.id)?.received?.chain[0];
    return der && certificateFacts(der).key.info;
  }

  #toldMaster(random: string, connection: ConnectionId): ToldMaster | undefined {
    return this.#masters.get(masterOf(random, connection)) ?? this.#masters.get(masterOf(random, undefined));
  }

  #compare(wire: WireConnection, secret: StolenSecret | undefined): Found['compared'] {
    const told = secret && this.#toldMaster(secret.facts.client.name, wire.id);
    if (!told || !secret.master) return undefined;
    return { isEqual: hex(secret.master) === told.master, toldBy: told.toldBy };
  }
}

function masterOf(random: string, connection: ConnectionId | undefined): string {
  return `${random} ${connection ?? ''}`;
}

function keyName(key: PrivateKeyReading): string {
  if (key.kind === 'RSA') return `RSA, ${key.key.n.toString(2).length} bits`;
  return key.kind === 'EC' ? 'EC' : 'not readable';
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
