/** Field lines as Node has them raw: name, value, name, value ... in the order and spelling of the wire. */
export type RawHeaders = readonly string[];

// About one connection, not about the message (RFC 9110, 7.6.1); the framing is made anew for the next connection.
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

// Whoever names these in Connection would have them removed, and the message read differently at the next hop.
const neverRemoved: ReadonlySet<string> = new Set(['host', 'content-length', 'via']);

/** The fields meant for the other end, as pairs: without those about this connection or named in its Connection. */
export function endToEnd(raw: RawHeaders): [name: string, value: string][] {
  const fields = pairsOf(raw);
  const named = fields
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((option) => option.trim())
    .filter((option) => !neverRemoved.has(option));
  const dropped = new Set([...hopByHop, ...named]);
  return fields.filter(([name]) => !dropped.has(name.toLowerCase()));
}

/** All values of a field, in order. */
export function valuesOf(raw: RawHeaders, wanted: string): string[] {
  return pairsOf(raw).flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
}

/** Whether the body comes in chunks; undefined for transfer codings that nobody here can take apart. */
export function isChunked(raw: RawHeaders): boolean | undefined {
  const codings = valuesOf(raw, 'transfer-encoding').join(',').toLowerCase().trim();
  if (codings === '') return false;
  return codings === 'chunked' ? true : undefined;
}

/** Name and value of each field line. */
export function pairsOf(raw: RawHeaders): [string, string][] {
  const fields: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) fields.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return fields;
}
