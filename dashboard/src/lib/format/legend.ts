import type { ByteRange, Dissection, Field } from '#dissectors/field.ts';

/** One entry of the legend under a hex dump. */
export interface LegendEntry {
  readonly range: ByteRange;
  /** Numbers the colour it shares with its bytes. Undefined for a long field, such as a sealed payload: colour there would only hide the short ones. */
  readonly tint: number | undefined;
  readonly label: string;
  /** What the bytes say, in words where the dissector has words. */
  readonly says: string;
  readonly malformed?: string;
}

const TINTS = 6;
/** A longer field is named, not coloured. */
const TINTED_BYTES = 64;

/** What a stranger learns most from, in that order; a field of one of these names is shown whole. */
const NOTABLE: readonly string[] = [
  'tls.record.content_type',
  'tls.record.opaque_type',
  'tls.record.version',
  'tls.record.length',
  'tls.app_data',
  'tls.handshake.type',
  'tls.handshake.extensions_server_name',
  'tls.handshake.ciphersuite',
  'tls.handshake.extensions.supported_version',
  'tls.alert_message.level',
  'tls.alert_message.desc',
  'dns.qry.name',
  'dns.qry.type',
  'dns.a',
  'http.request.method',
  'http.request.uri',
  'http.response.code',
  'http.cookie_pair',
  'plainsight.http.set_cookie_pair',
  'http.authorization',
  'json.value.string',
  'urlencoded-form.value',
  'plainsight.http.query_value',
  'http.host',
  'http.content_type',
];

/** There may be several of these, and each says something else. */
const REPEATED: readonly string[] = [
  'http.cookie_pair',
  'json.value.string',
  'urlencoded-form.value',
  'plainsight.http.query_value',
];

/**
 * The fields worth naming, in the order of their bytes, at most as many as there are tints. What must not be told of
 * a field is left to `says`.
 */
export function legendOf(
  dissection: Dissection,
  says: (field: Field) => string = saysOf,
): readonly LegendEntry[] {
  const all = parts(dissection.field);
  const hasNotable = all.some(({ name }) => NOTABLE.includes(name));
  const ranked = (hasNotable ? all.filter(isWorthNaming) : all)
    .map((field, index) => ({ field, index, rank: rankOf(field) }))
    .sort((one, other) => one.rank - other.rank || one.index - other.index);
  return ranked
    .slice(0, TINTS)
    .map(({ field }) => field)
    .sort((one, other) => one.range.start - other.range.start)
    .map((field, tint) => ({
      range: field.range,
      tint: lengthOf(field) > TINTED_BYTES ? undefined : tint,
      label: field.label,
      says: says(field),
      ...(field.malformed === undefined ? {} : { malformed: field.malformed }),
    }));
}

/** The fields that hold a byte, from the outermost to the innermost. */
export function fieldsAt(field: Field, offset: number): readonly Field[] {
  if (offset < field.range.start || offset >= field.range.end) return [];
  for (const child of field.children ?? []) {
    const path = fieldsAt(child, offset);
    if (path.length > 0) return [field, ...path];
  }
  return [field];
}

/**
 * A field in words: its text where its bytes are text, else what its number or code means. A value longer than
 * its bytes is a spelling of them, such as hex, which the dump shows already.
 */
export function saysOf(field: Field): string {
  const { value, meaning } = field;
  const isText = typeof value === 'string' && value.length <= lengthOf(field);
  if (meaning === undefined || (isText && lengthOf(field) <= TINTED_BYTES)) return String(value ?? '');
  return meaning;
}

/** The tree cut into notable fields and, beside them, leaves. */
function parts(field: Field): readonly Field[] {
  if (lengthOf(field) === 0) return [];
  if (NOTABLE.includes(field.name)) return [field];
  const below = (field.children ?? []).flatMap(parts);
  return below.length > 0 ? below : [field];
}

/** A name that stands there several times is a list of what is offered: naming one of them would mislead. */
function isWorthNaming(field: Field, _index: number, all: readonly Field[]): boolean {
  if (field.malformed !== undefined || REPEATED.includes(field.name)) return true;
  return NOTABLE.includes(field.name) && all.filter(({ name }) => name === field.name).length === 1;
}

function rankOf(field: Field): number {
  if (field.malformed !== undefined) return -1;
  const place = NOTABLE.indexOf(field.name);
  return place === -1 ? NOTABLE.length : place;
}

function lengthOf(field: Field): number {
  return field.range.end - field.range.start;
}
