import { deriveSecret, earlySecret, handshakeSecret, masterSecret } from '#keys/schedule/key-schedule-13.ts';
import type { SpokenMessage } from '#keys/schedule/spoken-handshake.ts';
import { addFinished, addFlight, addHash } from './flight-13.ts';
import { addCertificateVerify } from './signature-steps.ts';
import { CLIENT, FINISHED, type SeenHandshake, SERVER } from './seen-handshake.ts';
import type { StepList } from './step-list.ts';
import { addKeys, addTrafficSecret } from './traffic-13.ts';

export interface Shape13 {
  /** Ids of the hellos in the transcript, in order. */
  readonly hellos: readonly string[];
  readonly offersEarlyData: boolean;
  /** The site shows a certificate and signs. */
  readonly isAuthenticated: boolean;
}

const SCHEDULE = 'RFC 8446, 7.1';
const HASHED = 'RFC 8446, 4.4.1';

/** The key schedule from the Early Secret on, with the messages that it is bound to (RFC 8446, 7.1). */
export function addSecrets13(seen: SeenHandshake, steps: StepList, shape: Shape13): void {
  const { suite } = seen;
  const isRetried = shape.hellos.length > 2;
  steps.add('schedule', {
    id: 'early-secret',
    name: 'Early Secret',
    formula: 'HKDF-Extract(0, PSK)',
    ways: [{ from: ['psk'], compute: (psk) => psk && earlySecret(suite, psk) }],
    rfc: SCHEDULE,
  });
  if (shape.offersEarlyData) addEarlyData(seen, steps);
  addDerived(seen, steps, 'early', 'Early Secret');
  steps.add('schedule', {
    id: 'handshake-secret',
    name: 'Handshake Secret',
    formula: 'HKDF-Extract(Derive-Secret(Early Secret, "derived", ""), (EC)DHE)',
    ways: [
      {
        from: ['early-derived', 'shared-secret'],
        compute: (derived, shared) => derived && shared && handshakeSecret(suite, derived, shared),
      },
    ],
    rfc: SCHEDULE,
  });
  steps.add('schedule', {
    id: 'hello-hash',
    name: 'Transcript-Hash(ClientHello...ServerHello)',
    ...(isRetried
      ? {
          formula:
            'Hash(message_hash of the first ClientHello + HelloRetryRequest + ClientHello + ServerHello)',
        }
      : { formula: 'Hash(ClientHello + ServerHello)' }),
    ways: [{ from: shape.hellos }],
    value: seen.serverHello.message.transcript,
    whyUnknown: 'Part of the hellos is not in the capture.',
    rfc: HASHED,
  });
  addTrafficSecret(seen, steps, 'client-handshake', ['c hs traffic', 'handshake-secret', 'hello-hash']);
  addTrafficSecret(seen, steps, 'server-handshake', ['s hs traffic', 'handshake-secret', 'hello-hash']);
  addKeys(seen, steps, 'client-handshake', 'client_handshake');
  addKeys(seen, steps, 'server-handshake', 'server_handshake');

  const finished = seen.message(FINISHED, SERVER)?.message;
  const flight = finished ? seen.between(seen.serverHello.message, finished, SERVER) : [];
  const said = [...shape.hellos, 'server-flight'];
  addFlight(seen, steps, 'server', flight, shape.isAuthenticated);
  if (shape.isAuthenticated) addCertificateVerify(seen, steps, said);
  addFinished(seen, steps, 'server', finished, said);
  addHash(
    steps,
    'server-finished-hash',
    'Transcript-Hash(ClientHello...server Finished)',
    finished?.transcript,
    [...said, 'server-finished'],
  );

  addDerived(seen, steps, 'handshake', 'Handshake Secret');
  steps.add('schedule', {
    id: 'master-secret',
    name: 'Master Secret',
    formula: 'HKDF-Extract(Derive-Secret(Handshake Secret, "derived", ""), 0)',
    ways: [{ from: ['handshake-derived'], compute: (derived) => derived && masterSecret(suite, derived) }],
    rfc: SCHEDULE,
  });
  addTrafficSecret(seen, steps, 'client-application', [
    'c ap traffic',
    'master-secret',
    'server-finished-hash',
  ]);
  addTrafficSecret(seen, steps, 'server-application', [
    's ap traffic',
    'master-secret',
    'server-finished-hash',
  ]);
  addTrafficSecret(seen, steps, 'exporter', ['exp master', 'master-secret', 'server-finished-hash']);
  addKeys(seen, steps, 'client-application', 'client_application');
  addKeys(seen, steps, 'server-application', 'server_application');
  addClientEnd(seen, steps, finished, [...said, 'server-finished']);
}

/** The client's Finished, what it says before it, and the secret for the next time. */
function addClientEnd(
  seen: SeenHandshake,
  steps: StepList,
  serverFinished: SpokenMessage | undefined,
  said: readonly string[],
): void {
  const finished = seen.message(FINISHED, CLIENT)?.message;
  const flight = serverFinished && finished ? seen.between(serverFinished, finished, CLIENT) : [];
  const all = flight.length > 0 ? [...said, 'client-flight'] : said;
  if (flight.length > 0) addFlight(seen, steps, 'client', flight, false);
  addFinished(seen, steps, 'client', finished, all);
  addHash(
    steps,
    'client-finished-hash',
    'Transcript-Hash(ClientHello...client Finished)',
    finished?.transcript,
    [...all, 'client-finished'],
  );
  addTrafficSecret(seen, steps, 'resumption', ['res master', 'master-secret', 'client-finished-hash']);
}

function addEarlyData(seen: SeenHandshake, steps: StepList): void {
  const { bytes } = seen.clientHello.message;
  addHash(steps, 'client-hello-hash', 'Transcript-Hash(ClientHello)', seen.suite.hash(bytes), [
    'client-hello',
  ]);
  addTrafficSecret(seen, steps, 'client-early', ['c e traffic', 'early-secret', 'client-hello-hash']);
  addKeys(seen, steps, 'client-early', 'client_early');
}

function addDerived(
  { suite }: SeenHandshake,
  steps: StepList,
  of: 'early' | 'handshake',
  name: string,
): void {
  steps.add('schedule', {
    id: `${of}-derived`,
    name: `Derive-Secret(${name}, "derived", "")`,
    formula: `HKDF-Expand-Label(${name}, "derived", Transcript-Hash(""), ${suite.hash.outputLen})`,
    ways: [{ from: [`${of}-secret`], compute: (secret) => secret && deriveSecret(suite, secret, 'derived') }],
    rfc: SCHEDULE,
  });
}
