import type { KeyObject } from 'node:crypto';
import { cipherSuiteName, groupName } from '#dissectors/tls/names.ts';
import { sameBytes } from '#keys/bytes.ts';
import { FINISHED, HELLO_REQUEST, SERVER_HELLO } from '#keys/handshake-types.ts';
import {
  cutKeyBlock,
  extendedMasterSecret12,
  keyBlock12,
  masterSecret12,
  verifyData12,
} from '#keys/schedule/key-block-12.ts';
import { signedByServerKeyExchange } from '#keys/signed-handshake.ts';
import type { Suite } from '#keys/suite.ts';
import { Transcript } from '#keys/transcript.ts';
import { Refusal } from './alert.ts';
import { checkCertificate, readCertificates } from './certificate-check.ts';
import { clientHello } from './client-hello.ts';
import {
  ALPN,
  CERTIFICATE,
  CERTIFICATE_REQUEST,
  CHANGE_CIPHER_SPEC,
  CLIENT_KEY_EXCHANGE,
  EC_POINT_FORMATS,
  EXTENDED_MASTER_SECRET,
  HANDSHAKE,
  RENEGOTIATION_INFO,
  SERVER_HELLO_DONE,
  SERVER_KEY_EXCHANGE,
  SERVER_NAME,
  TLS_1_2,
} from './code-points.ts';
import { type HandshakeOptions, hashOf, keyLogLine, type Secured, suiteFor } from './handshake.ts';
import { type Group, makeKeyShare } from './key-share.ts';
import { Protection12 } from './protection-12.ts';
import type { RecordLink } from './record-link.ts';
import { readServerHello, type ServerHello } from './server-hello.ts';
import { chainOf12, checkProtocol } from './server-messages.ts';
import { checkSignature } from './signature-check.ts';
import { WireReader } from './wire-reader.ts';
import { handshakeMessage, vector } from './wire-writer.ts';

const HEADER = 4;
const NAMED_CURVE = 3;
const ALLOWED_EXTENSIONS: readonly number[] = [
  SERVER_NAME,
  EC_POINT_FORMATS,
  ALPN,
  EXTENDED_MASTER_SECRET,
  RENEGOTIATION_INFO,
];

/** The key share of the site, which its certificate's key has signed. */
interface ServerShare {
  readonly group: Group;
  readonly publicKey: Uint8Array;
}

/** The client's part of a full handshake of TLS 1.2 with ECDHE (RFC 5246, 7.3; RFC 8422). */
export async function handshake12(link: RecordLink, options: HandshakeOptions): Promise<Secured> {
  return new Handshake12(link, options).run();
}

class Handshake12 {
  readonly #link: RecordLink;
  readonly #options: HandshakeOptions;
  readonly #transcript = new Transcript();

  constructor(link: RecordLink, options: HandshakeOptions) {
    this.#link = link;
    this.#options = options;
  }

