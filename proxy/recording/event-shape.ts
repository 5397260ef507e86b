import type { BytesCaptured, EventType, LogEvent, SecretsLogged } from '#contract';

/** An event as a file states it: without epoch, and with what stands elsewhere in the file left out. */
export type StatedEvent =
  | Exclude<LogEvent, BytesCaptured | SecretsLogged>
  | (Omit<BytesCaptured, 'bytes'> & { readonly length: number })
  | Omit<SecretsLogged, 'line'>;

type Check = (value: unknown) => boolean;
type Stated<Type extends EventType> = Extract<StatedEvent, { type: Type }>;
type Shape<Type extends EventType> = {
  readonly [Key in keyof Omit<Stated<Type>, 'type' | 'epoch'>]-?: Check;
};

const text: Check = (value) => typeof value === 'string';
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const object =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(shape).every(([key, check]) => check((value as Record<string, unknown>)[key]));

const numbers = { seq: (value: unknown) => count(value) && value !== 0, time: count };
const wire = { ...numbers, vantage: oneOf('wire') };
const told = { ...numbers, vantage: oneOf('victim', 'site') };
const hop = oneOf('cafe', 'resolver');
const direction = oneOf('client-to-server', 'server-to-client');
const flag: Check = (value) => typeof value === 'boolean';
const route = object({ name: text, port: count, tls: flag, address: text, listen: count });

// Typed by the contract, so that an event cannot get a field that is lost on the way through a file.
const shapes: { readonly [Type in EventType]: Shape<Type> } = {
  'epoch-started': {
    ...wire,
    wallClock: (value) => text(value) && Number.isFinite(Date.parse(value as string)),
    routes: (value) => Array.isArray(value) && value.every(route),
    source: oneOf('live', 'recorded'),
  },
  'connection-opened': {
    ...wire,
    hop,
    connection: count,
    transport: oneOf('tcp', 'udp'),
    client: object({ address: text, port: count }),
    server: object({ name: text, address: text, port: count }),
    opener: oneOf('scripted-victim', 'demo-browser', 'stranger', 'other'),
  },
  'bytes-captured': { ...wire, hop, connection: count, direction, offset: count, length: count },
  'connection-closed': {
    ...wire,
    hop,
    connection: count,
    by: oneOf('client', 'server', 'relay'),
    how: oneOf('end', 'reset', 'error'),
    error: optional(text),
  },
  'bytes-evicted': { ...wire, connection: count, direction, from: count, to: count },
  'secret-entered': { ...told, kind: oneOf('mobile', 'password'), value: text },
  'secrets-logged': { ...told, connection: optional(count) },
  'request-handled': {
    ...told,
    vantage: oneOf('site'),
    connection: optional(count),
    method: text,
    path: text,
    status: count,
    count,
  },
  'handshake-failed': { ...told, connection: optional(count), code: text, message: text },
};

/** The event that a file states, when it has the shape of one; what the file says besides is left out. */
export function asStatedEvent(value: unknown, epoch: number): StatedEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, ...given } = value as Record<string, unknown>;
  if (typeof type !== 'string' || !Object.hasOwn(shapes, type)) return undefined;
  const shape: Readonly<Record<string, Check>> = shapes[type as EventType];
  const event: Record<string, unknown> = { epoch, type };
  for (const [key, check] of Object.entries(shape)) {
    if (!check(given[key])) return undefined;
    if (given[key] !== undefined) event[key] = given[key];
  }
  return event as unknown as StatedEvent;
}
