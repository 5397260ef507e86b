const LABEL_AND_RANDOM = /^\s*(\S+)\s+(\S+)/;

/**
 * Which lines can stand in a key log file (SSLKEYLOGFILE, RFC 9850). It knows a connection by its client random alone,
 * and whoever sends a recorded ClientHello again makes a second one with the same: the site answers with a random and a
 * key share of its own, so it tells other secrets under the same names. Of two such lines a program takes one, tshark
 * the later. What is sent again was said before, by the connection that was completed; the second handshake never is,
 * for want of the client's private half. So the first line that was told stands, and one that contradicts it does not.
 */
export class FirstTold {
  readonly #lines = new Map<string, string>();

  /** Whether this line may stand in the file behind those that were asked about before. */
  stands(line: string): boolean {
    const plain = line.trim().toLowerCase();
    const [name] = LABEL_AND_RANDOM.exec(plain) ?? [plain];
    const first = this.#lines.get(name) ?? plain;
    this.#lines.set(name, first);
    return first === plain;
  }
}
