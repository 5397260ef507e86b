import { type KeyExchange as Method, keyExchangeOf } from '#dissectors/tls/key-exchange.ts';
import { groupName } from '#dissectors/tls/names.ts';
import { sameBytes } from '#keys/bytes.ts';
import { readPrivateKey } from '#keys/rsa-private-key.ts';
import { rsaOpen } from '#keys/rsa.ts';
import { sharedSecretSteps } from './agreement-steps.ts';
import type { KeyExchange } from './key-origin.ts';
import { addSecrets12 } from './secrets-12.ts';
import {
  CERTIFICATE,
  CLIENT,
  CLIENT_KEY_EXCHANGE,
  type SeenHandshake,
  SERVER,
  SERVER_KEY_EXCHANGE,
} from './seen-handshake.ts';
import { addPrivateKey, addServerKeyExchangeSignature } from './signature-steps.ts';
import { BOTH_ENDS, StepList } from './step-list.ts';
import { addRandoms } from './steps-13.ts';
import type { LeakedKey } from './told-keys.ts';

export interface Told12 {
  readonly steps: StepList;
  readonly exchange: KeyExchange;
  readonly group?: string;
}

const EXTENDED_MASTER_SECRET = 23;
const PRE_MASTER = 48;
const SESSION_ID = 'tls.handshake.session_id';
const BELOW =
  'Both ends computed it, used it once and told nobody; the key log begins below it, at the master secret, and the PRF cannot be run backwards.';

/** From the hellos to the traffic keys of TLS 1.2 (RFC 5246, 6.3 and 8.1). */
export function steps12(seen: SeenHandshake, leaked: LeakedKey | undefined): Told12 {
  const steps = new StepList();
  addRandoms(seen, steps, 'RFC 5246, 7.4.1.2', 'RFC 5246, 7.4.1.3');
  const isResumed = resumes(seen);
  const isExtended =
    seen.clientHello.hasExtension(EXTENDED_MASTER_SECRET) &&
    seen.serverHello.hasExtension(EXTENDED_MASTER_SECRET);
  const method = keyExchangeOf(seen.agreed.cipherSuite)?.exchange;
  const group = isResumed ? undefined : addExchange(seen, steps, method, leaked);
  addSecrets12(seen, steps, { isResumed, isExtended });
  if (!isResumed && (method === 'ecdhe' || method === 'dhe')) {
    addPrivateKey(steps, leaked, seen.told !== undefined);
    addServerKeyExchangeSignature(seen, steps);
  }
  return {
    steps,
    exchange: isResumed ? 'resumption' : exchangeOf(method),
    ...(group === undefined ? {} : { group }),
  };
}

/** The site repeats a session ID that the client asked for when it goes on with that session (RFC 5246, 7.4.1.3). */
function resumes({ clientHello, serverHello }: SeenHandshake): boolean {
  const [asked, answered] = [clientHello.part(SESSION_ID)?.bytes, serverHello.part(SESSION_ID)?.bytes];
  return asked !== undefined && answered !== undefined && asked.length > 0 && sameBytes(asked, answered);
}

function exchangeOf(method: Method | undefined): KeyExchange {
  if (method === 'rsa') return 'static RSA';
  if (method === 'psk' || method === 'rsa-psk') return 'PSK';
  return method === 'dhe-psk' || method === 'ecdhe-psk' ? 'PSK with (EC)DHE' : '(EC)DHE';
}

/** Up to the pre_master_secret; returns the name of the group, where there is one. */
function addExchange(
  seen: SeenHandshake,
  steps: StepList,
  method: Method | undefined,
  leaked: LeakedKey | undefined,
): string | undefined {
  const fromServer = seen.message(SERVER_KEY_EXCHANGE, SERVER);
  const fromClient = seen.message(CLIENT_KEY_EXCHANGE, CLIENT);
  const preMaster = { id: 'pre-master-secret', name: 'pre_master_secret' };
  if (method === 'ecdhe') {
    const group = fromServer?.number('tls.handshake.server_named_curve');
    const client = fromClient?.part('tls.handshake.client_point');
    const server = fromServer?.part('tls.handshake.server_point');
    const wording = { ...preMaster, rfc: 'RFC 8422, 5.10' };
    sharedSecretSteps(seen, steps, { group, client, server }, wording, BELOW);
    return group === undefined ? undefined : groupName(group);
  }
  if (method === 'dhe') {
    const client = fromClient?.part('tls.handshake.yc');
    const server = fromServer?.part('tls.handshake.ys');
    const wording = { ...preMaster, rfc: 'RFC 5246, 8.1.2' };
    sharedSecretSteps(seen, steps, { client, server }, wording, BELOW);
    const bits = (fromServer?.part('tls.handshake.p')?.bytes.length ?? 0) * 8;
    return bits > 0 ? `Diffie-Hellman, ${bits} bits` : undefined;
  }
  if (method === 'rsa') addStaticRsa(seen, steps, leaked);
  else
    steps.add('exchange', {
      ...preMaster,
      held: BOTH_ENDS,
      whyUnknown: 'How this cipher suite comes to it is not shown here.',
      rfc: 'RFC 5246, 8.1',
    });
  return undefined;
}

/** The client draws the secret and encrypts it: whoever has the private key, now or later, has it too. */
function addStaticRsa(seen: SeenHandshake, steps: StepList, leaked: LeakedKey | undefined): void {
  const rfc = 'RFC 5246, 7.4.7.1';
  steps.addCaptured(
    'exchange',
    { id: 'certificate-public-key', name: 'public key of the certificate', rfc: 'RFC 5246, 7.4.2' },
    seen.message(CERTIFICATE, SERVER)?.part('x509af.subjectPublicKeyInfo_element'),
  );
  steps.addCaptured(
    'exchange',
    {
      id: 'encrypted-pre-master-secret',
      name: 'EncryptedPreMasterSecret',
      about: 'The pre_master_secret, encrypted by the client with the certificate’s public key (RSA).',
      rfc,
    },
    seen.message(CLIENT_KEY_EXCHANGE, CLIENT)?.part('tls.handshake.epms'),
  );
  addPrivateKey(steps, leaked, seen.told !== undefined);
  steps.add('exchange', {
    id: 'pre-master-secret',
    name: 'pre_master_secret',
    formula: 'RSAES-PKCS1-v1_5-Decrypt(private key of the certificate, EncryptedPreMasterSecret)',
    about:
      '48 bytes, of which the client draws 46 at random. Whoever gets the private key, even years later, gets it too.',
    held: ['victim'],
    ways: [
      {
        from: ['certificate-private-key', 'encrypted-pre-master-secret'],
        compute: (privateKey, encrypted) =>
          privateKey && encrypted ? decrypted(encrypted, privateKey) : undefined,
      },
    ],
    whyUnknown:
      leaked?.fit === 'this-certificate'
        ? 'It could not be decrypted with the private key that got out.'
        : 'The key log begins below it, at the master secret; only the private key of the certificate opens it.',
    rfc,
  });
}

/** RSAES-PKCS1-v1_5 with a private key in DER (RFC 8017, 7.2.2). */
function decrypted(encrypted: Uint8Array, privateKey: Uint8Array): Uint8Array | undefined {
  const reading = readPrivateKey(privateKey);
  const opening = reading.kind === 'RSA' ? rsaOpen(encrypted, reading.key) : undefined;
  return opening?.state === 'opened' && opening.message.length === PRE_MASTER ? opening.message : undefined;
}
