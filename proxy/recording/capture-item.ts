/** A packet as the file has it. */
export interface RecordedPacket {
  readonly kind: 'packet';
  /** One of the registered LINKTYPE numbers. */
  readonly linkType: number;
  /** Nanoseconds since 1970; undefined where the format has no place for it. */
  readonly time: bigint | undefined;
  readonly frame: Uint8Array;
  readonly comments: readonly string[];
}

/** What a capture file holds, piece by piece in its order. */
export type CaptureItem =
  | RecordedPacket
  | { readonly kind: 'section'; readonly comments: readonly string[] }
  | { readonly kind: 'comments'; readonly comments: readonly string[] }
  | { readonly kind: 'names'; readonly names: readonly AddressName[] }
  | { readonly kind: 'secrets'; readonly text: string };

export interface AddressName {
  readonly address: string;
  readonly name: string;
}
