import type { Finding, FindingKind, Persona } from '#contract';
import type { ByteRange, Dissection } from '#dissectors/field.ts';
import { SHORTEST_NEEDLE } from '#folds/needles.ts';
import type { Hit, MessageView, StreamRange } from '#folds/view.ts';
import { hiddenHalf, isPersonas } from './mask.ts';
import { isPersonasFinding, isPersonasSecret } from './personas.ts';
import { typedPlaces } from './typed-places.ts';

/** `typed`: somebody typed it, perhaps only a few characters that stand here by chance; hidden, and not called a find. */
export type MarkKind = Extract<FindingKind, 'mobile' | 'password' | 'cookie' | 'token'> | 'typed';

/** A secret in the bytes on show, and the part of it that stays hidden until the presenter reveals it. */
export interface Mark extends ByteRange {
  readonly kind: MarkKind;
  readonly hidden?: ByteRange;
  /** A hash, sent in place of the password. */
  readonly isHash?: true;
  /** It would be hidden if the presenter had not revealed it. */
  readonly isRevealed?: true;
}

/** Beyond this a body is not searched for more places of cookie and token: the first is found anyway. */
const SEARCHED_BYTES = 1 << 20;
/** Fewer bytes stand in other places by chance. */
const SHORTEST_AGAIN = 4;

/** What is known about secrets: where entered ones were found, what was read, what must be hidden. */
export interface Known {
  readonly hits: readonly Hit[];
  readonly findings: readonly Finding[];
  readonly hiddenTexts: readonly string[];
  readonly persona: Persona | undefined;
  readonly revealed: boolean;
}

/**
 * Every secret in the bytes of a message, by position, without overlaps: where it was found, where it was read, and
 * whatever a field says is somebody's, typed into the lab or not. Ranges index the dissection's bytes.
 */
export function marksIn(
  message: MessageView,
  dissection: Pick<Dissection, 'bytes' | 'field' | 'source'>,
  known: Known,
): readonly Mark[] {
  const { bytes } = dissection;
  const marks: Mark[] = [];
  const add = (kind: MarkKind, range: ByteRange) => {
    const isOpen = isShownAtOnce(kind, range, bytes, known);
    marks.push({ kind, ...range, ...(isOpen ? {} : concealment(hiddenHalf(range), known)) });
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
  for (const { kind, start, end, hidden, value } of typedPlaces(dissection, isFromClient(message))) {
    const raw = new TextDecoder().decode(bytes.subarray(start, end));
    const isTheirs = [raw, value].some((text) => isPersonasValue(text, known));
    if (!isTheirs) marks.push({ kind, start, end, ...concealment(hidden, known) });
  }
  const hashes = known.findings
    .filter((finding) => finding.isHash && touches(message, finding))
    .map((hash) => within(message, hash));
  const isHash = ({ start, end }: ByteRange): boolean =>
    hashes.some((hash) => hash.start < end && start < hash.end);
  return withoutOverlaps(marks).map((mark) => (isHash(mark) ? { ...mark, isHash: true } : mark));
}

/** The same bytes wherever else they stand, such as in the record that carried a message; `marks` are of `from`. */
export function marksAgain(
  marks: readonly Mark[],
  from: Uint8Array,
  bytes: Uint8Array,
  own: readonly Mark[],
): readonly Mark[] {
  const again = marks.flatMap((mark): Mark[] => {
    if (!mark.hidden || mark.end - mark.start < SHORTEST_AGAIN) return [];
    const { hidden, start, end, kind } = mark;
    return placesOf(bytes, from.subarray(start, end)).map((place) => {
      const shift = place.start - start;
      return { kind, ...place, hidden: { start: hidden.start + shift, end: hidden.end + shift } };
    });
  });
  return again.length === 0 ? own : withoutOverlaps([...own, ...again]);
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

function concealment(hidden: ByteRange, { revealed }: Known): Pick<Mark, 'hidden' | 'isRevealed'> {
  return revealed ? { isRevealed: true } : { hidden };
}

/** A cookie is the site's own; anything else is somebody's, and shown at once only when that is the persona. */
function isShownAtOnce(kind: MarkKind, range: ByteRange, bytes: Uint8Array, known: Known): boolean {
  if (kind === 'cookie') return true;
  const text = new TextDecoder().decode(bytes.subarray(range.start, range.end));
  return kind === 'token' ? isPersonasValue(text, known) : isPersonas(text, known.persona);
}

function isPersonasValue(text: string, { persona, findings }: Known): boolean {
  return isPersonasSecret(text, persona) || isPersonasFinding(text, findings, persona);
}

function isFromClient({ direction }: MessageView): boolean {
  return direction === 'client-to-server';
}

function isMarked(kind: FindingKind): kind is Extract<FindingKind, MarkKind> {
  return kind === 'mobile' || kind === 'password' || isCredential(kind);
}

function isCredential(kind: FindingKind | MarkKind): kind is 'cookie' | 'token' {
  return kind === 'cookie' || kind === 'token';
}

function places(bytes: Uint8Array, text: string): readonly ByteRange[] {
  return placesOf(bytes, new TextEncoder().encode(text));
}

function placesOf(bytes: Uint8Array, needle: Uint8Array): readonly ByteRange[] {
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

/** What overlaps becomes one, and stays hidden wherever either was. */
function withoutOverlaps(marks: readonly Mark[]): readonly Mark[] {
  const kept: Mark[] = [];
  const sorted = marks.toSorted((one, other) => one.start - other.start || other.end - one.end);
  for (const mark of sorted) {
    const last = kept.at(-1);
    if (mark.start >= mark.end) continue;
    if (last === undefined || mark.start >= last.end) kept.push(mark);
    else if (mark.hidden) kept[kept.length - 1] = joined(last, mark, mark.hidden);
  }
  return kept;
}

function joined(last: Mark, mark: Mark, hidden: ByteRange): Mark {
  const start = Math.min(last.hidden?.start ?? hidden.start, hidden.start);
  const end = Math.max(last.hidden?.end ?? hidden.end, hidden.end);
  return { ...last, end: Math.max(last.end, mark.end), hidden: { start, end } };
}
