import type { Direction } from '#dissectors/message.ts';
import { cipherSuiteName, versionName } from '#dissectors/tls/names.ts';
import { APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, RECORD_HEADER } from '#dissectors/tls/record.ts';
import { checkFinished } from './finished.ts';
import { type HandshakeMessage, HandshakeStream } from './handshake-stream.ts';
import { CLIENT_HELLO, FINISHED, SERVER_HELLO } from './handshake-types.ts';
import {
  type ClientHello,
  type Hellos,
  readClientHello,
  readServerHello,
  type ServerHello,
} from './hellos.ts';
import type { LoggedSecrets } from './key-log.ts';
import type { Content } from './protection.ts';
import { type RecordReading, type Sealed, sealed } from './reading.ts';
import { Side12 } from './side-12.ts';
import { Side13 } from './side-13.ts';
import { suiteOf } from './suite.ts';
import { Transcript } from './transcript.ts';

const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;

/**
 * Opens the records of one TLS connection with the secrets of a key log, record by record. A record is opened
 * whole and verified, or stays sealed for a reason. What it needs from the connection it reads itself: the
 * hellos, and the handshake messages that change keys.
 */
export class ConnectionDecryption {
  readonly #keyLog: LoggedSecrets;
  readonly #sides: Readonly<Record<Direction, Side>>;
  readonly #transcript = new Transcript();
  #client: ClientHello | undefined;
  #server: ServerHello | undefined;

  constructor(keyLog: LoggedSecrets) {
    this.#keyLog = keyLog;
    this.#sides = {
      'client-to-server': new Side('client-to-server', keyLog),
      'server-to-client': new Side('server-to-client', keyLog),
    };
  }

  /** The version that was agreed on, and the suite; unknown until the ServerHello. */
  get agreed(): Pick<ServerHello, 'version' | 'cipherSuite'> | undefined {
    return this.#server;
  }

  /** The client random in hex, which is what the lines of a key log call the connection; unknown until the ClientHello. */
  get name(): string | undefined {
    return this.#client?.name;
  }

  /** Whether the key log has anything of this connection; undefined until the ClientHello. */
  get hasKeys(): boolean | undefined {
    return this.#client && this.#keyLog.knows(this.#client.name);
  }

  /** Takes the next record of a direction as it was on the wire, header included; directions in the order of capture. */
  push(direction: Direction, record: Uint8Array): RecordReading {
    const side = this.#sides[direction];
    const [type = 0, , , high = 0, low = 0] = record;
    if (record.length < RECORD_HEADER || record.length !== RECORD_HEADER + high * 256 + low) {
      this.lose(direction);
      return sealed('incomplete', 'The record did not arrive whole.');
    }
    if (type !== APPLICATION_DATA && (this.#server?.version === TLS_1_3 || !side.old.isSealed)) {
      const content = record.subarray(RECORD_HEADER);
      return { state: 'clear', ...this.#read(direction, { contentType: type, content, plaintext: content }) };
    }
    const opened = this.#refusal() ?? this.#open(direction, record);
    if ('state' in opened) {
      side.handshake.lose();
      // It may have held a handshake message.
      if (!this.#transcript.isOver) this.#transcript.lose();
      return opened;
    }
    return { state: 'opened', version: this.#server?.version ?? TLS_1_3, ...this.#read(direction, opened) };
  }

  /** Records of this direction may be missing before the next one. */
  lose(direction: Direction): void {
    const { handshake, old, current } = this.#sides[direction];
    handshake.lose();
    this.#transcript.lose();
    old.lose();
    current.lose();
  }

  #open(direction: Direction, record: Uint8Array): Content | Sealed {
    const { old, current } = this.#sides[direction];
    return this.#server && this.#server.version !== TLS_1_3
      ? old.open(record)
      : current.open(record, this.#hellos());
  }

  /** Why nothing of this connection can be opened, whatever the record. */
  #refusal(): Sealed | undefined {
    if (!this.#client)
      return sealed(
        'no-hello',
        'No ClientHello was captured before this record, so whose keys these are cannot be told.',
      );
    if (!this.#keyLog.knows(this.#client.name))
      return sealed(
        'no-key',
        `No line of the key log is for this connection, whose client random begins with ${this.#client.name.slice(0, 16)}.`,
      );
    // Early data comes before the server has chosen anything.
    if (!this.#server)
      return this.#client.earlyData
        ? undefined
        : sealed(
            'no-hello',
            'No ServerHello was captured before this record, so how it is encrypted cannot be told.',
          );
    const { version, cipherSuite, compressed } = this.#server;
    if (version !== TLS_1_2 && version !== TLS_1_3)
      return sealed('not-supported', `Records of ${versionName(version)} are not decrypted here.`);
    if (!suiteOf(cipherSuite))
      return sealed('not-supported', `Records under ${cipherSuiteName(cipherSuite)} are not decrypted here.`);
    if (compressed && version === TLS_1_2)
      return sealed(
        'not-supported',
        'Records that are compressed before they are encrypted are not decrypted here.',
      );
    return undefined;
  }

  #read(direction: Direction, content: Content) {
    const side = this.#sides[direction];
    if (content.contentType === CHANGE_CIPHER_SPEC) {
      // A relic in TLS 1.3, where it changes nothing (RFC 8446, D.4).
      if (this.#server?.version !== TLS_1_3) side.old.changeCipher(this.#hellos());
      return { ...content, handshake: [], carriedOver: 0 };
    }
    if (content.contentType !== HANDSHAKE) return { ...content, handshake: [], carriedOver: 0 };
    const carriedOver = Math.min(side.handshake.outstanding, content.content.length);
    const handshake = side.handshake
      .push(content.content)
      .map((message) => this.#checked(direction, message));
    return { ...content, handshake, carriedOver };
  }

  /** Takes in a message that has ended; a Finished is checked against those before it. */
  #checked(direction: Direction, message: HandshakeMessage): HandshakeMessage {
    const { bytes } = message;
    const isFinished = bytes[0] === FINISHED && !this.#transcript.isOver;
    const about = { keyLog: this.#keyLog, client: this.#client, server: this.#server };
    const finished = isFinished
      ? checkFinished(bytes, direction, { ...about, transcript: this.#transcript })
      : undefined;
    this.#ended(direction, bytes);
    const { version, cipherSuite } = this.#server ?? {};
    this.#transcript.add(bytes, { is13: version === TLS_1_3, cipherSuite });
    return finished ? { ...message, finished } : message;
  }

  #ended(direction: Direction, message: Uint8Array): void {
    const [type = 0] = message;
    if (type === CLIENT_HELLO && direction === 'client-to-server')
      this.#client = readClientHello(message) ?? this.#client;
    else if (type === SERVER_HELLO && direction === 'server-to-client')
      this.#server = readServerHello(message) ?? this.#server;
    else if (this.#server?.version === TLS_1_3) this.#sides[direction].current.ended(type);
  }

  #hellos(): Hellos {
    return { ...(this.#client && { client: this.#client }), ...(this.#server && { server: this.#server }) };
  }
}

/** One direction; which of the versions it speaks only the ServerHello tells. */
class Side {
  readonly handshake = new HandshakeStream();
  readonly old: Side12;
  readonly current: Side13;

  constructor(direction: Direction, keyLog: LoggedSecrets) {
    this.old = new Side12(direction, keyLog);
    this.current = new Side13(direction, keyLog);
  }
}
