/** What a capture file may ask of whoever reads it. */
export const limits = {
  fileBytes: 256 * 1024 * 1024,
  /** One block or packet: what Wireshark accepts, and more than any network carries. */
  blockBytes: 16 * 1024 * 1024,
  packets: 4_000_000,
  events: 1_000_000,
  /** That the bytes are cut into: each costs memory in whoever shows it. */
  messages: 1_000_000,
  connections: 100_000,
  interfaces: 10_000,
  names: 65_536,
  keyLogBytes: 4 * 1024 * 1024,
  keyLogLines: 20_000,
  /** Segments that wait for a missing one, in one direction of a connection. */
  waitingSegments: 2048,
  /** Datagrams of which some fragments have not come yet, and fragments of each. */
  unfinishedDatagrams: 256,
  fragments: 512,
} as const;
