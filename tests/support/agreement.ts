import type { Direction, Lab, LogEvent } from '#contract';
import type { Field } from '#dissectors/field.ts';
import { hex } from '#dissectors/text.ts';
import { CaptureFold } from '#folds/capture.ts';
import type { MessageView } from '#folds/view.ts';
import type { WitnessedField } from './pdml.ts';
import { witness } from './pdml.ts';

/** A field on which the two do not agree: what each saw under this name, in order, as hex of its bytes. */
export interface Disagreement {
  readonly where: string;
  readonly name: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

export interface Comparison {
  /** Fields of one name in one direction of one connection that agree, one for one and byte for byte. */
  readonly agreed: ReadonlyMap<string, number>;
  readonly disagreements: readonly Disagreement[];
}

/**
 * Where the line is drawn differently on purpose: these are groups of ours, whose parts are compared.
 *
 * Wireshark's layers and start lines are items of text; a header is one there with its name, its line and its
 * value; it begins some ASN.1 groups behind their tag and length; it stops at whole extensions where we go on to
 * what is inside; and it does not take the parameters of a query for a form.
 */
const DRAWN_OTHERWISE = new RegExp(
  [
    'http|dns|websocket|tls\\.handshake|urlencoded-form',
    'http\\.(request|response)(\\.line)?|http\\.unknown_header|json\\.(object|array|member)',
    'x509af\\.extensions|x509ce\\.GeneralNames|x509if\\.RDNSequence_item|ber\\.bitstring\\.padding',
    'tls\\.handshake\\.extension\\.data',
    // Under a code point that is newer than the tshark of Debian 12.
    'tls\\.handshake\\.extensions_alps_.*',
  ]
    .map((names) => `^(${names})$`)
    .join('|'),
);

/** Holds everything that was dissected against what tshark makes of the same file, name by name. */
export async function compare(file: string, events: readonly LogEvent[]): Promise<Comparison> {
  const fold = new CaptureFold();
  for (const event of events) fold.apply(event);
  const opened = events.filter((event) => event.type === 'connection-opened');
  const ports = new Set(opened.map(({ server }) => server.port));
  const theirs = await witness(file, ports);
  const agreed = new Map<string, number>();
  const disagreements: Disagreement[] = [];
  const streams = { tcp: 0, udp: 0 };
  for (const { connection, transport, server } of opened) {
    const stream = transport === 'tcp' ? streams.tcp++ : -1 - streams.udp++;
    for (const direction of ['client-to-server', 'server-to-client'] as const) {
      const mine = byName(ourFields(fold, connection, direction));
      const seen = theirs.find((one) => one.stream === stream && one.direction === direction);
      const witnessed = byName((seen?.fields ?? []).map(withoutFrame));
      for (const [name, bytes] of mine) {
        if (name.startsWith('plainsight.') || DRAWN_OTHERWISE.test(name)) continue;
        const other = witnessed.get(name) ?? [];
        if (isSame(bytes, other)) agreed.set(name, (agreed.get(name) ?? 0) + bytes.length);
        else
          disagreements.push({
            where: `${server.name}:${server.port} ${direction}`,
            name,
            ours: bytes.map(asText),
            theirs: other.map(asText),
          });
      }
    }
  }
  return { agreed, disagreements };
}

function ourFields(fold: CaptureFold, connection: number, direction: Direction): readonly WitnessedField[] {
  return messagesOf(fold)
    .filter((message) => message.connection === connection && message.direction === direction)
    .sort((one, other) => one.start - other.start)
    .flatMap((message) => fold.dissectAll(message))
    .flatMap(({ bytes, field }) =>
      flat(field).map(({ name, range: { start, end } }) => ({
        name,
        size: end - start,
        bytes: hex(bytes, start, end),
      })),
    );
}

function messagesOf(fold: CaptureFold): readonly MessageView[] {
  const { lanes, other } = fold.view();
  const all = [...lanes.http.messages, ...lanes.https.messages, ...other.flatMap(({ messages }) => messages)];
  return [...new Map(all.map((message) => [message.key, message])).values()];
}

function flat(field: Field): readonly Field[] {
  return [field, ...(field.children ?? []).flatMap(flat)];
}

const WHOLE: ReadonlySet<string> = new Set(['http.file_data', 'http.chunked_trailer_part']);

/** Wireshark's header fields cover the whole line, its JSON texts their quotes; ours the value alone. */
function withoutFrame(field: WitnessedField): WitnessedField {
  const { name, bytes } = field;
  if (bytes === undefined) return field;
  if (name.startsWith('json.')) return withBytes(name, bytes.replace(/^22(.*)22$/, '$1'));
  if (name === 'http.chunk_size') return withBytes(name, bytes.replace(/(0d)?0a$/, ''));
  if (!name.startsWith('http.') || WHOLE.has(name)) return field;
  const line = /^(?:(?!3a|0d0a)..)+3a(?:20|09)*(.*?)(?:0d)?0a$/.exec(bytes);
  return line ? withBytes(name, line[1] ?? '') : field;
}

function withBytes(name: string, bytes: string): WitnessedField {
  return { name, bytes, size: bytes.length / 2 };
}

function isSame(ours: readonly WitnessedField[], theirs: readonly WitnessedField[]): boolean {
  if (ours.length !== theirs.length) return false;
  return ours.every(({ size, bytes }, index) => {
    const other = theirs[index];
    return other?.size === size && (other.bytes === undefined || other.bytes === bytes);
  });
}

function asText({ size, bytes }: WitnessedField): string {
  return bytes ?? `${size} bytes`;
}

function byName(fields: readonly WitnessedField[]): ReadonlyMap<string, readonly WitnessedField[]> {
  const map = new Map<string, WitnessedField[]>();
  for (const field of fields) {
    const known = map.get(field.name);
    if (known) known.push(field);
    else map.set(field.name, [field]);
  }
  return map;
}

/** What the lab holds, as the capture file that it gives out. */
export async function captureFile({ dashboard, token }: Lab, query = ''): Promise<Buffer> {
  const response = await fetch(`${dashboard}/api/capture.pcapng${query}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`the capture file was answered with ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
