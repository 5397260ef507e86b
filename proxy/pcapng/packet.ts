/** An Ethernet frame, and what the file says about it. */
export interface Packet {
  readonly frame: Uint8Array;
  readonly comments: readonly string[];
}
