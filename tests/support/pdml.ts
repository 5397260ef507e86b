import type { Direction } from '#contract';
import { tshark } from './tshark.ts';

/** A field as tshark names it. `bytes` in hex; of an item that only groups others it gives the `size` alone. */
export interface WitnessedField {
  readonly name: string;
  readonly size: number;
  readonly bytes?: string;
}

/** What tshark makes of one direction of one TCP connection, in the order of its packets. */
export interface WitnessedDirection {
  /** Counts the TCP connections of the file from 0. */
  readonly stream: number;
  readonly direction: Direction;
  readonly fields: readonly WitnessedField[];
}

/** Layers below the ones that are compared: their headers are synthesised. */
const LOWER = new Set(['geninfo', 'frame', 'eth', 'ip', 'tcp', 'udp', 'fake-field-wrapper']);

/**
 * Every field of every packet of a capture file, as tshark's PDML gives them. `serverPorts` tells the directions
 * apart.
 */
export async function witness(file: string, serverPorts: ReadonlySet<number>): Promise<WitnessedDirection[]> {
  const pdml = await tshark(file, '-T', 'pdml');
  const directions = new Map<string, { stream: number; direction: Direction; fields: WitnessedField[] }>();
  for (const packet of pdml.split('<packet>').slice(1)) {
    const shown = (name: string) =>
      new RegExp(`<field name="${name}"[^>]*? show="([^"]*)"`).exec(packet)?.[1];
    const stream = Number(shown('tcp.stream') ?? -1 - Number(shown('udp.stream')));
    const port = Number(shown('tcp.srcport') ?? shown('udp.srcport'));
    const direction = serverPorts.has(port) ? 'server-to-client' : 'client-to-server';
    const key = `${stream} ${direction}`;
    const known = directions.get(key) ?? { stream, direction, fields: [] };
    directions.set(key, known);
    for (const { layer, text } of layersOf(packet)) {
      if (!LOWER.has(layer)) known.fields.push(...fieldsOf(text));
    }
  }
  return [...directions.values()];
}

function layersOf(packet: string): readonly { layer: string; text: string }[] {
  return packet
    .split('<proto name="')
    .slice(1)
    .map((text) => ({ layer: text.slice(0, text.indexOf('"')), text }));
}

function fieldsOf(text: string): readonly WitnessedField[] {
  return [...text.matchAll(/<field name="([^"]+)"([^>]*)>/g)].flatMap(([, name = '', attributes = '']) => {
    const size = Number(/ size="(\d+)"/.exec(attributes)?.[1]);
    const bytes = / (?:unmasked)?value="([0-9a-f]*)"/.exec(withoutMask(attributes))?.[1];
    if (size === 0 || isMadeUp(attributes)) return [];
    return [bytes === undefined || bytes === '' ? { name, size } : { name, size, bytes }];
  });
}

/** Wireshark's own conclusions: hidden from its tree, or about other packets. */
function isMadeUp(attributes: string): boolean {
  return / hide="yes"/.test(attributes) && !/ value="/.test(attributes);
}

/** Of a field of some bits, the whole byte. */
function withoutMask(attributes: string): string {
  return attributes.includes(' unmaskedvalue="') ? attributes.replace(/ value="[^"]*"/, '') : attributes;
}
