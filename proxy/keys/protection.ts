/** What a record held, whole and verified. */
export interface Content {
  /** Of the content, which in TLS 1.3 travels inside (RFC 8446, 5.2). */
  readonly contentType: number;
  readonly content: Uint8Array;
  /**
   * All that was encrypted: in TLS 1.3 the content, its type and zeros for padding; in TLS 1.2 the content.
   */
  readonly plaintext: Uint8Array;
}

/** The keys of one direction for one epoch. */
export interface Protection {
  /** Opens a whole record, header included; undefined when it does not verify as the one with this number. */
  open(record: Uint8Array, sequence: number): Content | undefined;
}
