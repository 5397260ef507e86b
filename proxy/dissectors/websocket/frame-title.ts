import { utf8 } from '../text.ts';
import type { FrameSummary } from './frame-message.ts';

/** As many bytes of a payload as a title is made from: 40 characters are never more. */
export const TITLE_BYTES = 160;

const LONGEST_QUOTE = 40;

/**
 * A line for a list, at most 60 characters: `Text “Hello”`, `Binary, 12 bytes`, `Close 1000`. `beginning` is the first
 * bytes of the payload without their mask, as far as they are known.
 */
export function frameTitle(frame: FrameSummary, beginning?: Uint8Array): string {
  const { opcode, kind, payloadLength, compressed } = frame;
  if (kind === 'ping' || kind === 'pong') return kind === 'ping' ? 'Ping' : 'Pong';
  if (kind === 'close') return closeTitle(beginning);
  const name =
    opcode === 0 ? 'Continuation' : kind === 'text' ? 'Text' : kind === 'binary' ? 'Binary' : 'Frame';
  if (kind === 'reserved') return `${name} of opcode ${opcode}, ${byteCount(payloadLength)}`;
  if (compressed) return `${name}, ${byteCount(payloadLength)} compressed`;
  if (kind === 'text' && beginning) return `${name} “${quote(beginning, beginning.length < payloadLength)}”`;
  return `${name}, ${byteCount(payloadLength)}`;
}

/** `masked, from the client`, and what is wrong with it. */
export function frameDetail({ fromClient, masked, part, faults }: FrameSummary): string {
  const from = fromClient ? 'from the client' : 'from the server';
  const which = part === 'whole' ? '' : `, ${part} part of a message`;
  const detail = `${masked ? 'masked' : 'not masked'}, ${from}${which}`;
  return faults.length === 0 ? detail : [detail, ...faults.map(({ why }) => why)].join('; ');
}

export function byteCount(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

function closeTitle(beginning: Uint8Array | undefined): string {
  if (!beginning || beginning.length < 2) return 'Close';
  return `Close ${(beginning[0] ?? 0) * 256 + (beginning[1] ?? 0)}`;
}

function quote(beginning: Uint8Array, hasMore: boolean): string {
  return quoteAscii(beginning, hasMore) ?? quoteText(beginning, hasMore);
}

/** Most of what machines say is ASCII, and a chat may have many frames a second. */
function quoteAscii(beginning: Uint8Array, hasMore: boolean): string | undefined {
  const isLong = hasMore || beginning.length > LONGEST_QUOTE;
  const length = Math.min(beginning.length, isLong ? LONGEST_QUOTE - 1 : LONGEST_QUOTE);
  let text = '';
  for (let at = 0; at < length; at++) {
    const byte = beginning[at] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return undefined;
    text += String.fromCharCode(byte);
  }
  return isLong ? `${text}…` : text;
}

function quoteText(beginning: Uint8Array, hasMore: boolean): string {
  // A character that the end of the beginning cuts in two shows as U+FFFD and is no part of the quote.
  const text = utf8(beginning).replace(/\p{Cc}+/gu, ' ');
  const characters = Array.from(hasMore ? text.replace(/\uFFFD{1,3}$/, '') : text);
  if (characters.length <= LONGEST_QUOTE && !hasMore) return characters.join('');
  return `${characters.slice(0, LONGEST_QUOTE - 1).join('')}…`;
}
