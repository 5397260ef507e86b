import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWireEvent, type LogEvent } from '#contract';
import { Connections } from '#folds/connections.ts';
import type { LeakCase, LeakStepId } from '#folds/leaked-key/leak-case.ts';
import { LeakedKeys } from '#folds/leaked-key/leaked-key.ts';
import { selfSigned } from '../../../support/own-servers.ts';

export const PASSWORD = 'correct horse';
const BODY = `password=correct+horse`;
export const SAID = `POST /login HTTP/1.1\r\nHost: own.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
export const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell';

export interface KeyAndCertificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** A fresh key pair with a certificate for `own.test`, both PEM. */
export function freshIdentity(kind: 'rsa:2048' | 'ec'): KeyAndCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  try {
    const { key, certificate } = selfSigned(folder, kind);
    return { key: readFileSync(key), cert: readFileSync(certificate) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The site's private key gets out, after all of these. */
export function leaked(
  events: readonly LogEvent[],
  { key }: Pick<KeyAndCertificate, 'key'>,
  host = 'own.test',
) {
  const last = events.at(-1);
  const event: LogEvent = {
    ...{ epoch: last?.epoch ?? 0, seq: (last?.seq ?? 0) + 1, time: last?.time ?? 0 },
    ...{ vantage: 'site', type: 'private-key-leaked', host },
    key: createPrivateKey(key).export({ format: 'der', type: 'pkcs8' }),
  };
  return [...events, event];
}

/** The fold over these events. */
export function foldOf(events: readonly LogEvent[]): LeakedKeys {
  const connections = new Connections();
  const leaks = new LeakedKeys(connections);
  for (const event of events) {
    if (isWireEvent(event)) connections.apply(event);
    else leaks.apply(event);
  }
  return leaks;
}

export function stepOf(found: LeakCase | undefined, id: LeakStepId) {
  const step = found?.steps.find((each) => each.id === id);
  if (!step) throw new Error(`There is no step ${id}.`);
  return step;
}
