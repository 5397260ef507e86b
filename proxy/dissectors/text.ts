const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
// Of two bytes, made when first asked for: half of the fields of an HTTP head are line ends and separators.
const HEX_PAIRS = new Array<string | undefined>(65_536).fill(undefined);

// Up to here putting characters together is quicker than the decoder, whose calls cost more than what they do.
const SHORT = 32;
const REPLACED = '\ufffd';

/** One character a byte, as HTTP/1 heads are read (RFC 9112, 2.2). */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const ascii = end - start > SHORT ? asciiText(bytes, start, end) : undefined;
  if (ascii !== undefined) return ascii;
  let text = '';
  let at = start;
  // Eight at a time: a string of one character more each time is a new object each time.
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      bytes[at] ?? 0,
      bytes[at + 1] ?? 0,
      bytes[at + 2] ?? 0,
      bytes[at + 3] ?? 0,
      bytes[at + 4] ?? 0,
      bytes[at + 5] ?? 0,
      bytes[at + 6] ?? 0,
      bytes[at + 7] ?? 0,
    );
  }
  if (at + 4 <= end) {
    text += String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
    at += 4;
  }
  for (; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

/** Undefined when not all of it is ASCII. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = decoder.decode(bytes.subarray(start, end));
  // As many characters as bytes and none replaced: none of them took more than one.
  return text.length === end - start && !text.includes(REPLACED) ? text : undefined;
}

/** UTF-8; what is none shows as U+FFFD. */
export function utf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start > SHORT) return decoder.decode(bytes.subarray(start, end));
  let together = 0;
  for (let at = start; at < end; at++) together |= bytes[at] ?? 0;
  return together < 0x80 ? latin1(bytes, start, end) : decoder.decode(bytes.subarray(start, end));
}

/** Lower-case hex without separators. */
export function hex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start === 1) return HEX[bytes[start] ?? 0] ?? '';
  if (end - start === 2) return hexPair(bytes[start] ?? 0, bytes[start + 1] ?? 0);
  let text = '';
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const one = bytes[at] ?? 0;
    const two = bytes[at + 1] ?? 0;
    const three = bytes[at + 2] ?? 0;
    const four = bytes[at + 3] ?? 0;
    text += String.fromCharCode(
      digit(one >> 4),
      digit(one & 15),
      digit(two >> 4),
      digit(two & 15),
      digit(three >> 4),
      digit(three & 15),
      digit(four >> 4),
      digit(four & 15),
    );
  }
  for (; at < end; at++) text += HEX[bytes[at] ?? 0] ?? '';
  return text;
}

function hexPair(first: number, second: number): string {
  return (HEX_PAIRS[first * 256 + second] ??= `${HEX[first]}${HEX[second]}`);
}

/** The character code of a hex digit. */
function digit(value: number): number {
  return value < 10 ? 48 + value : 87 + value;
}

/** `0x0303` */
export function hexNumber(value: number, digits = 4): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
