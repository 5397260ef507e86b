import { readCharacter, visibleCode } from '../code-point.ts';

const LINE_FEED = 0x0a;
const QUOTE = 0x27;

/** Whether bytes can stand between single quotes as they are: visible text, and lines of it where that is wanted. */
export function isPlain(bytes: Uint8Array, withLines = false): boolean {
  for (let at = 0; at < bytes.length;) {
    const { length, point } = readCharacter(bytes, at);
    if (point === undefined) return false;
    if (visibleCode(point) !== undefined && !(withLines && point === LINE_FEED)) return false;
    at += length;
  }
  return true;
}

/**
 * Bytes as one word of a POSIX shell, whatever they are but NUL, which no argument can hold: in single quotes, or
 * spelled by `printf` where a terminal that they are pasted into would act on them.
 */
export function quoted(bytes: Uint8Array): string {
  return isPlain(bytes) ? singleQuoted(bytes) : `"$(${printed(bytes)})"`;
}

/** Visible bytes in single quotes, in which a shell takes everything literally but the quote itself (POSIX, 2.2.2). */
export function singleQuoted(bytes: Uint8Array): string {
  return `'${new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).replaceAll("'", "'\\''")}'`;
}

/**
 * A `printf` that prints exactly these bytes. What a format, a quote or the history of an interactive shell could
 * take for its own is spelled in octal digits, always three, so that a digit behind them stays a digit.
 */
export function printed(bytes: Uint8Array): string {
  let format = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    format +=
      /[A-Za-z0-9 _.,:;/=&?{}()[\]<>@#*+~^|-]/.test(character) && byte !== QUOTE ? character : octal(byte);
  }
  // A format that began with a dash would be read as an option.
  return format.startsWith('-') ? `printf '\\055${format.slice(1)}'` : `printf '${format}'`;
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`;
}
