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
import { keyLogLine, type StolenSecret, StolenSecrets } from './stolen-secrets.ts';

/** A key that got out, as it was read. */
interface Leak {
  readonly host: string;
  readonly key: PrivateKeyReading;
}

interface Known {
  readonly stamp: string;
  readonly case: LeakCase;
}

// Those of a long day; the ends may have told more.
const MOST_SECRETS = 2000;
const CLIENT_RANDOM = /^CLIENT_RANDOM ([0-9a-f]{64}) ([0-9a-f]{96})$/i;

/**
 * What a site's stolen private key makes of connections that were recorded before it was stolen: real RSA over the
 * captured bytes. The ends' key logs are held against the result, and have no part in it.
 */
export class LeakedKeys {
  readonly #connections: Connections;
  readonly #certificates = new ToldCertificates();
  readonly #leaks = new Map<string, Leak>();
  /** Master secrets in hex as an end told them, by client random. */
  readonly #masters = new Map<string, { readonly master: string; readonly toldBy: 'victim' | 'site' }>();
  readonly #known = new Map<ConnectionId, Known>();
  #told = 0;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  apply(event: ToldEvent): void {
    this.#certificates.apply(event);
    if (event.type === 'private-key-leaked') {
      this.#leaks.set(event.host, { host: event.host, key: readPrivateKey(event.key) });
      this.#known.clear();
    } else if (event.type === 'secrets-logged') {
      const [, random = '', master = ''] = CLIENT_RANDOM.exec(event.line) ?? [];
      if (random === '') return;
      this.#told += 1;
      this.#masters.set(random.toLowerCase(), { master: master.toLowerCase(), toldBy: event.vantage });
      if (this.#masters.size > MOST_SECRETS) this.#masters.delete([...this.#masters.keys()][0] ?? '');
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
   * Each connection with a host whose key got out, in the order in which they were opened; the same object as before
   * as long as nothing of it has changed.
   */
  cases(): readonly LeakCase[] {
    const cases: LeakCase[] = [];
    for (const leak of this.#leaks.values()) {
      const wires = this.#with(leak.host);
      const secrets = new StolenSecrets(wires);
      for (const wire of wires) {
        const found = this.#caseOf(wire, leak, secrets);
        if (found) cases.push(found);
      }
    }
    return cases.sort((one, other) => one.connection - other.connection);
  }

  /** What the stolen keys give, as lines of a key log: what opens with them then opens wherever a key log is taken. */
  keyLogLines(): readonly string[] {
    return [...this.#leaks.values()].flatMap(({ host, key }) => {
      if (key.kind !== 'RSA') return [];
      const wires = this.#with(host);
      const secrets = new StolenSecrets(wires);
      return wires.flatMap((wire) => {
        const secret = secrets.of(wire, key.key);
        return (secret && keyLogLine(secret)) ?? [];
      });
    });
  }

  #with(host: string): readonly WireConnection[] {
    return [...this.#connections.all()].filter(
      ({ opening, messages }) =>
        opening.server.name === host &&
        messages.some(({ message }) => message.protocol === 'tls' && message.sealed),
    );
  }

  #caseOf(wire: WireConnection, leak: Leak, secrets: StolenSecrets): LeakCase | undefined {
    const { id, bytes, closed, evictedBytes } = wire;
    const told = this.#certificates.of(id)?.received ? 1 : 0;
    const stamp = [bytes, closed ? 1 : 0, evictedBytes, told, this.#told].join(' ');
    const known = this.#known.get(id);
    if (known?.stamp === stamp) return known.case;
    const fresh = this.#gather(wire, leak, secrets);
    if (fresh) this.#known.set(id, { stamp, case: fresh });
    return fresh;
  }

  #gather(wire: WireConnection, { host, key }: Leak, secrets: StolenSecrets): LeakCase | undefined {
    const facts = secrets.facts(wire);
    if (!facts) return undefined;
    const secret = key.kind === 'RSA' ? secrets.of(wire, key.key) : undefined;
    const keyLog = new KeyLog();
    keyLog.add((secret && keyLogLine(secret)) ?? '');
    const records = openedRecords(wire, keyLog);
    const compared = this.#compare(secret);
    const found: Found = {
      ...{ key, facts, records, ...this.#certificate(wire, key) },
      ...(secret ? { secret } : {}),
      ...(compared ? { compared } : {}),
    };
    return {
      ...{
        host,
        connection: wire.id,
        opener: wire.opening.opener,
        key: keyName(key),
        exchange: facts.exchange,
      },
      ...{ version: versionName(facts.server.version), suite: cipherSuiteName(facts.server.cipherSuite) },
      ...{ steps: leakSteps(found), ...records },
      ...(compared ? { agreesWithKeyLog: compared.isEqual } : {}),
    };
  }

  #certificate(
    wire: WireConnection,
    key: PrivateKeyReading,
  ): Pick<Found, 'isOtherHalf' | 'isCertificateOnWire'> {
    const [onWire] = chainOnWire(wire);
    const der = onWire ?? this.#certificates.of(wire.id)?.received?.chain[0];
    const half = der && isOtherHalf(certificateFacts(der).key.info, key);
    return {
      isCertificateOnWire: onWire !== undefined,
      ...(half === undefined ? {} : { isOtherHalf: half }),
    };
  }

  #compare(secret: StolenSecret | undefined): Found['compared'] {
    const told = secret && this.#masters.get(secret.facts.client.name);
    if (!told || !secret.master) return undefined;
    return { isEqual: hex(secret.master) === told.master, toldBy: told.toldBy };
  }
}

function keyName(key: PrivateKeyReading): string {
  if (key.kind === 'RSA') return `RSA, ${key.key.n.toString(2).length} bits`;
  return key.kind === 'EC' ? 'EC' : 'not readable';
}
