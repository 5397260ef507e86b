import type { ByteRange } from '#dissectors/field.ts';

/** What a byte is drawn as in a hex dump. */
export interface HexCell {
  readonly offset: number;
  readonly hex: string;
  /** The ASCII character, or `.` for a byte that is none. */
  readonly character: string;
  readonly isHidden: boolean;
}

/** The bytes of one line of a hex dump, `perRow` of them but for the last line. */
export function hexRow(
  bytes: Uint8Array,
  row: number,
  perRow: number,
  hidden: readonly ByteRange[],
): readonly HexCell[] {
  const start = row * perRow;
  return Array.from(bytes.subarray(start, start + perRow), (byte, index) => {
    const offset = start + index;
    const isHidden = hidden.some((range) => offset >= range.start && offset < range.end);
    return {
      offset,
      hex: isHidden ? '••' : byte.toString(16).padStart(2, '0'),
      character: isHidden ? '•' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
      isHidden,
    };
  });
}

/** `0010`: as many digits as the largest offset needs, at least four. */
export function offsetLabel(offset: number, length: number): string {
  return offset.toString(16).padStart(Math.max(4, length.toString(16).length), '0');
}

/** How many bytes fit a line: 16 when there is room, since that is what offsets are easiest to read in. */
export function bytesPerRow(width: number, characterWidth: number): number {
  const columns = width / characterWidth;
  return [16, 12, 8].find((perRow) => columnsFor(perRow) <= columns) ?? 4;
}

/** Characters a line takes: offset and gap, two digits and a narrow gap a byte, gap and ASCII. */
function columnsFor(perRow: number): number {
  return 5 + perRow * 2.6 + 1.5 + perRow;
}
