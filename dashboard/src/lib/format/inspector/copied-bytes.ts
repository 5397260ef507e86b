import { textRuns } from '../text-runs.ts';

const PAIRS_A_LINE = 16;

/** Two digits a byte, 16 bytes a line: what `xxd -r -p` reads back. */
export function asHex(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += PAIRS_A_LINE) {
    const line = bytes.subarray(start, start + PAIRS_A_LINE);
    lines.push(Array.from(line, (byte) => byte.toString(16).padStart(2, '0')).join(' '));
  }
  return lines.join('\n');
}

/**
 * UTF-8 text as it is shown: whatever would not show itself, hide something or move a cursor stands there as its
 * code, so that pasting it does nothing but say what was sent.
 */
export function asText(bytes: Uint8Array): string {
  return textRuns(bytes, { start: 0, end: bytes.length }, [])
    .map(({ text }) => text)
    .join('');
}
