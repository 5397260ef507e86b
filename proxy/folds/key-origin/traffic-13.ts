import type { SecretLabel } from '#keys/key-log.ts';
import { deriveSecret, type SecretPurpose, trafficKeys } from '#keys/schedule/key-schedule-13.ts';
import type { SeenHandshake } from './seen-handshake.ts';
import type { StepList } from './step-list.ts';

const SCHEDULE = 'RFC 8446, 7.1';
const TRAFFIC = 'RFC 8446, 7.3';

/** By the front of the step's id: what the RFC calls it, and what a key log does. */
const SECRETS = {
  'client-early': ['client_early_traffic_secret', 'CLIENT_EARLY_TRAFFIC_SECRET'],
  'client-handshake': ['client_handshake_traffic_secret', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'],
  'server-handshake': ['server_handshake_traffic_secret', 'SERVER_HANDSHAKE_TRAFFIC_SECRET'],
  'client-application': ['client_application_traffic_secret_0', 'CLIENT_TRAFFIC_SECRET_0'],
  'server-application': ['server_application_traffic_secret_0', 'SERVER_TRAFFIC_SECRET_0'],
  exporter: ['exporter_master_secret', 'EXPORTER_SECRET'],
  resumption: ['resumption_master_secret', undefined],
} as const satisfies Readonly<Record<string, readonly [string, SecretLabel | undefined]>>;

type SecretFront = keyof typeof SECRETS;

/** A secret of the schedule by Derive-Secret, from another and a transcript hash, both by id. */
export function addTrafficSecret(
  seen: SeenHandshake,
  steps: StepList,
  front: SecretFront,
  [purpose, from, hash]: readonly [purpose: SecretPurpose, from: string, hash: string],
): void {
  const [name, label] = SECRETS[front];
  const messages = hash.startsWith('hello')
    ? 'ClientHello...ServerHello'
    : hash.startsWith('client-hello')
      ? 'ClientHello'
      : `ClientHello...${hash.startsWith('server') ? 'server' : 'client'} Finished`;
  const secret = `${(from[0] ?? '').toUpperCase()}${from.slice(1).replace('-s', ' S')}`;
  steps.add('schedule', {
    id: isTraffic(front) ? `${front}-traffic-secret` : `${front}-secret`,
    name,
    formula: `Derive-Secret(${secret}, "${purpose}", ${messages})`,
    ways: [
      {
        from: [from, hash],
        compute: (base, transcript) =>
          base && transcript && deriveSecret(seen.suite, base, purpose, transcript),
      },
    ],
    told: label && seen.secret(label),
    whyUnknown: label ? seen.whyNoSecret(label) : undefined,
    rfc: SCHEDULE,
  });
}

function isTraffic(front: SecretFront): boolean {
  return front !== 'exporter' && front !== 'resumption';
}

/** What records of one direction and epoch are sealed with. */
export function addKeys({ suite }: SeenHandshake, steps: StepList, front: SecretFront, name: string): void {
  const secret = `${front}-traffic-secret`;
  const of = SECRETS[front][0];
  steps.add('traffic', {
    id: `${front}-key`,
    name: `${name}_write_key`,
    formula: `HKDF-Expand-Label(${of}, "key", "", ${suite.keyLength})`,
    ways: [{ from: [secret], compute: (bytes) => bytes && trafficKeys(suite, bytes).key }],
    rfc: TRAFFIC,
  });
  steps.add('traffic', {
    id: `${front}-iv`,
    name: `${name}_write_iv`,
    formula: `HKDF-Expand-Label(${of}, "iv", "", 12)`,
    ways: [{ from: [secret], compute: (bytes) => bytes && trafficKeys(suite, bytes).iv }],
    rfc: TRAFFIC,
  });
}
