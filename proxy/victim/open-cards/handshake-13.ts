import { sameBytes } from '#keys/bytes.ts';
import { FINISHED, KEY_UPDATE, NEW_SESSION_TICKET, SERVER_HELLO } from '#keys/handshake-types.ts';
import type { SecretLabel } from '#keys/key-log.ts';
import {
  deriveSecret,
  earlySecret,
  finishedKey,
  handshakeSecret as handshakeSecretOf,
  masterSecret as masterSecretOf,
  type SecretPurpose,
  verifyData,
} from '#keys/schedule/key-schedule-13.ts';
import { signedByCertificateVerify } from '#keys/signed-handshake.ts';
import type { Suite } from '#keys/suite.ts';
import { Transcript } from '#keys/transcript.ts';
import { Refusal } from './alert.ts';
import { checkCertificate, readCertificates } from './certificate-check.ts';
import { clientHello } from './client-hello.ts';
import {
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  CERTIFICATE_VERIFY,
  CHANGE_CIPHER_SPEC,
  ENCRYPTED_EXTENSIONS,
  HANDSHAKE,
  TLS_1_3,
} from './code-points.ts';
import { type HandshakeOptions, hashOf, keyLogLine, type Secured, suiteFor } from './handshake.ts';
import { type KeyShare, makeKeyShare, X25519 } from './key-share.ts';
import { Protection13 } from './protection-13.ts';
import type { RecordLink } from './record-link.ts';
import {
  type Agreement13,
  checkVersion13,
  isRetry,
  readAgreement,
  readRetry,
  readServerHello,
} from './server-hello.ts';
import {
  asksForUpdate,
  chainOf13,
  checkEncryptedExtensions,
  requestContext,
  signatureOf,
} from './server-messages.ts';
import { checkSignature } from './signature-check.ts';
import { handshakeMessage, vector } from './wire-writer.ts';

const HEADER = 4;

/** The client's part of a full handshake of TLS 1.3 (RFC 8446, 2 and A.1). */
export async function handshake13(link: RecordLink, options: HandshakeOptions): Promise<Secured> {
  return new Handshake13(link, options).run();
}

class Handshake13 {
  readonly #link: RecordLink;
  readonly #options: HandshakeOptions;
  readonly #transcript = new Transcript();
  #suiteCode: number | undefined;
  #isRetried = false;

  constructor(link: RecordLink, options: HandshakeOptions) {
    this.#link = link;
    this.#options = options;
  }

