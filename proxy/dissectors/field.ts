/** A half-open range `[start, end)` of byte positions in the bytes a field travels with. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * One labelled stretch of bytes. `name` is Wireshark's display-filter name where Wireshark has one, so that
 * a reader can paste it into Wireshark; otherwise it is formed the same way (`plainsight.…`).
 *
 * `value` is what the bytes say; `meaning` is that value in words (`0x0303` → `TLS 1.2`).
 * `malformed` says in one sentence why the bytes could not be read as what they should be.
 */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly range: ByteRange;
  readonly value?: string | number;
  readonly meaning?: string;
  readonly children?: readonly Field[];
  readonly malformed?: string;
}

/**
 * Where the bytes of a dissection come from: off the wire in one piece; put together from several pieces; with a
 * transfer or content coding undone; or decrypted.
 */
export type DissectionSource = 'wire' | 'reassembled' | 'decoded' | 'decrypted';

/** A field tree together with the very bytes its ranges index; never ranges into "the stream". */
export interface Dissection {
  readonly source: DissectionSource;
  /** What these bytes are, where a message has more than one dissection: `Certificate, from 2 records`. */
  readonly title?: string;
  readonly bytes: Uint8Array;
  readonly field: Field;
}
