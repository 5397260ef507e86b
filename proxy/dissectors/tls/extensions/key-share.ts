import type { ByteReader } from '../../byte-reader.ts';
import { groupName, isGrease } from '../names.ts';
import { readList } from '../variable-length.ts';
import type { ExtensionPlace } from './place.ts';

const IN_CLEAR =
  'In clear: a public value; from the two public ones alone nobody is known to be able to compute the secret.';

const MEANS_NOTHING = 'Means nothing: it keeps servers used to what they do not know.';

/** A half of a hybrid share; `client` and `server` are its bytes in the shares of either. */
interface Part {
  readonly name: string;
  readonly kind: 'post-quantum' | 'elliptic curve';
  readonly label: string;
  readonly client: number;
  readonly server: number;
}

const X25519 = curve('x25519', 'X25519', 32);
const ML_KEM_768 = mlKem('mlkem768', 'ML-KEM-768', 1184, 1088);

/** The halves in the order in which they are sent, which is not the same for all (draft-ietf-tls-ecdhe-mlkem, 3). */
const HYBRIDS: ReadonlyMap<number, readonly [Part, Part]> = new Map([
  [0x11eb, [curve('secp256r1', 'P-256', 65), ML_KEM_768]],
  [0x11ec, [ML_KEM_768, X25519]],
  [0x11ed, [curve('secp384r1', 'P-384', 97), mlKem('mlkem1024', 'ML-KEM-1024', 1568, 1568)]],
  // What browsers sent before the standard was there.
  [0x6399, [X25519, mlKem('kyber768', 'Kyber768', 1184, 1088)]],
]);

/** key_share: a list in a ClientHello, one in a ServerHello, a group alone in a HelloRetryRequest (RFC 8446, 4.2.8). */
export function readKeyShares(reader: ByteReader, place: ExtensionPlace): void {
  if (place === 'retry')
    reader.uint(2, 'tls.handshake.extensions_key_share_selected_group', 'Group', groupName);
  else if (place === 'client') {
    const list = ['plainsight.tls.key_shares', 'Key shares'] as const;
    readList(reader, 2, 'tls.handshake.extensions_key_share_client_length', list, () =>
      reader.group('plainsight.tls.key_share_entry', 'Key share', () => readKeyShare(reader, 'client')),
    );
  } else readKeyShare(reader, 'server');
}

function readKeyShare(reader: ByteReader, sender: 'client' | 'server'): void {
  const group = reader.uint(2, 'tls.handshake.extensions_key_share_group', 'Group', groupName);
  const size = reader.uint(2, 'tls.handshake.extensions_key_share_key_exchange_length', 'Length');
  const name = 'tls.handshake.extensions_key_share_key_exchange';
  const label = `Public key, ${groupName(group)}`;
  const parts = HYBRIDS.get(group);
  if (parts && size === parts[0][sender] + parts[1][sender]) {
    reader.block(size, name, label, () => {
      reader.describe({ meaning: `Two in one, so that both would have to be broken. ${IN_CLEAR}` });
      for (const part of parts) reader.opaque(part[sender], part.name, partLabel(part, sender));
    });
  } else reader.opaque(size, name, label, isGrease(group) ? MEANS_NOTHING : IN_CLEAR);
}

// The server does not send a key of its own for the post-quantum half: it encloses a secret in the client's.
function partLabel({ kind, label }: Part, sender: 'client' | 'server'): string {
  if (kind === 'elliptic curve') return `${label} public key`;
  return sender === 'client' ? `${label} encapsulation key` : `${label} ciphertext`;
}

function curve(name: string, label: string, length: number): Part {
  return {
    name: `plainsight.tls.key_share.${name}`,
    kind: 'elliptic curve',
    label,
    client: length,
    server: length,
  };
}

function mlKem(name: string, label: string, client: number, server: number): Part {
  return { name: `plainsight.tls.key_share.${name}`, kind: 'post-quantum', label, client, server };
}
