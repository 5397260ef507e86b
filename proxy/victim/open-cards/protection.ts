/** The longest content of a record (RFC 8446, 5.1), and how much longer it may be when sealed (5.2). */
export const LONGEST_CONTENT = 1 << 14;
export const LONGEST_EXPANSION = 256;

export const HEADER_LENGTH = 5;

export interface Content {
  /** Content type (RFC 8446, 5.1). */
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Keys of one direction; it counts the records itself. */
export interface Protection {
  /** A whole record, header included. */
  seal(content: Content): Uint8Array;
  /** Refuses a record that does not verify as the next one. */
  open(record: Uint8Array): Content;
}
