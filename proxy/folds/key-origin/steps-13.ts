import { groupName } from '#dissectors/tls/names.ts';
import { HELLO_RETRY_RANDOM } from '#dissectors/tls/server-hello.ts';
import { hex } from '#dissectors/text.ts';
import { noSecret } from '#keys/schedule/key-schedule-13.ts';
import { sharedSecretSteps } from './agreement-steps.ts';
import type { KeyExchange } from './key-origin.ts';
import { type SeenHandshake, CLIENT_HELLO, SERVER_HELLO } from './seen-handshake.ts';
import { addSecrets13, type Shape13 } from './secrets-13.ts';
import { addPrivateKey } from './signature-steps.ts';
import { BOTH_ENDS, EVERYBODY, StepList } from './step-list.ts';
import type { LeakedKey } from './told-keys.ts';

const PRE_SHARED_KEY = 41;
const EARLY_DATA = 42;

export interface Told13 {
  readonly steps: StepList;
  readonly exchange: KeyExchange;
  readonly group?: string;
}

/** From the hellos to the traffic keys of TLS 1.3 (RFC 8446, 7). */
export function steps13(seen: SeenHandshake, leaked: LeakedKey | undefined): Told13 {
  const steps = new StepList();
  const { serverHello, clientHello } = seen;
  const [serverShare] = serverHello.keyShares();
  const isPreShared = serverHello.hasExtension(PRE_SHARED_KEY);
  const hellos = addHellos(seen, steps);
  if (serverShare) {
    const group = serverShare.group;
    const offered = clientHello.keyShares().find((share) => share.group === group);
    sharedSecretSteps(seen, steps, { group, client: offered?.key, server: serverShare.key });
  } else {
    steps.add('exchange', {
      id: 'shared-secret',
      name: '(EC)DHE',
      about: 'No key shares were exchanged: zeros stand in its place.',
      held: EVERYBODY,
      value: noSecret(seen.suite),
      source: 'public constant',
      rfc: 'RFC 8446, 7.1',
    });
  }
  addPreSharedKey(seen, steps, isPreShared);
  const shape: Shape13 = {
    hellos,
    offersEarlyData: isPreShared && hellos.length === 2 && clientHello.hasExtension(EARLY_DATA),
    isAuthenticated: !isPreShared,
  };
  if (shape.isAuthenticated) addPrivateKey(steps, leaked, seen.told !== undefined);
  addSecrets13(seen, steps, shape);
  return {
    steps,
    exchange: isPreShared ? (serverShare ? 'PSK with (EC)DHE' : 'PSK') : '(EC)DHE',
    ...(serverShare ? { group: groupName(serverShare.group) } : {}),
  };
}

/** Returns the ids of the hellos that the transcript begins with. */
function addHellos(seen: SeenHandshake, steps: StepList): readonly string[] {
  const { clientHello, serverHello } = seen;
  const before = seen.messages.slice(0, seen.messages.indexOf(clientHello.message));
  const first = before.findLast(({ type }) => type === CLIENT_HELLO);
  const retry = before.findLast(
    ({ type, bytes }) => type === SERVER_HELLO && hex(bytes.subarray(6, 38)) === HELLO_RETRY_RANDOM,
  );
  const all = [
    ...(first && retry
      ? [
          {
            id: 'first-client-hello',
            name: 'first ClientHello',
            rfc: 'RFC 8446, 4.1.2',
            parts: seen.parts(first),
          },
          {
            id: 'hello-retry-request',
            name: 'HelloRetryRequest',
            rfc: 'RFC 8446, 4.1.4',
            parts: seen.parts(retry),
          },
        ]
      : []),
    { id: 'client-hello', name: 'ClientHello', rfc: 'RFC 8446, 4.1.2', parts: clientHello },
    { id: 'server-hello', name: 'ServerHello', rfc: 'RFC 8446, 4.1.3', parts: serverHello },
  ];
  for (const { id, name, rfc, parts } of all) steps.addCaptured('hellos', { id, name, rfc }, parts.whole);
  addRandoms(seen, steps, 'RFC 8446, 4.1.2', 'RFC 8446, 4.1.3');
  return all.map(({ id }) => id);
}

export function addRandoms(seen: SeenHandshake, steps: StepList, client: string, server: string): void {
  const random = 'tls.handshake.random';
  const about = 'Fresh in every connection, and sent in clear.';
  steps.addCaptured(
    'hellos',
    { id: 'client-random', name: 'client_random', about, rfc: client },
    seen.clientHello.part(random),
  );
  steps.addCaptured(
    'hellos',
    { id: 'server-random', name: 'server_random', about, rfc: server },
    seen.serverHello.part(random),
  );
}

function addPreSharedKey({ suite }: SeenHandshake, steps: StepList, isPreShared: boolean): void {
  if (isPreShared)
    steps.add('exchange', {
      id: 'psk',
      name: 'PSK',
      formula: 'HKDF-Expand-Label(resumption_master_secret, "resumption", ticket_nonce, Hash.length)',
      about:
        'Agreed on before, as a rule in an earlier connection; the ClientHello only names it, by its ticket.',
      held: BOTH_ENDS,
      whyUnknown: 'It comes from the secrets of an earlier connection, and no key log tells it.',
      rfc: 'RFC 8446, 4.6.1',
    });
  else
    steps.add('exchange', {
      id: 'psk',
      name: 'PSK',
      about: 'No key from before is used: zeros stand in its place.',
      held: EVERYBODY,
      value: noSecret(suite),
      source: 'public constant',
      rfc: 'RFC 8446, 7.1',
    });
}
