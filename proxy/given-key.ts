import { isWireEvent, type LogEvent } from '#contract';
import { certificateFacts } from '#folds/certificate-check/certificate-facts.ts';
import { chainOnWire } from '#folds/certificate-check/wire-chain.ts';
import { Connections } from '#folds/connections.ts';
import { isOtherHalf, type PrivateKeyReading, readPrivateKey } from '#keys/rsa-private-key.ts';
import { givenFile, GivenFileError } from './given-file.ts';

/** An RSA key that was named on the command line: its file's name, and what is in it as DER. */
export interface GivenKey {
  readonly path: string;
  readonly der: Uint8Array;
  readonly reading: Extract<PrivateKeyReading, { kind: 'RSA' }>;
}

// The longest keys in use have some 10 KB, and certificates may stand beside them.
const MOST_BYTES = 1024 * 1024;
const BLOCK = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)-----END \1-----/;

/**
 * Reads the private key of a site from a file, PEM or DER, PKCS #8 or PKCS #1. Throws `GivenFileError`, one sentence
 * that quotes nothing of the file, where it is none or none that opens anything.
 */
export async function givenKey(path: string): Promise<GivenKey> {
  const bytes = await givenFile(path, MOST_BYTES);
  const [, , block] = BLOCK.exec(bytes.toString('latin1')) ?? [];
  if (block?.includes('ENCRYPTED') === true)
    throw new GivenFileError(`${path}: This private key is locked with a passphrase: unlock it first.`);
  const der = new Uint8Array(block === undefined ? bytes : Buffer.from(block, 'base64'));
  const reading = readPrivateKey(der);
  if (reading.kind === 'none') throw new GivenFileError(`${path}: ${reading.why}`);
  if (reading.kind === 'EC')
    throw new GivenFileError(`${path}: An EC key. This key only signs; with (EC)DHE it opens nothing.`);
  return { path, der, reading };
}

/**
 * The events, and after them that this key got out at each host whose certificate crossed in clear and has the other
 * half of it. Throws `GivenFileError` where there is none.
 */
export function withGivenKey(
  events: readonly LogEvent[],
  { path, der, reading }: GivenKey,
): readonly LogEvent[] {
  const connections = new Connections();
  for (const event of events) if (isWireEvent(event)) connections.apply(event);
  const owners = new Set<string>();
  let seen = 0;
  for (const connection of connections.all()) {
    const [certificate] = chainOnWire(connection);
    if (!certificate) continue;
    seen += 1;
    if (isOtherHalf(certificateFacts(certificate).key.info, reading))
      owners.add(connection.opening.server.name);
  }
  if (seen === 0)
    throw new GivenFileError(
      `${path}: No certificate crossed in clear in this capture, so there is none that this key belongs to.`,
    );
  if (owners.size === 0)
    throw new GivenFileError(
      `${path}: This key belongs to no certificate in this capture: it is the wrong key.`,
    );
  const { epoch = 0, seq = 0, time = 0 } = events.at(-1) ?? {};
  const told = { epoch, time, vantage: 'site', type: 'private-key-leaked', key: der } as const;
  return [
    ...events,
    ...[...owners].map((host, index): LogEvent => ({ ...told, host, seq: seq + index + 1 })),
  ];
}
