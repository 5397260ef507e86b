import type { Finding, FindingKind, Persona } from '#contract';
import type { ByteRange } from '#dissectors/field.ts';
import { SHORTEST_NEEDLE } from '#folds/needles.ts';
import type { Hit, MessageView, StreamRange } from '#folds/view.ts';
import { hiddenHalf, isPersonas } from './mask.ts';

/** `typed`: somebody typed these few characters, which stand here perhaps by chance; hidden, and not called a find. */
export type MarkKind = Extract<FindingKind, 'mobile' | 'password' | 'cookie' | 'token'> | 'typed';

/** A secret in the bytes on show, and the part of it that stays hidden until the presenter reveals it. */
export interface Mark extends ByteRange {
  readonly kind: MarkKind;
  readonly hidden?: ByteRange;
}

/** Beyond this a body is not searched for more places of cookie and token: the first is found anyway. */
const SEARCHED_BYTES = 1 << 20;

/** What is known about secrets: where entered ones were found, what was read, what must be hidden. */
export interface Known {
  readonly hits: readonly Hit[];
  readonly findings: readonly Finding[];
  readonly hiddenTexts: readonly string[];
  readonly persona: Persona | undefined;
  readonly revealed: boolean;
}

/** Every secret in the bytes of a message, by position, without overlaps; ranges index `bytes`. */
export function marksIn(message: MessageView, bytes: Uint8Array, known: Known): readonly Mark[] {
  const marks: Mark[] = [];
  const add = (kind: MarkKind, range: ByteRange) => {
    marks.push({ kind, ...range, ...hidden(kind, range, bytes, known) });
  };
  for (const hit of known.hits) {
    if (touches(message, hit)) add(hit.kind, within(message, hit));
  }
  for (const finding of known.findings) {
    if (finding.status !== 'read' || !isMarked(finding.kind)) continue;
    if (touches(message, finding)) add(finding.kind, within(message, finding));
    if (isCredential(finding.kind) && finding.value !== undefined) {
      for (const range of places(bytes, finding.value)) add(finding.kind, range);
    }
  }
  // The site tells what was typed after the bytes are on screen, and only the newest login is in the findings.
  for (const text of known.hiddenTexts) {
    const kind = typedKind(message, text);
    if (kind) for (const range of places(bytes, text)) add(kind, range);
  }
  return withoutOverlaps(marks);
}

/**
 * As what a typed text is marked in a message, if at all. In sealed bytes any text can turn up by chance, so that
 * only what the search found counts there; and a short one anywhere in TLS, whose hellos are full of random bytes.
 */
function typedKind({ sealed, protocol }: MessageView, text: string): 'password' | 'typed' | undefined {
  if (sealed) return undefined;
  if (new TextEncoder().encode(text).length >= SHORTEST_NEEDLE) return 'password';
  return protocol === 'tls' ? undefined : 'typed';
}

/** The part of a range that lies in the message, counted from the message's first byte. */
export function within(message: StreamRange, range: StreamRange): ByteRange {
  const length = message.end - message.start;
  const start = Math.min(Math.max(range.start - message.start, 0), length);
  return { start, end: Math.max(start, Math.min(range.end - message.start, length)) };
}

/** Whether two ranges share a byte of the same direction of the same connection. */
export function touches(one: StreamRange, other: StreamRange): boolean {
  const sameStream = one.connection === other.connection && one.direction === other.direction;
  return sameStream && one.start < other.end && other.start < one.end;
}

function hidden(kind: MarkKind, range: ByteRange, bytes: Uint8Array, known: Known): { hidden?: ByteRange } {
  if (known.revealed || isCredential(kind)) return {};
  const text = new TextDecoder().decode(bytes.subarray(range.start, range.end));
  return isPersonas(text, known.persona) ? {} : { hidden: hiddenHalf(range) };
}

function isMarked(kind: FindingKind): kind is Extract<FindingKind, MarkKind> {
  return kind === 'mobile' || kind === 'password' || isCredential(kind);
}

function isCredential(kind: FindingKind | MarkKind): kind is 'cookie' | 'token' {
  return kind === 'cookie' || kind === 'token';
}

function places(bytes: Uint8Array, text: string): readonly ByteRange[] {
  const needle = new TextEncoder().encode(text);
  const found: ByteRange[] = [];
  const [first] = needle;
  if (first === undefined) return found;
  const searched = bytes.subarray(0, SEARCHED_BYTES);
  for (let at = searched.indexOf(first); at !== -1; at = searched.indexOf(first, at + 1)) {
    if (needle.every((byte, index) => searched[at + index] === byte)) {
      found.push({ start: at, end: at + needle.length });
    }
  }
  return found;
}

function withoutOverlaps(marks: readonly Mark[]): readonly Mark[] {
  const kept: Mark[] = [];
  const sorted = marks.toSorted((one, other) => one.start - other.start || other.end - one.end);
  for (const mark of sorted) {
    const last = kept.at(-1);
    if (mark.start < mark.end && (last === undefined || mark.start >= last.end)) kept.push(mark);
  }
  return kept;
}
