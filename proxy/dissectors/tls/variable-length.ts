import type { ByteReader } from '../byte-reader.ts';

type LengthSize = 1 | 2 | 3;

/** A length, and as many bytes of elements that follow each other: a vector of TLS (RFC 8446, 3.4). */
export function readList(
  reader: ByteReader,
  size: LengthSize,
  lengthName: string,
  list: readonly [name: string, label: string],
  readElement: (index: number) => void,
): void {
  const length = reader.uint(size, lengthName, 'List length');
  reader.block(length, list[0], list[1], () => {
    for (let index = 0; reader.remaining > 0; index++) {
      const start = reader.position;
      readElement(index);
      // An element of no bytes would be read for ever.
      if (reader.position === start) return;
    }
  });
}

/** A length, and as many bytes that are shown as they are (RFC 8446, 3.4). */
export function readOpaque(
  reader: ByteReader,
  size: LengthSize,
  lengthName: string,
  [name, label]: readonly [name: string, label: string],
  meaning?: string,
): void {
  const length = reader.uint(size, lengthName, `${label}, length`);
  reader.opaque(length, name, label, meaning);
}
