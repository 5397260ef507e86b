import type { ConnectionOpened, Opener } from '#contract';
import type { Party } from './frame.ts';
import { plain } from './plain-text.ts';

/** An invented address and the name that stands for it. */
export interface NamedAddress {
  readonly address: Uint8Array;
  readonly name: string;
}

/** The café's own network: where each kind of client gets its invented address. */
const hosts: Readonly<Record<Opener, number>> = {
  stranger: 1,
  'scripted-victim': 11,
  'demo-browser': 12,
  other: 13,
};

/**
 * Who is who in the file. Everything really happened on 127.0.0.1; the packets show the network that the lab
 * stands for. Clients live in 192.168.4.0/24, one address for each opener: the stranger 192.168.4.1, the
 * scripted victim .11, the demo browser .12, any other client .13. Servers get the addresses of 192.0.2.0/24
 * (for documentation, RFC 5737), one for each name, in the order of appearance; beyond 254 names they are shared.
 * Ports are those that the victim sees. On the Ethernet the stranger is what a client takes for the way to the
 * server, so that the server's side always has the stranger's MAC address.
 */
export class Addresses {
  readonly #servers = new Map<string, Uint8Array>();
  readonly #openers = new Set<Opener>();

  /** The address of the server of this name when it is new, to be told to the reader of the file. */
  learnServer(name: string): readonly NamedAddress[] {
    if (this.#servers.has(name)) return [];
    const address = Uint8Array.of(192, 0, 2, 1 + (this.#servers.size % 254));
    this.#servers.set(name, address);
    return [{ address, name: plain(name) }];
  }

  /** The same of both ends of a connection. */
  learn({ opener, server }: ConnectionOpened): readonly NamedAddress[] {
    const servers = this.learnServer(server.name);
    if (this.#openers.has(opener)) return servers;
    this.#openers.add(opener);
    return [{ address: clientAddress(opener), name: opener }, ...servers];
  }

  client({ opener, client }: ConnectionOpened): Party {
    return { mac: macOf(opener), address: clientAddress(opener), port: client.port };
  }

  server({ server }: ConnectionOpened): Party {
    const address = this.#servers.get(server.name) ?? Uint8Array.of(192, 0, 2, 255);
    return { mac: macOf('stranger'), address, port: server.port };
  }
}

function clientAddress(opener: Opener): Uint8Array {
  return Uint8Array.of(192, 168, 4, hosts[opener]);
}

/** Locally administered, so that it belongs to no maker: 02:00 and the address. */
function macOf(opener: Opener): Uint8Array {
  return Uint8Array.of(0x02, 0x00, ...clientAddress(opener));
}
