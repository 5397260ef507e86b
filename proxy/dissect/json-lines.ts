import type { Field } from '#dissectors/field.ts';
import type { Dissected } from './dissected.ts';

/** A field as scripts read it; ranges index the bytes of its line. */
interface FieldLine {
  readonly name: string;
  readonly label: string;
  readonly start: number;
  readonly end: number;
  readonly value?: string | number;
  readonly meaning?: string;
  readonly malformed?: string;
  readonly children?: readonly FieldLine[];
}

/** One dissection of a message as a line of JSON, its end included. `time` is nanoseconds since the capture began. */
export function jsonLine({ opened, message, protocol, name, dissection, length, sealed }: Dissected): string {
  const { connection, client, server } = opened;
  const line = {
    connection,
    client: `${client.address}:${client.port}`,
    server: `${server.name}:${server.port}`,
    direction: message.direction,
    time: message.time,
    protocol,
    source: dissection.source,
    name,
    bytes: length,
    ...(sealed === undefined ? {} : { sealed }),
    fields: [fieldLine(dissection.field)],
  };
  return `${JSON.stringify(line)}\n`;
}

function fieldLine({ name, label, range, value, meaning, malformed, children }: Field): FieldLine {
  return {
    name,
    label,
    start: range.start,
    end: range.end,
    ...(value === undefined ? {} : { value }),
    ...(meaning === undefined ? {} : { meaning }),
    ...(malformed === undefined ? {} : { malformed }),
    ...(children === undefined ? {} : { children: children.map(fieldLine) }),
  };
}
