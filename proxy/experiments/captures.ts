import type { Measures } from '#contract';
import { cipherSuiteName, versionName } from '#dissectors/tls/names.ts';
import { joined } from '#keys/bytes.ts';
import { pseudorandom } from '#keys/derivation.ts';
import { readClientHello, readServerHello } from '#keys/hellos.ts';
import { suiteOf } from '#keys/suite.ts';
import type { CaptureLog } from '../capture/log.ts';
import { CapturedConnection } from './captured-connection.ts';
import type { Visit } from './visit.ts';

/** What was captured of these visits; `since` is the number of an event before the first. */
export function capturesOf(
  log: CaptureLog,
  since: number,
  visits: readonly Visit[],
): readonly CapturedConnection[] {
  const events = log.after(since);
  return visits.map(({ connection }) => new CapturedConnection(connection, events));
}

/** The numbers of the events that these are read from, rising. */
export function eventsOf(captures: readonly CapturedConnection[]): readonly number[] {
  return captures.flatMap(({ events }) => events.map(({ seq }) => seq)).toSorted((a, b) => a - b);
}

/** Labels of the victim's key log lines, by whether the secret is one that the earlier connection had. */
export interface ComparedSecrets {
  readonly same: readonly string[];
  readonly new: readonly string[];
}

export function compareSecrets(earlier: CapturedConnection, later: CapturedConnection): ComparedSecrets {
  const known = new Set([...earlier.secrets('victim').values()].map(({ secret }) => secret));
  const labels = [...later.secrets('victim')];
  const those = (isSame: boolean) =>
    labels.filter(([, { secret }]) => known.has(secret) === isSame).map(([label]) => label);
  return { same: those(true), new: those(false) };
}

/** What both ends said in clear at the beginning. */
export function hellosOf(capture: CapturedConnection) {
  const client = readClientHello(capture.message('ClientHello')?.bytes ?? new Uint8Array(0));
  const server = readServerHello(capture.message('ServerHello')?.bytes ?? new Uint8Array(0));
  if (!client || !server) throw new Error('a hello is missing from the capture');
  return { client, server };
}

/**
 * The beginning of the key block of a TLS 1.2 connection, in hex: the keys of both directions, made of the master
 * secret and both randoms (RFC 5246, 6.3). Undefined in TLS 1.3, which has none.
 */
export function keyBlockOf(capture: CapturedConnection): string | undefined {
  const { client, server } = hellosOf(capture);
  const master = capture.secrets('victim').get('CLIENT_RANDOM')?.secret;
  const suite = suiteOf(server.cipherSuite);
  if (master === undefined || !suite) return undefined;
  const seed = joined(server.random, client.random);
  const secret = new Uint8Array(Buffer.from(master, 'hex'));
  const block = pseudorandom(suite.hash, secret, 'key expansion', seed, suite.keyLength * 2);
  return Buffer.from(block).toString('hex');
}

/** What is told of each connection that an experiment made. */
export function measuresOf(
  capture: CapturedConnection,
): Measures & { readonly handshakeBytes: HandshakeBytes } {
  const { server } = hellosOf(capture);
  const certificate = capture.message('Certificate');
  const bytes = capture.handshakeBytes;
  const namesFrom = (from: string) =>
    capture.handshakes.filter(({ direction }) => direction === from).map(({ name }) => name);
  return {
    connection: capture.id,
    version: versionName(server.version),
    suite: cipherSuiteName(server.cipherSuite),
    handshakeBytes: { client: bytes['client-to-server'], server: bytes['server-to-client'] },
    bytes: capture.bytes,
    messages: { client: namesFrom('client-to-server'), server: namesFrom('server-to-client') },
    certificate: certificate
      ? { bytes: certificate.bytes.length, crossed: certificate.isClear ? 'in clear' : 'encrypted' }
      : null,
    keyLogLines: capture.secrets('victim').size,
    bothEndsToldTheSameSecrets: capture.endsAgree,
    records: { ...capture.opened },
  };
}

interface HandshakeBytes {
  readonly client: number;
  readonly server: number;
  readonly [name: string]: number;
}
