import { readCapture } from '#recording/read-capture.ts';
import { constants } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilClosed } from '../../proxy/capture/closing.ts';
import { CaptureLog } from '../../proxy/capture/log.ts';
import { secretsIn } from '../../proxy/feed/capture-file.ts';
import { captureFile } from '../../proxy/pcapng/capture-file.ts';
import { createRelay } from '../../proxy/relay/relay.ts';
import { ciphersOf, type Combination } from './combinations.ts';
import { browse, talk } from './matrix-clients.ts';
import { openedConnections, type OpenedConnection } from './opened-connections.ts';
import { nodeServer, selfSigned } from './own-servers.ts';
import { decryptedByTshark, type DecryptedByTshark } from './tshark-decrypted.ts';

/** One connection, as each of the two reads it from the same file; `ours` with the keys of the file alone. */
export interface Witnessed {
  readonly ours: OpenedConnection;
  readonly theirs: DecryptedByTshark;
}

/** SSL_OP_NO_ENCRYPT_THEN_MAC and SSL_OP_NO_EXTENDED_MASTER_SECRET of OpenSSL 3, which Node does not name. */
const NO_ENCRYPT_THEN_MAC = 1 << 19;
const NO_EXTENDED_MASTER_SECRET = 1 << 0;

// More than one record holds.
const BODY = 'all is well. '.repeat(1600);
export const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`;

/**
 * Lets every combination talk through a relay, exports the capture with the keys that the clients told, and gives
 * what each combination's connections turned out to hold, in the order of the list. `folder` is for files.
 */
export async function talkThroughRelay(
  combinations: readonly Combination[],
  folder: string,
): Promise<readonly (readonly Witnessed[])[]> {
  const identities = { 'rsa:2048': selfSigned(folder, 'rsa:2048'), ec: selfSigned(folder, 'ec') };
  const log = new CaptureLog();
  log.begin({ routes: [] });
  const relay = createRelay(log);
  const doors: number[] = [];
  const servers = [];
  for (const [index, combination] of combinations.entries()) {
    const { version, certificate, mac, master } = combination;
    const server = await nodeServer(
      hostOf(index),
      identities[certificate],
      {
        ...{ minVersion: version, maxVersion: version, ciphers: ciphersOf(combination) },
        dhparam: 'auto',
        secureOptions:
          constants.SSL_OP_CIPHER_SERVER_PREFERENCE |
          (mac === 'MAC-then-encrypt' ? NO_ENCRYPT_THEN_MAC : 0) |
          (master === 'as in RFC 5246' ? NO_EXTENDED_MASTER_SECRET : 0),
      },
      ANSWER,
    );
    servers.push(server);
    const target = { host: '127.0.0.1', port: server.port } as const;
    doors.push(
      await relay.open({ name: server.name, port: 443, tls: true, address: target }, 'scripted-victim'),
    );
  }

  const keyLog = join(folder, 'keys.txt');
  writeFileSync(keyLog, '', { mode: 0o600 });
  for (const [index, combination] of combinations.entries()) {
    if (combination.client !== 'chromium') await talk(combination, hostOf(index), doors[index] ?? 0, keyLog);
  }
  await browse(
    combinations.flatMap(({ client }, index) =>
      client === 'chromium' ? [{ host: hostOf(index), door: doors[index] ?? 0 }] : [],
    ),
    keyLog,
  );
  const opened = log.after(0).flatMap((event) => (event.type === 'connection-opened' ? [event] : []));
  await untilClosed(
    log,
    opened.map(({ connection }) => connection),
  );
  for (const line of readFileSync(keyLog, 'latin1').split('\n'))
    if (line !== '') log.append({ type: 'secrets-logged', vantage: 'victim', line });
  await relay.close();
  await Promise.all(servers.map((server) => server.close()));

  const file = join(folder, 'capture.pcapng');
  writeFileSync(file, Buffer.concat([...captureFile(log.after(0), { secrets: secretsIn(log) })]));
  const ours = openedConnections(readCapture(readFileSync(file)).events);
  const theirs = await decryptedByTshark(file, ours.length);
  return combinations.map((_, index) =>
    ours.flatMap((connection, stream) => {
      const other = theirs[stream];
      return connection.host === hostOf(index) && other ? [{ ours: connection, theirs: other }] : [];
    }),
  );
}

function hostOf(index: number): string {
  return `c${index}.test`;
}
