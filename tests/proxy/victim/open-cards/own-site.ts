import { createHash, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { joined, uint } from '#keys/bytes.ts';
import {
  deriveSecret,
  earlySecret,
  finishedKey,
  handshakeSecret,
  masterSecret,
  verifyData,
} from '#keys/schedule/key-schedule-13.ts';
import { signedByCertificateVerify } from '#keys/signed-handshake.ts';
import { suiteFor } from '../../../../proxy/victim/open-cards/handshake.ts';
import { AlertReceived } from '../../../../proxy/victim/open-cards/alert.ts';
import { HANDSHAKE, KEY_SHARE, SUPPORTED_VERSIONS } from '../../../../proxy/victim/open-cards/code-points.ts';
import { makeKeyShare, X25519 } from '../../../../proxy/victim/open-cards/key-share.ts';
import { Protection13 } from '../../../../proxy/victim/open-cards/protection-13.ts';
import { RecordLink } from '../../../../proxy/victim/open-cards/record-link.ts';
import { WireReader } from '../../../../proxy/victim/open-cards/wire-reader.ts';
import { handshakeMessage, vector } from '../../../../proxy/victim/open-cards/wire-writer.ts';
import { HOST, theAuthority } from './sites.ts';

const SUITE = 0x1301;
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

export function extension(type: number, ...content: readonly Uint8Array[]): Uint8Array {
  return joined(uint(type, 2), vector(2, ...content));
}

export const TLS_1_3_CHOSEN = extension(SUPPORTED_VERSIONS, uint(0x0304, 2));

export interface Hello {
  readonly random?: Uint8Array;
  readonly sessionId?: Uint8Array;
  readonly suite?: number;
  readonly compression?: number;
  readonly extensions?: readonly Uint8Array[];
  /** Inside the message. */
  readonly behind?: Uint8Array;
  /** In the same record. */
  readonly after?: Uint8Array;
}

/** A server of TLS 1.3 that says what a test wants, in the order that it wants. */
export class OwnSite {
  readonly socket: Socket;
  readonly link: RecordLink;
  readonly #identity: { readonly key: string; readonly certificate: X509Certificate };
  readonly #share = makeKeyShare(X25519);
  readonly #suite = suiteFor(SUITE);
  #messages: Uint8Array[] = [];
  #sessionId: Uint8Array = new Uint8Array(0);
  #clientShare: Uint8Array = new Uint8Array(0);
  #handshakeSecret: Uint8Array = new Uint8Array(0);
  #trafficSecret: Uint8Array = new Uint8Array(0);
  #clientSecret: Uint8Array = new Uint8Array(0);

  constructor(socket: Socket, identity: { readonly key: string; readonly certificate: X509Certificate }) {
    this.socket = socket;
    this.link = new RecordLink(socket);
    this.link.changeCipherSpec = 'passed over';
    this.#identity = identity;
  }

  async hearHello(): Promise<void> {
    const message = await this.link.handshakeMessage(1);
    this.#messages.push(Uint8Array.from(message));
    const reader = new WireReader(message.subarray(4 + 2 + 32));
    this.#sessionId = reader.vector(1);
    reader.vector(2);
    reader.vector(1);
    const share = new WireReader(reader.extensions().get(KEY_SHARE) ?? new Uint8Array(0)).inside(2);
    share.uint(2);
    this.#clientShare = share.vector(2);
  }

  get keyShare(): Uint8Array {
    return extension(KEY_SHARE, uint(X25519, 2), vector(2, this.#share.publicKey));
  }

  hello(hello: Hello = {}): void {
    const { random = new Uint8Array(32).fill(7), sessionId = this.#sessionId, suite = SUITE } = hello;
    const { compression = 0, extensions = [TLS_1_3_CHOSEN, this.keyShare], behind } = hello;
    const message = handshakeMessage(
      2,
      ...[uint(0x0303, 2), random, vector(1, sessionId), uint(suite, 2), uint(compression, 1)],
      ...[vector(2, ...extensions), behind ?? new Uint8Array(0)],
    );
    this.#messages.push(message);
    this.link.send(HANDSHAKE, joined(message, hello.after ?? new Uint8Array(0)));
  }

  retry(hello: Hello): void {
    this.hello({ random: RETRY, ...hello });
  }

  /** From here on all is sealed. */
  seal(): void {
    const suite = this.#suite;
    const early = deriveSecret(suite, earlySecret(suite), 'derived');
    this.#handshakeSecret = handshakeSecret(suite, early, this.#share.sharedWith(this.#clientShare));
    const hash = this.#hash();
    this.#trafficSecret = deriveSecret(suite, this.#handshakeSecret, 's hs traffic', hash);
    this.#clientSecret = deriveSecret(suite, this.#handshakeSecret, 'c hs traffic', hash);
    this.link.sendUnder(new Protection13(suite, this.#trafficSecret));
    this.link.receiveUnder(new Protection13(suite, this.#clientSecret));
  }

  encryptedExtensions(...extensions: readonly Uint8Array[]): void {
    this.say(handshakeMessage(8, vector(2, ...extensions)));
  }

  certificate(...chain: readonly Uint8Array[]): void {
    const all = chain.length > 0 ? chain : [new Uint8Array(this.#identity.certificate.raw)];
    this.say(
      handshakeMessage(11, vector(1), vector(3, ...all.flatMap((der) => [vector(3, der), vector(2)]))),
    );
  }

  noCertificate(): void {
    this.say(handshakeMessage(11, vector(1), vector(3)));
  }

  certificateVerify({ scheme = 0x0403, key = this.#identity.key, over = this.#hash() } = {}): void {
    const signature = sign('sha256', signedByCertificateVerify(over), key);
    this.say(handshakeMessage(15, uint(scheme, 2), vector(2, signature)));
  }

  finished(change: (data: Uint8Array) => Uint8Array = (data) => data): void {
    const data = verifyData(this.#suite, finishedKey(this.#suite, this.#trafficSecret), this.#hash());
    this.say(handshakeMessage(20, change(data)));
  }

  /** A handshake as it should be, to its end. */
  async shakeHands(): Promise<void> {
    this.hello();
    this.seal();
    this.encryptedExtensions();
    this.certificate();
    this.certificateVerify();
    this.finished();
    const [suite, hash] = [this.#suite, this.#hash()];
    const master = masterSecret(suite, deriveSecret(suite, this.#handshakeSecret, 'derived'));
    await this.link.handshakeMessage(20);
    this.link.sendUnder(new Protection13(suite, deriveSecret(suite, master, 's ap traffic', hash)));
    this.link.receiveUnder(new Protection13(suite, deriveSecret(suite, master, 'c ap traffic', hash)));
  }

  say(message: Uint8Array): void {
    this.#messages.push(message);
    this.link.send(HANDSHAKE, message);
  }

  #hash(): Uint8Array {
    return createHash('sha256')
      .update(joined(...this.#messages))
      .digest();
  }
}

export interface Heard {
  /** Description of the alert with which the client left. */
  readonly alert: number | undefined;
  readonly data: string;
}

/** Plays its part with one client, then listens to what that says until it has gone. */
export async function ownSite(
  play: (site: OwnSite) => Promise<void>,
): Promise<{ readonly port: number; readonly heard: Promise<Heard>; close(): Promise<void> }> {
  const { keyPem, certificatePem } = await (await theAuthority()).issue({ names: [HOST] });
  const identity = { key: keyPem, certificate: new X509Certificate(certificatePem) };
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const heard = (async (): Promise<Heard> => {
    const [socket] = (await once(server, 'connection')) as [Socket];
    socket.on('error', () => undefined);
    const site = new OwnSite(socket, identity);
    let data = '';
    try {
      await site.hearHello();
      await play(site);
      for (;;) {
        const piece = await site.link.data(() => undefined);
        if (!piece) return { alert: 0, data };
        data += Buffer.from(piece).toString('latin1');
      }
    } catch (error) {
      return { alert: error instanceof AlertReceived ? error.description : undefined, data };
    } finally {
      socket.destroy();
    }
  })();
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}
