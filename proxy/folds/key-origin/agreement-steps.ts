import { groupName } from '#dissectors/tls/names.ts';
import { sameBytes } from '#keys/bytes.ts';
import { isComputable, publicHalf, sharedSecret } from '#keys/schedule/key-agreement.ts';
import type { Part } from './message-parts.ts';
import type { SeenHandshake } from './seen-handshake.ts';
import type { StepList, Way } from './step-list.ts';

/** Two public halves, as they crossed in clear; without a group, of a finite field that TLS 1.2 spells out. */
interface Shares {
  readonly group?: number | undefined;
  readonly client: Part | undefined;
  readonly server: Part | undefined;
}

interface Wording {
  readonly id: string;
  readonly name: string;
  readonly rfc: string;
}

const SHARED_13: Wording = { id: 'shared-secret', name: '(EC)DHE', rfc: 'RFC 8446, 7.4' };
const X25519_ML_KEM_768 = 0x11ec;
const BELOW =
  'Both ends computed it, used it once and told nobody; the key log begins below it, and HKDF cannot be run backwards.';

/** Both key shares, their private halves, and what either end computes from its own and the other's. */
export function sharedSecretSteps(
  seen: SeenHandshake,
  steps: StepList,
  { group, client, server }: Shares,
  { id, name, rfc }: Wording = SHARED_13,
  whyUnknown = BELOW,
): void {
  const kind = group === undefined ? 'that the ServerKeyExchange names' : groupName(group);
  const is13 = id === SHARED_13.id;
  const shareRfc = is13
    ? 'RFC 8446, 4.2.8'
    : group === undefined
      ? 'RFC 5246, 7.4.3 and 7.4.7'
      : 'RFC 8422, 5.4 and 5.7';
  const about = `Public, of the group ${kind}: it crosses in clear.`;
  steps.addCaptured(
    'exchange',
    { id: 'client-key-share', name: 'client key share', about, rfc: shareRfc },
    client,
  );
  steps.addCaptured(
    'exchange',
    { id: 'server-key-share', name: 'server key share', about, rfc: shareRfc },
    server,
  );
  const told = toldHalf(seen, group, client);
  steps.add('exchange', {
    id: 'client-private-key',
    name: 'client’s ephemeral private key',
    about: 'Drawn at random for this connection; the public half is made from it, never the other way round.',
    held: ['victim'],
    ...(told.half && { value: told.half, source: 'told by the victim' as const }),
    whyUnknown: told.why,
    rfc: rfc,
  });
  steps.add('exchange', {
    id: 'server-private-key',
    name: 'server’s ephemeral private key',
    about: 'Drawn at random for this connection; it has nothing to do with the certificate’s key.',
    held: ['site'],
    whyUnknown: 'The site tells nobody, and has no use for it after the handshake.',
    rfc: rfc,
  });
  steps.add('exchange', {
    id,
    name,
    formula: formulaOf(group, kind),
    about: aboutOf(group),
    ways: [
      way(group, 'client-private-key', 'server-key-share'),
      way(group, 'server-private-key', 'client-key-share'),
    ],
    whyUnknown,
    rfc,
  });
}

function way(group: number | undefined, own: string, other: string): Way {
  return {
    from: [own, other],
    compute: (privateKey, publicKey) =>
      group !== undefined && privateKey && publicKey ? sharedSecret(group, privateKey, publicKey) : undefined,
  };
}

function toldHalf(
  { told, connection, tellsPrivateHalf }: SeenHandshake,
  group: number | undefined,
  share: Part | undefined,
): { readonly half?: Uint8Array; readonly why: string } {
  const kept = {
    why: tellsPrivateHalf
      ? 'This victim told it; it is shown with the victim’s keys, which Browser lends.'
      : 'The victim tells nobody, and has no use for it after the handshake.',
  };
  if (!told || group === undefined || !share) return kept;
  const halves = told.privateHalves(connection, group);
  const [half] = halves.filter((each) =>
    sameBytes(publicHalf(group, each) ?? new Uint8Array(0), share.bytes),
  );
  if (half) return { half, why: '' };
  if (halves.length === 0) return kept;
  return isComputable(group)
    ? { why: 'What the victim told as its private half does not belong to the share on the wire.' }
    : { why: `Keys of ${groupName(group)} are not computed here.` };
}

function formulaOf(group: number | undefined, kind: string): string {
  if (group === undefined || isFiniteField(group)) return '(public key of the other) ^ private key mod p';
  if (group === X25519_ML_KEM_768)
    return 'ML-KEM-768 shared secret + X25519(private key, public key of the other)';
  return group === 29 || group === 30
    ? `${kind.toUpperCase()}(private key, public key of the other)`
    : `ECDH(private key, public key of the other), x coordinate, on ${kind}`;
}

/** The range that RFC 7919, 2 sets aside for them. */
function isFiniteField(group: number): boolean {
  return group >= 0x100 && group < 0x200;
}

function aboutOf(group: number | undefined): string {
  const both = 'The same at both ends, each from its own private and the other’s public half.';
  return group === X25519_ML_KEM_768
    ? 'The same at both ends. Two in one: the first 32 bytes the site encapsulates with the victim’s ML-KEM-768 key, the last 32 both compute with X25519.'
    : both;
}