  async run(): Promise<Secured> {
    const { offer, tell } = this.#options;
    const { share, agreement } = await this.#hellos();
    const suite = suiteFor(agreement.suite);
    const sharedSecret = share.sharedWith(agreement.publicKey);
    tell.keyShare({ group: share.group, privateKey: share.privateKey });

    const early = deriveSecret(suite, earlySecret(suite), 'derived');
    const handshakeSecret = handshakeSecretOf(suite, early, sharedSecret);
    const masterSecret = masterSecretOf(suite, deriveSecret(suite, handshakeSecret, 'derived'));
    const client = this.#derive(suite, handshakeSecret, 'c hs traffic', 'CLIENT_HANDSHAKE_TRAFFIC_SECRET');
    const server = this.#derive(suite, handshakeSecret, 's hs traffic', 'SERVER_HANDSHAKE_TRAFFIC_SECRET');
    // First its own, so that an alert about the other's is sealed already.
    this.#link.sendUnder(new Protection13(suite, client));
    this.#link.receiveUnder(new Protection13(suite, server));

    const asked = await this.#serverFlight(suite, server);
    const ours = this.#derive(suite, masterSecret, 'c ap traffic', 'CLIENT_TRAFFIC_SECRET_0');
    const theirs = this.#derive(suite, masterSecret, 's ap traffic', 'SERVER_TRAFFIC_SECRET_0');
    this.#derive(suite, masterSecret, 'exp master', 'EXPORTER_SECRET');
    const receiving = new Protection13(suite, theirs);
    this.#link.receiveUnder(receiving);
    this.#link.changeCipherSpec = 'refused';

    this.#clientFlight(suite, client, asked);
    const sending = new Protection13(suite, ours);
    this.#link.sendUnder(sending);
    return {
      cards: {
        ...{ version: TLS_1_3, suite: agreement.suite, group: share.group, clientRandom: offer.random },
        ...{ privateKey: share.privateKey, publicKey: share.publicKey, sitePublicKey: agreement.publicKey },
        ...{ sharedSecret, handshakeSecret, masterSecret },
      },
      afterwards: afterHandshake(this.#link, receiving, sending),
    };
  }

  /** Up to the ServerHello, with a second ClientHello where the site asks for one (RFC 8446, 2.1). */
  async #hellos(): Promise<{ share: KeyShare; agreement: Agreement13 }> {
    const { offer } = this.#options;
    let share = makeKeyShare(offer.groups[0] ?? X25519);
    this.#say(clientHello(offer, share));
    this.#link.changeCipherSpec = 'passed over';
    for (;;) {
      const message = await this.#link.handshakeMessage(SERVER_HELLO);
      const hello = readServerHello(message, offer);
      checkVersion13(hello, offer);
      if (this.#isRetried && hello.suite !== this.#suiteCode)
        throw new Refusal('illegal_parameter', 'the site chose another suite after the retry');
      this.#suiteCode = hello.suite;
      this.#add(message);
      if (!isRetry(hello)) return { share, agreement: readAgreement(hello, share) };
      if (this.#isRetried) throw new Refusal('unexpected_message', 'the site asks for a second retry');
      this.#isRetried = true;
      const retry = readRetry(hello, offer, share);
      if (retry.group !== undefined) share = makeKeyShare(retry.group);
      this.#link.send(CHANGE_CIPHER_SPEC, Uint8Array.of(1));
      this.#say(clientHello(offer, share, retry.cookie));
    }
  }

  /** EncryptedExtensions to Finished, each checked; the request for a certificate of the client, if there is one. */
  async #serverFlight(suite: Suite, secret: Uint8Array): Promise<Uint8Array | undefined> {
    const { trust, tell } = this.#options;
    const extensions = await this.#link.handshakeMessage(ENCRYPTED_EXTENSIONS);
    checkEncryptedExtensions(extensions);
    this.#add(extensions);

    let message = await this.#link.handshakeMessage(CERTIFICATE_REQUEST, CERTIFICATE);
    let asked: Uint8Array | undefined;
    if (message[0] === CERTIFICATE_REQUEST) {
      asked = requestContext(message);
      this.#add(message);
      message = await this.#link.handshakeMessage(CERTIFICATE);
    }
    const chain = chainOf13(message);
    tell.chain(chain);
    const [leaf] = readCertificates(chain);
    if (!leaf) throw new Refusal('decode_error', 'the site showed no certificate');
    checkCertificate(leaf, trust);
    this.#add(message);

    const verify = await this.#link.handshakeMessage(CERTIFICATE_VERIFY);
    const { scheme, bytes } = signatureOf(verify);
    const signed = signedByCertificateVerify(hashOf(this.#transcript, suite.hash));
    checkSignature(scheme, TLS_1_3, leaf.publicKey, signed, bytes);
    this.#add(verify);

    const finished = await this.#link.handshakeMessage(FINISHED);
    const due = this.#verifyData(suite, secret);
    if (!sameBytes(finished.subarray(HEADER), due))
      throw new Refusal('decrypt_error', 'the Finished of the site does not follow from this handshake');
    this.#add(finished);
    return asked;
  }

  #clientFlight(suite: Suite, secret: Uint8Array, asked: Uint8Array | undefined): void {
    if (!this.#isRetried) this.#link.send(CHANGE_CIPHER_SPEC, Uint8Array.of(1));
    // This client has no certificate, and says so (RFC 8446, 4.4.2).
    if (asked) this.#say(handshakeMessage(CERTIFICATE, vector(1, asked), vector(3)));
    this.#say(handshakeMessage(FINISHED, this.#verifyData(suite, secret)));
  }

  /** A secret over the handshake so far, and its line of the key log. */
  #derive(suite: Suite, from: Uint8Array, label: SecretPurpose, name: SecretLabel): Uint8Array {
    const { offer, tell } = this.#options;
    const secret = deriveSecret(suite, from, label, hashOf(this.#transcript, suite.hash));
    tell.keyLogged(keyLogLine(name, offer.random, secret));
    return secret;
  }

  /** What a Finished holds that follows the handshake so far. */
  #verifyData(suite: Suite, trafficSecret: Uint8Array): Uint8Array {
    return verifyData(suite, finishedKey(suite, trafficSecret), hashOf(this.#transcript, suite.hash));
  }

  #say(message: Uint8Array): void {
    this.#add(message);
    this.#link.send(HANDSHAKE, message);
  }

  #add(message: Uint8Array): void {
    this.#transcript.add(message, { is13: true, cipherSuite: this.#suiteCode });
  }
}

/** Tickets are passed over, since nothing is ever resumed; new keys are followed (RFC 8446, 4.6). */
function afterHandshake(
  link: RecordLink,
  receiving: Protection13,
  sending: Protection13,
): (message: Uint8Array) => void {
  const keys = { receiving, sending };
  return (message) => {
    const [type] = message;
    if (type === NEW_SESSION_TICKET) return;
    if (type !== KEY_UPDATE)
      throw new Refusal('unexpected_message', `a handshake message of type ${type} came after the handshake`);
    const asked = asksForUpdate(message);
    keys.receiving = keys.receiving.updated();
    link.receiveUnder(keys.receiving);
    if (!asked) return;
    link.send(HANDSHAKE, handshakeMessage(KEY_UPDATE, Uint8Array.of(0)));
    keys.sending = keys.sending.updated();
    link.sendUnder(keys.sending);
  };
}
