import type {
  AttackActed,
  AttackId,
  BytesCaptured,
  CertificateReceived,
  EventType,
  KeyShareTold,
  LogEvent,
  PrivateKeyLeaked,
  SecretsLogged,
} from '#contract';
import { fromHex } from '../pcapng/hex-text.ts';

/** An event as a file states it: without epoch, and with what stands elsewhere in the file left out. */
export type StatedEvent =
  | Exclude<
      LogEvent,
      BytesCaptured | SecretsLogged | CertificateReceived | PrivateKeyLeaked | KeyShareTold | AttackActed
    >
  | (Omit<BytesCaptured, 'bytes'> & { readonly length: number })
  // Its line stands behind it, but for one that contradicts an earlier line.
  | (Omit<SecretsLogged, 'line'> & { readonly line?: string })
  | (Omit<CertificateReceived, 'chain' | 'trusted'> & {
      /** In hex. */
      readonly chain: readonly string[];
      readonly trusted: readonly string[];
    })
  // Their keys in hex.
  | (Omit<PrivateKeyLeaked, 'key'> & { readonly key: string })
  | (Omit<KeyShareTold, 'privateKey'> & { readonly privateKey: string })
  // What the stranger changed, in hex.
  | (Omit<AttackActed, 'before' | 'after'> & { readonly before?: string; readonly after?: string });

type Check = (value: unknown) => boolean;
type Stated<Type extends EventType> = Extract<StatedEvent, { type: Type }>;
type Shape<Type extends EventType> = {
  readonly [Key in keyof Omit<Stated<Type>, 'type' | 'epoch'>]-?: Check;
};

const text: Check = (value) => typeof value === 'string';
const oneLine: Check = (value) => typeof value === 'string' && !/[\r\n]/.test(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
/** The times of a recording are told in ISO 8601; other ways to write a date have room for any text. */
const date: Check = (value) =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(value) &&
  Number.isFinite(Date.parse(value));
// What DNS allows (RFC 1035, 2.3.4).
const name: Check = (value) => typeof value === 'string' && value.length <= 255;
/** Connections are counted from 1; lists of them hold 32 bits. */
const connection: Check = (value) => count(value) && value !== 0 && (value as number) < 2 ** 32;
const object =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(shape).every(([key, check]) => check((value as Record<string, unknown>)[key]));

const numbers = { seq: (value: unknown) => count(value) && value !== 0, time: count };
const wire = { ...numbers, vantage: oneOf('wire') };
const told = { ...numbers, vantage: oneOf('victim', 'site') };
const hop = oneOf('cafe', 'onward', 'resolver');
const direction = oneOf('client-to-server', 'server-to-client');
const flag: Check = (value) => typeof value === 'boolean';
const hex: Check = (value) => typeof value === 'string' && fromHex(value) !== undefined;
/** No more bytes than anything of its kind has: each is taken in at one go, while the relay waits. */
const shortHex =
  (mostBytes: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= mostBytes * 2 && hex(value);
const certificate = shortHex(256 * 1024);
const certificates: Check = (value) => Array.isArray(value) && value.every(certificate);
// Typed by the contract, so that none is forgotten.
const attacks: Readonly<Record<AttackId, true>> = {
  read: true,
  change: true,
  replay: true,
  'steal-session': true,
  impersonate: true,
  strip: true,
  'forge-name': true,
  downgrade: true,
  listen: true,
  'hash-login': true,
};
const attack = oneOf(...Object.keys(attacks));
const route = object({ name, port: count, tls: flag, address: text, listen: count });

// Typed by the contract, so that an event cannot get a field that is lost on the way through a file.
const shapes: { readonly [Type in EventType]: Shape<Type> } = {
  'epoch-started': {
    ...wire,
    wallClock: date,
    routes: (value) => Array.isArray(value) && value.every(route),
    source: oneOf('live', 'recorded'),
  },
  'connection-opened': {
    ...wire,
    hop,
    connection,
    transport: oneOf('tcp', 'udp'),
    client: object({ address: text, port: count }),
    server: object({ name, address: text, port: count }),
    opener: oneOf('scripted-victim', 'demo-browser', 'stranger', 'other'),
  },
  'bytes-captured': { ...wire, hop, connection, direction, offset: count, length: count },
  'bytes-held': { ...wire, hop, connection, direction, offset: count, length: count },
  'bytes-released': { ...wire, hop, connection, direction, offset: count, length: count },
  'connection-closed': {
    ...wire,
    hop,
    connection,
    by: oneOf('client', 'server', 'relay'),
    how: oneOf('end', 'reset', 'error'),
    error: optional(text),
  },
  'bytes-evicted': { ...wire, connection, direction, from: count, to: count },
  'request-refused': {
    ...wire,
    reason: oneOf(...['not-in-table', 'names-disagree', 'not-for-a-proxy', 'loop', 'malformed', 'too-slow']),
    status: optional(count),
    target: text,
    name: optional(text),
  },
  'attack-armed': { ...wire, attack },
  'attack-acted': {
    ...wire,
    attack,
    connection: optional(connection),
    direction: optional(direction),
    offset: optional(count),
    before: optional(hex),
    after: optional(hex),
  },
  'attack-disarmed': { ...wire, attack },
  'secret-entered': {
    ...told,
    kind: oneOf('mobile', 'password'),
    value: text,
    isHash: optional((value) => value === true),
  },
  'secrets-logged': { ...told, connection: optional(connection), line: optional(oneLine) },
  'request-handled': {
    ...told,
    vantage: oneOf('site'),
    connection: optional(connection),
    method: text,
    path: text,
    status: count,
    count,
  },
  'certificate-received': {
    ...told,
    vantage: oneOf('victim'),
    connection: optional(connection),
    host: text,
    chain: certificates,
    trusted: certificates,
    error: optional(object({ code: text, message: text })),
  },
  'private-key-leaked': { ...told, vantage: oneOf('site'), host: name, key: shortHex(64 * 1024) },
  'key-share-told': {
    ...told,
    vantage: oneOf('victim'),
    connection: optional(connection),
    group: count,
    privateKey: shortHex(8 * 1024),
  },
  'handshake-failed': { ...told, connection: optional(connection), code: text, message: text },
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
