import type { CertificateCase } from './certificate-case.ts';
import { type CertificateFacts, certificateFacts, shortName } from './certificate-facts.ts';
import { type ChainPath, pathOf } from './chain-path.ts';
import { bad, type CheckLine, type Finding, good, line, open } from './check-line.ts';
import {
  chainFinding,
  constraintsFinding,
  datesFinding,
  keyFinding,
  nameFinding,
  versionFinding,
} from './questions.ts';

/** Whether `signature` over `signed` was made with the private key that belongs to `key`. */
export interface SignatureQuestion {
  /** As certificates name it: `ecdsa-with-SHA256`. */
  readonly algorithm: string;
  /** `P-256`, `RSA, 2048 bits`. */
  readonly keyKind: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly key: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Undefined when this kind of signature cannot be verified here. Cryptography is injected: Node and browsers differ. */
export type VerifySignature = (
  question: SignatureQuestion,
) => boolean | undefined | Promise<boolean | undefined>;

export interface CertificateCheck {
  readonly lines: readonly CheckLine[];
  /** No line is bad. */
  readonly isGood: boolean;
  /** Whether the victim came to the same; undefined when it did not say. */
  readonly agrees: boolean | undefined;
  /** The site's own certificate first; as far as the chain could be followed. */
  readonly path: readonly CertificateFacts[];
}

/** Goes through what a client asks of a certificate, line by line, from the bytes that the site showed. */
export async function checkCertificate(
  given: CertificateCase,
  verify: VerifySignature,
): Promise<CertificateCheck> {
  const sent = given.chain.map(certificateFacts);
  const [leaf] = sent;
  const path: ChainPath = leaf
    ? pathOf(leaf, sent.slice(1), (given.trusted ?? []).map(certificateFacts))
    : { certificates: [], ends: 'missing' };
  const lines = [line('version', versionFinding(given)), ...(leaf ? await linesOf(leaf) : noLines(given))];
  const isGood = lines.every(({ status }) => status !== 'bad');
  return {
    lines,
    isGood,
    agrees: given.verdict && given.verdict.isSatisfied === isGood,
    path: path.certificates,
  };

  async function linesOf(own: CertificateFacts): Promise<readonly CheckLine[]> {
    return [
      line('chain', own.malformed === undefined ? chainOf() : bad(own.malformed, 'It is no certificate.')),
      line('signature', await signatureFinding(path, verify)),
      line('name', nameFinding(given.host, own)),
      line('dates', datesFinding(given.at, path)),
      line('key', keyFinding(path)),
      line('constraints', constraintsFinding(path)),
    ];
  }

  function chainOf(): Finding {
    return chainFinding(path, given.trusted !== undefined);
  }
}

/** Every link of the path; the one at its end vouches for itself, which is looked at only when it is the site's own. */
async function signatureFinding(
  { certificates, ends }: ChainPath,
  verify: VerifySignature,
): Promise<Finding> {
  const signers = [...certificates.slice(1)];
  const last = certificates.at(-1);
  if (ends === 'self' && last) signers.push(last);
  const verified: string[] = [];
  for (const [at, signer] of signers.entries()) {
    const subject = certificates[at];
    if (!subject) break;
    const { algorithm, signed, bytes: signature } = subject.signature;
    const { kind: keyKind, info: key } = signer.key;
    const isRight = await verify({ algorithm, keyKind, key, signed, signature });
    const who = subject === signer ? 'itself' : shortName(signer.subject);
    if (isRight === undefined)
      return open(`${algorithm} by ${who}`, 'This kind of signature cannot be verified here.');
    if (!isRight)
      return bad(
        `${algorithm} by ${who}`,
        'The signature does not fit: the certificate was altered or forged.',
      );
    verified.push(`${algorithm} by ${who}`);
  }
  return verified.length === 0
    ? open('no issuer’s key', 'Whoever signed is not here, so the signature cannot be verified.')
    : good(verified.join('; '), 'Computed anew from the bytes, with the issuer’s public key: it fits.');
}

function noLines({ version }: CertificateCase): readonly CheckLine[] {
  const nothing =
    version === undefined
      ? open('not reached', 'No certificate came.')
      : open('sealed', 'The certificate crossed sealed, and this client did not tell what it saw.');
  return (['chain', 'signature', 'name', 'dates', 'key', 'constraints'] as const).map((id) =>
    line(id, nothing),
  );
}
