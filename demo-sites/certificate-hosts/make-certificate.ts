import { type Authority, DEMO_NAMES } from '../../certs/authority.ts';
import { createSigner, type Leaf, selfSignLeaf, signLeaf } from '../../certs/signing.ts';
import type { CertificateKind } from './hosts.ts';

/** A name that the authority may sign for, and that no host has. */
export const OTHER_NAME = 'right-host.test';

/** A certificate for `name` with what is right or wrong with it, followed by what else the host sends. */
export async function makeCertificate(
  authority: Pick<Authority, 'issue'>,
  kind: CertificateKind,
  name: string,
): Promise<Leaf> {
  const names = [name];
  switch (kind) {
    case 'good':
      return authority.issue({ names });
    case 'rsa':
      return authority.issue({ names, key: 'RSA 2048' });
    case 'expired':
      return authority.issue({ names, period: 'past' });
    case 'not-yet':
      return authority.issue({ names, period: 'future' });
    case 'wrong-host':
      return authority.issue({ names: [OTHER_NAME] });
    case 'weak-key':
      return authority.issue({ names, key: 'RSA 768' });
    case 'self-signed':
      return selfSignLeaf(names);
    case 'unknown-ca':
      return signedByAStranger(names);
  }
}

/** Everything is right with it, except that nobody knows who signed. Sent along, so that the signature can be checked. */
async function signedByAStranger(names: readonly string[]): Promise<Leaf> {
  const stranger = await createSigner(DEMO_NAMES, 'unknown CA');
  const { certificatePem, keyPem } = await signLeaf(stranger, names);
  return { certificatePem: `${certificatePem}${stranger.certificate.toString('pem')}\n`, keyPem };
}
