import type { ConnectionId, SecretKind } from '#contract';
import type { PortPair } from '../capture/port-pair.ts';
import type { Patience } from './patience.ts';
import type { ShownChain } from './shown-chain.ts';

/** Where the scripted victim lives, whom it trusts, and who is told what it sees. */
export interface ScriptedVictimOptions {
  /** Loopback port on which the victim's resolver is reached in clear. */
  readonly resolverPort: number;
  /** The resolver's name over HTTPS, on port 443; the victim knows its address as every client of DoH must. */
  readonly resolverName: string;
  /** PEM of the only CA this victim trusts. */
  readonly authorityPem: string;
  /** The relay's loopback port for a name and virtual port; undefined when the lab has no such site. */
  readonly door: (name: string, port: number) => number | undefined;
  /** The same by address, for what a look-up may answer besides the address at which the sites are; nothing unless told. */
  readonly doorAt?: (address: string, port: number) => number | undefined;
  readonly connectionOf: (ports: PortPair | undefined) => ConnectionId | undefined;
  /** How long it waits for a site; as usual unless told. */
  readonly patience?: Patience;
  readonly entered: (kind: SecretKind, value: string) => void;
  /** The certificates that a site showed, and whether they satisfied the victim. */
  readonly certificateReceived: (
    received: ShownChain & { connection?: ConnectionId; host: string; trustedToo?: Uint8Array },
  ) => void;
  /** A line of the victim's own key log, for whoever it lends its keys to. */
  readonly keyLogged: (told: { connection?: ConnectionId; line: string }) => void;
  readonly handshakeFailed: (failure: { connection?: ConnectionId; code: string; message: string }) => void;
}