  async run(): Promise<Secured> {
    const { offer, tell } = this.#options;
    this.#say(clientHello(offer));
    const hello = readServerHello(await this.#hear(SERVER_HELLO), offer);
    checkExtensions(hello);
    const suite = suiteFor(hello.suite);
    const key = this.#certificate(await this.#hear(CERTIFICATE), hello);
    const theirs = this.#serverShare(await this.#hear(SERVER_KEY_EXCHANGE), hello, key);
    const isAsked = (await this.#hear(CERTIFICATE_REQUEST, SERVER_HELLO_DONE))[0] === CERTIFICATE_REQUEST;
    if (isAsked) await this.#hear(SERVER_HELLO_DONE);

    const share = makeKeyShare(theirs.group);
    const sharedSecret = share.sharedWith(theirs.publicKey);
    tell.keyShare({ group: share.group, privateKey: share.privateKey });
    // This client has no certificate, and says so (RFC 5246, 7.4.6).
    if (isAsked) this.#say(handshakeMessage(CERTIFICATE, vector(3)));
    this.#say(handshakeMessage(CLIENT_KEY_EXCHANGE, vector(1, share.publicKey)));
    const masterSecret = this.#masterSecret(suite, hello, sharedSecret);
    tell.keyLogged(keyLogLine('CLIENT_RANDOM', offer.random, masterSecret));

    await this.#finish(suite, hello, masterSecret);
    return {
      cards: {
        ...{ version: TLS_1_2, suite: hello.suite, group: share.group, clientRandom: offer.random },
        ...{ privateKey: share.privateKey, publicKey: share.publicKey, sitePublicKey: theirs.publicKey },
        ...{ sharedSecret, masterSecret },
      },
      afterwards: ([type]) => {
        // A client may pass over the wish for another handshake (RFC 5246, 7.4.1.1).
        if (type !== HELLO_REQUEST)
          throw new Refusal(
            'unexpected_message',
            `a handshake message of type ${type} came after the handshake`,
          );
      },
    };
  }

  #certificate(message: Uint8Array, { suite }: ServerHello): KeyObject {
    const { trust, tell } = this.#options;
    const chain = chainOf12(message);
    tell.chain(chain);
    const [leaf] = readCertificates(chain);
    if (!leaf) throw new Refusal('decode_error', 'the site showed no certificate');
    checkCertificate(leaf, trust);
    const isEcdsa = cipherSuiteName(suite).includes('_ECDSA_');
    if (isEcdsa === (leaf.publicKey.asymmetricKeyType === 'rsa'))
      throw new Refusal('illegal_parameter', 'the certificate has not the kind of key that the suite is for');
    return leaf.publicKey;
  }

  /** A ServerKeyExchange: the share, and a signature over it and both randoms (RFC 8422, 5.4). */
  #serverShare(message: Uint8Array, { random }: ServerHello, key: KeyObject): ServerShare {
    const { offer } = this.#options;
    const reader = new WireReader(message.subarray(HEADER));
    const kind = reader.uint(1);
    const code = reader.uint(2);
    const group = offer.groups.find((offered) => offered === code);
    if (kind !== NAMED_CURVE || group === undefined)
      throw new Refusal('illegal_parameter', `${groupName(code)} was not offered`);
    const publicKey = reader.vector(1);
    const params = message.subarray(HEADER, HEADER + 4 + publicKey.length);
    const scheme = reader.uint(2);
    const signature = reader.vector(2);
    reader.end();
    checkSignature(scheme, TLS_1_2, key, signedByServerKeyExchange(offer.random, random, params), signature);
    return { group, publicKey };
  }

  /** From the pre-master secret; over the whole handshake where both ends can (RFC 7627, 4; RFC 5246, 8.1). */
  #masterSecret(suite: Suite, { random, extensions }: ServerHello, shared: Uint8Array): Uint8Array {
    if (extensions.has(EXTENDED_MASTER_SECRET))
      return extendedMasterSecret12(suite, shared, hashOf(this.#transcript, suite.hash));
    return masterSecret12(suite, shared, { client: this.#options.offer.random, server: random });
  }

  /** ChangeCipherSpec and Finished, both ways. */
  async #finish(suite: Suite, { random }: ServerHello, master: Uint8Array): Promise<void> {
    const randoms = { client: this.#options.offer.random, server: random };
    const keys = cutKeyBlock(suite, keyBlock12(suite, master, randoms));
    const verifyData = (sender: 'client' | 'server') =>
      verifyData12(suite, master, sender, hashOf(this.#transcript, suite.hash));
    this.#link.send(CHANGE_CIPHER_SPEC, Uint8Array.of(1));
    this.#link.sendUnder(new Protection12(suite, keys.clientKey, keys.clientVector));
    this.#say(handshakeMessage(FINISHED, verifyData('client')));

    this.#link.changeCipherSpec = 'content';
    await this.#link.changedCipherSpec();
    this.#link.changeCipherSpec = 'refused';
    this.#link.receiveUnder(new Protection12(suite, keys.serverKey, keys.serverVector));
    const due = verifyData('server');
    const finished = await this.#hear(FINISHED);
    if (!sameBytes(finished.subarray(HEADER), due))
      throw new Refusal('decrypt_error', 'the Finished of the site does not follow from this handshake');
  }

  #say(message: Uint8Array): void {
    this.#add(message);
    this.#link.send(HANDSHAKE, message);
  }

  async #hear(...types: readonly number[]): Promise<Uint8Array> {
    const message = await this.#link.handshakeMessage(...types);
    this.#add(message);
    return message;
  }

  #add(message: Uint8Array): void {
    this.#transcript.add(message, { is13: false, cipherSuite: undefined });
  }
}

/** Nothing that was not asked for; and a first handshake, not one within another (RFC 5746, 3.4). */
function checkExtensions({ extensions }: ServerHello): void {
  const other = [...extensions.keys()].find((type) => !ALLOWED_EXTENSIONS.includes(type));
  if (other !== undefined)
    throw new Refusal('unsupported_extension', `extension ${other} has no place in this hello`);
  const renegotiated = extensions.get(RENEGOTIATION_INFO);
  if (renegotiated && !sameBytes(renegotiated, Uint8Array.of(0)))
    throw new Refusal('handshake_failure', 'the site means another handshake than this one');
  checkProtocol(extensions);
}
