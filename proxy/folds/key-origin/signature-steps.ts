import { keyExchangeOf } from '#dissectors/tls/key-exchange.ts';
import { signatureSchemeName } from '#dissectors/tls/names.ts';
import { signedByCertificateVerify, signedByServerKeyExchange } from '#keys/signed-handshake.ts';
import type { OriginSignature } from './key-origin.ts';
import {
  CERTIFICATE,
  CERTIFICATE_VERIFY,
  type SeenHandshake,
  SERVER,
  SERVER_KEY_EXCHANGE,
} from './seen-handshake.ts';
import { EVERYBODY, type StepList } from './step-list.ts';
import type { LeakedKey } from './told-keys.ts';

const PUBLIC_KEY = 'x509af.subjectPublicKeyInfo_element';
const SCHEME = 'tls.handshake.sig_hash_alg';
const HEADER = 4;

const ABOUT_KEY: Readonly<Record<LeakedKey['fit'] | 'none', string>> = {
  none: 'The same for every connection, as long as the site uses this certificate.',
  'this-certificate': 'It got out: the stranger has it too.',
  'another-certificate':
    'A private key of this host got out, but that of another certificate: it is not the private half of the public key in this one.',
  unknown:
    'A private key of this host got out; whether it is this one, the sealed certificate does not tell.',
};

/** The private key of the certificate: the site's alone, unless it got out. */
export function addPrivateKey(steps: StepList, leaked: LeakedKey | undefined, isLent: boolean): void {
  const key = opening(leaked);
  steps.add('signature', {
    id: 'certificate-private-key',
    name: 'private key of the certificate',
    about: ABOUT_KEY[leaked?.fit ?? 'none'],
    held: key ? EVERYBODY : ['site'],
    ...(key && isLent && { value: key, source: 'told by the site' as const }),
    whyUnknown: key
      ? 'It got out; its value is shown while a key is lent.'
      : 'The site never shows it to anybody.',
    rfc: 'RFC 5280, 4.1.2.7',
  });
}

/** The key that got out, where it is the one of this certificate. */
function opening(leaked: LeakedKey | undefined): Uint8Array | undefined {
  return leaked?.fit === 'this-certificate' ? leaked.key : undefined;
}

/** What the site signs in TLS 1.3, sealed like all that follows the ServerHello; `said` are the ids before it. */
export function addCertificateVerify(seen: SeenHandshake, steps: StepList, said: readonly string[]): void {
  const verify = seen.message(CERTIFICATE_VERIFY, SERVER);
  steps.add('signature', {
    id: 'certificate-hash',
    name: 'Transcript-Hash(ClientHello...Certificate)',
    ways: [{ from: said }],
    value: seen.transcriptBefore(verify?.message),
    whyUnknown: 'It covers messages that are sealed or not in the capture.',
    rfc: 'RFC 8446, 4.4.1',
  });
  addSignature(steps, 'certificate-verify', {
    name: 'signature of the CertificateVerify',
    formula: 'Sign(private key, 64 spaces + "TLS 1.3, server CertificateVerify" + 0 + Transcript-Hash)',
    ways: [
      { from: ['certificate-private-key', 'certificate-hash'] },
      { from: ['server-handshake-key', 'server-handshake-iv'], opens: true },
    ],
    value: verify?.part('tls.handshake.client_cert_vrfy.sig')?.bytes,
    source: 'decrypted with a lent key',
    places: verify?.whole.places ?? [],
    whyUnknown: 'It is sealed, and no lent key opens it, or it is not in the capture.',
    rfc: 'RFC 8446, 4.4.3',
  });
}

/** What the site signs in TLS 1.2, in clear. */
export function addServerKeyExchangeSignature(seen: SeenHandshake, steps: StepList): void {
  const part = seen.message(SERVER_KEY_EXCHANGE, SERVER)?.part('tls.handshake.sig');
  addSignature(steps, 'server-key-exchange-signature', {
    name: 'signature of the ServerKeyExchange',
    formula: 'Sign(private key, client_random + server_random + parameters)',
    ways: [{ from: ['certificate-private-key', 'client-random', 'server-random', 'server-key-share'] }],
    ...(part && { value: part.bytes, source: 'captured' as const, held: EVERYBODY, places: part.places }),
    whyUnknown: 'It is not in the capture.',
    rfc: 'RFC 5246, 7.4.3; RFC 8422, 5.4',
  });
}

function addSignature(steps: StepList, id: string, draft: Omit<Parameters<StepList['add']>[1], 'id'>): void {
  const about = 'All that the certificate’s key does here: it signs. No key is computed from it.';
  steps.add('signature', { id, about, ...draft });
}

/** The signature with all that checking it takes, or why there is none to check. */
export function signatureOf(seen: SeenHandshake): OriginSignature | string {
  const is13 = keyExchangeOf(seen.agreed.cipherSuite) === undefined;
  const publicKey = shownPublicKey(seen);
  return is13 ? signature13(seen, publicKey) : signature12(seen, publicKey);
}

/** SubjectPublicKeyInfo of the certificate, as far as this view of the handshake shows it. */
export function shownPublicKey(seen: SeenHandshake): Uint8Array | undefined {
  return seen.message(CERTIFICATE, SERVER)?.part(PUBLIC_KEY)?.bytes;
}

function signature13(seen: SeenHandshake, publicKey: Uint8Array | undefined): OriginSignature | string {
  const verify = seen.message(CERTIFICATE_VERIFY, SERVER);
  if (!verify)
    return seen.told
      ? 'No CertificateVerify of the site was opened in this capture.'
      : 'In TLS 1.3 the CertificateVerify is sealed, like the certificate: only a lent key shows it.';
  const transcript = seen.transcriptBefore(verify.message);
  const signature = verify.part('tls.handshake.client_cert_vrfy.sig');
  const scheme = verify.number(SCHEME);
  if (!transcript || !publicKey || !signature || scheme === undefined)
    return 'Part of what it signs is missing from the capture, or not in a form that can be read here.';
  return {
    message: 'CertificateVerify',
    algorithm: signatureSchemeName(scheme),
    signed: signedByCertificateVerify(transcript),
    signature: signature.bytes,
    publicKey,
    source: 'decrypted with a lent key',
    about:
      'It covers the hash of every message from the ClientHello to the Certificate, both key shares among them: whoever changed one on the way would need this key to sign the change.',
    rfc: 'RFC 8446, 4.4.3',
  };
}

function signature12(seen: SeenHandshake, publicKey: Uint8Array | undefined): OriginSignature | string {
  const exchange = seen.message(SERVER_KEY_EXCHANGE, SERVER);
  if (!exchange) return 'Its ServerKeyExchange is not in the capture.';
  const scheme = exchange.field(SCHEME);
  const signature = exchange.part('tls.handshake.sig');
  if (!publicKey || !scheme || typeof scheme.value !== 'number' || !signature)
    return 'Its ServerKeyExchange carries no signature, or the certificate is not in the capture.';
  const parameters = exchange.range({ start: HEADER, end: scheme.range.start }).bytes;
  return {
    message: 'ServerKeyExchange',
    algorithm: signatureSchemeName(scheme.value),
    signed: signedByServerKeyExchange(seen.clientRandom, seen.serverRandom, parameters),
    signature: signature.bytes,
    publicKey,
    source: 'captured',
    about:
      'It covers both randoms and the site’s key share: nobody else can have chosen that share, and it cannot be one of another day.',
    rfc: 'RFC 5246, 7.4.3; RFC 8422, 5.4',
  };
}
