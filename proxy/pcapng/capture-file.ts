import type {
  BytesCaptured,
  ConnectionClosed,
  ConnectionId,
  ConnectionOpened,
  EpochStarted,
  Hop,
  LogEvent,
} from '#contract';
import { attackComment } from './attack-comment.ts';
import { Addresses, type NamedAddress } from './addresses.ts';
import {
  decryptionSecrets,
  enhancedPacket,
  interfaceDescription,
  interfaceStatistics,
  nameResolution,
  sectionHeader,
} from './block.ts';
import type { Packet } from './packet.ts';
import { isSecret, secretLines, statements, type ToldSecret } from './statement.ts';
import { TcpConnection } from './tcp-connection.ts';
import { refusalComment } from './refusal-comment.ts';
import { toldComment } from './told.ts';
import { UdpExchange } from './udp-exchange.ts';

/** The hops in the order of their interface description blocks. */
const hops = ['cafe', 'resolver', 'onward'] as const satisfies readonly Hop[];
const hopDescriptions: Readonly<Record<Hop, string>> = {
  cafe: 'victim to relay',
  resolver: 'victim to resolver',
  onward: 'stranger to site, while it answers the victim itself',
};

// Comments wait for the next packet; more of them than this get a block of their own.
const mostPending = 64;

// Readers refuse blocks of more than some megabytes.
const keyLogLength = 1 << 20;

export interface CaptureFileOptions {
  /** What is to be lent to whoever reads the file: entered secrets and keys, in order. */
  readonly secrets?: Iterable<ToldSecret>;
}

interface Conversation {
  readonly hop: Hop;
  readonly packets: TcpConnection | UdpExchange;
}

/**
 * The log as a pcapng file, block after block, openable in Wireshark: one interface a hop, names for the invented
 * addresses, each captured chunk as packets. What the wire did not show is said in comments: that headers and
 * handshakes are synthesised, what the log has dropped, what the site and the victim told; and every event once
 * more as JSON (`statement.ts`), so that the file opens here again with nothing lost.
 *
 * No secret among the events is written. Those given as `secrets` are, all of them in Decryption Secrets Blocks
 * before the packets, the way Wireshark reads them. `events` is read as the blocks are asked for. It must begin with
 * `epoch-started`.
 */
export function* captureFile(
  events: Iterable<LogEvent>,
  { secrets }: CaptureFileOptions = {},
): Generator<Uint8Array, void> {
  const file = new CaptureFile(secrets);
  for (const event of events) yield* file.blocks(event);
  yield* file.end();
}

class CaptureFile {
  readonly #addresses = new Addresses();
  readonly #conversations = new Map<ConnectionId, Conversation>();
  /** Nanoseconds since 1970 at time 0 of the epoch. */
  #began = 0n;
  #time = 0n;
  #pending: string[] = [];
  readonly #secrets: CaptureFileOptions['secrets'];

  constructor(secrets: CaptureFileOptions['secrets']) {
    this.#secrets = secrets;
  }

