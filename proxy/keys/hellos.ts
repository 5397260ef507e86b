import { findField, findFields } from '#dissectors/byte-reader.ts';
import { explainHandshake } from '#dissectors/tls/handshake.ts';
import { serverHelloFacts } from '#dissectors/tls/hello-facts.ts';
import { hex } from '#dissectors/text.ts';

const RANDOM = { start: 6, end: 38 };
const EARLY_DATA = 42;
const ENCRYPT_THEN_MAC = 22;

/** What a ClientHello says that keys depend on. */
export interface ClientHello {
  readonly random: Uint8Array;
  /** The same in hex: what the lines of a key log begin with. */
  readonly name: string;
  readonly cipherSuites: readonly number[];
  readonly earlyData: boolean;
}

/** What a ServerHello says that keys depend on. */
export interface ServerHello {
  readonly version: number;
  readonly cipherSuite: number;
  readonly random: Uint8Array;
  readonly encryptThenMac: boolean;
  readonly compressed: boolean;
}

/** Both hellos as far as they have been seen. */
export interface Hellos {
  readonly client?: ClientHello;
  readonly server?: ServerHello;
}

export function readClientHello(bytes: Uint8Array): ClientHello | undefined {
  const random = randomOf(bytes);
  if (!random) return undefined;
  const field = explainHandshake(bytes, { from: 'client-to-server' });
  return {
    random,
    name: hex(random),
    cipherSuites: findFields(field, 'tls.handshake.ciphersuite').map(({ value }) => Number(value)),
    earlyData: findFields(field, 'tls.handshake.extension.type').some(({ value }) => value === EARLY_DATA),
  };
}

export function readServerHello(bytes: Uint8Array): ServerHello | undefined {
  const random = randomOf(bytes);
  if (!random) return undefined;
  const { version, cipherSuite } = serverHelloFacts(bytes);
  const field = explainHandshake(bytes, { from: 'server-to-client' });
  const extensions = findFields(field, 'tls.handshake.extension.type');
  return {
    version,
    cipherSuite,
    random,
    encryptThenMac: extensions.some(({ value }) => value === ENCRYPT_THEN_MAC),
    compressed: (findField(field, 'tls.handshake.comp_method')?.value ?? 0) !== 0,
  };
}

function randomOf(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.length < RANDOM.end ? undefined : bytes.slice(RANDOM.start, RANDOM.end);
}
