import type { ConnectionId, Direction, Endpoint } from '#contract';
import type { EventList } from './event-list.ts';
import type { Datagram } from './ip.ts';
import type { Names } from './names.ts';
import type { Notes } from './notes.ts';
import { readTcp, readUdp } from './segment.ts';
import { TcpConversation } from './tcp-conversation.ts';

const tcp = 6;
const udp = 17;
const dnsPort = 53;
/** Ports by which a server is known when nobody was seen to open the connection; else the lower one is taken for it. */
const knownPorts: ReadonlySet<number> = new Set([dnsPort, 80, 443, 8000, 8080, 8443]);

interface UdpConversation {
  readonly connection: ConnectionId;
  readonly client: Endpoint;
  readonly offsets: Record<Direction, number>;
}

interface Ends {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/** Sorts the datagrams of a capture into connections, and tells their events in the order of the packets. */
export class Conversations {
  readonly #events: EventList;
  readonly #notes: Notes;
  readonly #names: Names;
  readonly #tcp = new Map<string, TcpConversation>();
  readonly #udp = new Map<string, UdpConversation>();

  constructor(events: EventList, notes: Notes, names: Names) {
    this.#events = events;
    this.#notes = notes;
    this.#names = names;
  }

  take(datagram: Datagram): void {
    if (datagram.protocol === tcp) this.#takeTcp(datagram);
    else if (datagram.protocol === udp) this.#takeUdp(datagram);
    else this.#notes.passOver('neither TCP nor UDP in it');
  }

  /** Tells what still waits, connection after connection, with a pause behind each. */
  *end(): Generator<undefined> {
    for (const conversation of this.#tcp.values()) {
      conversation.end(this.#notes);
      yield;
    }
  }

  #takeTcp(datagram: Datagram): void {
    const segment = readTcp(datagram);
    if (segment === undefined) {
      this.#notes.passOver('its TCP header is broken or cut off');
      return;
    }
    const ends = endsOf(datagram, segment.sourcePort, segment.destinationPort);
    const key = keyOf(ends);
    let conversation = this.#tcp.get(key);
    const opens = segment.syn && segment.acknowledgement === undefined;
    const isNew = opens
      ? !(conversation && isSame(conversation.client, ends.source) && conversation.isOpenedBy(segment))
      : conversation === undefined;
    if (isNew) {
      // Without an opening, what carries no bytes is the end of something that the capture did not see.
      if (!segment.syn && segment.length === 0) return;
      conversation?.end(this.#notes);
      const isFromClient = opens || (!segment.syn && !isServer(ends.source, ends.destination));
      const [client, server] = isFromClient
        ? [ends.source, ends.destination]
        : [ends.destination, ends.source];
      conversation = new TcpConversation(this.#events, client, server);
      this.#tcp.set(key, conversation);
    }
    if (!conversation) return;
    const isFromClient = isSame(conversation.client, ends.source);
    conversation.take(isFromClient ? 'client-to-server' : 'server-to-client', segment);
  }

  #takeUdp(datagram: Datagram): void {
    const content = readUdp(datagram);
    if (content === undefined) {
      this.#notes.passOver('its UDP header is broken or cut off');
      return;
    }
    const { sourcePort, destinationPort, payload, length } = content;
    const ends = endsOf(datagram, sourcePort, destinationPort);
    const isDns = sourcePort === dnsPort || destinationPort === dnsPort;
    const conversation = this.#udpConversation(ends, isDns);
    const direction = isSame(conversation.client, ends.source) ? 'client-to-server' : 'server-to-client';
    const offset = conversation.offsets[direction];
    conversation.offsets[direction] += length;
    if (payload.length > 0)
      this.#events.capture(conversation.connection, direction, { offset, bytes: payload });
    if (isDns) this.#names.learnFromDns(payload);
  }

  #udpConversation(ends: Ends, isDns: boolean): UdpConversation {
    const key = keyOf(ends);
    const known = this.#udp.get(key);
    if (known) return known;
    const isFromServer = isServer(ends.source, ends.destination);
    const [client, server] = isFromServer ? [ends.destination, ends.source] : [ends.source, ends.destination];
    const hop = isDns ? 'resolver' : 'cafe';
    const connection = this.#events.open({ transport: 'udp', hop, client, server });
    const conversation = { connection, client, offsets: { 'client-to-server': 0, 'server-to-client': 0 } };
    this.#udp.set(key, conversation);
    return conversation;
  }
}

function isServer(candidate: Endpoint, other: Endpoint): boolean {
  const isKnown = knownPorts.has(candidate.port);
  return isKnown === knownPorts.has(other.port) ? candidate.port < other.port : isKnown;
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && one.address === other.address;
}

function endsOf({ source, destination }: Datagram, sourcePort: number, destinationPort: number): Ends {
  return {
    source: { address: source, port: sourcePort },
    destination: { address: destination, port: destinationPort },
  };
}

/** The same for both directions. */
function keyOf({ source, destination }: Ends): string {
  const [one, other] = [`${source.address} ${source.port}`, `${destination.address} ${destination.port}`];
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