  *blocks(event: LogEvent): Generator<Uint8Array> {
    this.#time = this.#began + BigInt(event.time);
    switch (event.type) {
      case 'epoch-started':
        yield* this.#begin(event);
        break;
      case 'connection-opened':
        yield* this.#open(event);
        break;
      case 'bytes-captured':
        yield* this.#packets(event, (packets) => packets.send(event));
        break;
      case 'connection-closed':
        yield* this.#packets(event, (packets) => packets.close(event));
        this.#conversations.delete(event.connection);
        break;
      case 'bytes-evicted': {
        const { connection, direction, from, to } = event;
        this.#conversations.get(connection)?.packets.skip(direction, to);
        yield* this.#comment(
          `The capture has dropped bytes ${from} to ${to}, ${direction}, of connection ${connection}`,
          ...statements(event),
        );
        break;
      }
      case 'bytes-held':
      case 'bytes-released': {
        const { type, connection, direction, offset, length } = event;
        const what = type === 'bytes-held' ? 'Held' : 'Let go again';
        yield* this.#comment(
          `${what} by the stranger: bytes ${offset} to ${offset + length}, ${direction}, of connection ${connection}`,
          ...statements(event),
        );
        break;
      }
      case 'request-handled':
      case 'handshake-failed':
      case 'certificate-received':
        yield* this.#comment(toldComment(event), ...statements(event));
        break;
      case 'request-refused':
        yield* this.#comment(refusalComment(event), ...statements(event));
        break;
      case 'attack-acted':
        if (isSecret(event)) break;
        yield* this.#comment(attackComment(event), ...statements(event));
        break;
      case 'attack-armed':
      case 'attack-disarmed':
        yield* this.#comment(attackComment(event), ...statements(event));
        break;
      case 'secret-entered':
      case 'secrets-logged':
      case 'private-key-leaked':
      case 'key-share-told':
        break;
    }
  }

  /** What is still to be said after the last packet. */
  *end(): Generator<Uint8Array> {
    if (this.#pending.length > 0) yield this.#statement();
  }

  *#begin(started: EpochStarted): Generator<Uint8Array> {
    this.#began = BigInt(Date.parse(started.wallClock)) * 1_000_000n;
    yield sectionHeader('plainsight', [
      introduction(started, this.#secrets !== undefined),
      ...statements(started),
    ]);
    for (const hop of hops) yield interfaceDescription({ name: hop, description: hopDescriptions[hop] });
    if (this.#secrets) yield* keyLogs(this.#secrets);
    yield* names(started.routes.flatMap(({ name }) => this.#addresses.learnServer(name)));
  }

  *#open(opened: ConnectionOpened): Generator<Uint8Array> {
    yield* names(this.#addresses.learn(opened));
    const { connection, hop, transport } = opened;
    const client = this.#addresses.client(opened);
    const server = this.#addresses.server(opened);
    const Packets = transport === 'udp' ? UdpExchange : TcpConnection;
    this.#conversations.set(connection, { hop, packets: new Packets(opened, client, server) });
    yield* this.#packets(opened, (packets) => packets.open());
  }

  /** The packets of an event; the first carries what states it. What has no packet waits for another's. */
  *#packets(
    event: ConnectionOpened | BytesCaptured | ConnectionClosed,
    choose: (packets: Conversation['packets']) => Iterable<Packet>,
  ): Generator<Uint8Array> {
    const conversation = this.#conversations.get(event.connection);
    if (conversation === undefined) return;
    const header = { interfaceId: hops.indexOf(conversation.hop), time: this.#time };
    let unstated = statements(event);
    for (const { frame, comments } of choose(conversation.packets)) {
      yield enhancedPacket({ ...header, comments: [...comments, ...unstated, ...this.#pending] }, frame);
      unstated = [];
      if (this.#pending.length > 0) this.#pending = [];
    }
    yield* this.#comment(...unstated);
  }

  *#comment(...texts: readonly string[]): Generator<Uint8Array> {
    this.#pending.push(...texts);
    if (this.#pending.length >= mostPending) yield this.#statement();
  }

  #statement(): Uint8Array {
    const comments = this.#pending;
    this.#pending = [];
    return interfaceStatistics({ interfaceId: hops.indexOf('cafe'), time: this.#time, comments });
  }
}

function* names(learned: readonly NamedAddress[]): Generator<Uint8Array> {
  if (learned.length > 0) yield nameResolution(learned);
}

function introduction({ epoch, wallClock, source }: EpochStarted, withKeys: boolean): string {
  const what = source === 'recorded' ? 'A recording, written anew' : `Capture ${epoch} of a lab on loopback`;
  const keys = withKeys ? ' The keys are in this file: whoever has it can read everything in it.' : '';
  return (
    `${what}, begun ${wallClock}. Payloads are as captured; ` +
    `addresses are invented and all headers synthesised, since the relay sees no packets.${keys}`
  );
}

function* keyLogs(secrets: Iterable<ToldSecret>): Generator<Uint8Array> {
  let text = '';
  for (const line of secretLines(secrets)) {
    // A statement and its key stay together; not every secret has a key behind it.
    if (text.length >= keyLogLength && line.startsWith('#')) {
      yield decryptionSecrets(text);
      text = '';
    }
    text += `${line}\n`;
  }
  if (text !== '') yield decryptionSecrets(text);
}
