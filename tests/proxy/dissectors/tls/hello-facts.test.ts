import { findField, findFields } from '#dissectors/byte-reader.ts';
import { HandshakeAssembler, type WholeHello } from '#dissectors/tls/handshake-assembler.ts';
import { CLIENT_HELLO, explainHandshake } from '#dissectors/tls/handshake.ts';
import {
  clientHelloFacts,
  type ClientHelloFacts,
  serverHelloFacts,
  type ServerHelloFacts,
} from '#dissectors/tls/hello-facts.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allVectors, streamOf } from '../../../vectors/vector.ts';

const HANDSHAKE = 22;
const RETRY = /^cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c/;

/** The hellos in the records with which the vectors' directions begin. */
const hellos = allVectors().flatMap((vector) =>
  (['client-to-server', 'server-to-client'] as const).flatMap((direction) => {
    const stream = streamOf(vector, direction);
    const assembler = new HandshakeAssembler();
    const found: WholeHello[] = [];
    for (let at = 0; stream[at] === HANDSHAKE;) {
      const end = at + 5 + (stream[at + 3] ?? 0) * 256 + (stream[at + 4] ?? 0);
      const content = stream.subarray(at + 5, end);
      assembler.push(
        content,
        () => undefined,
        (hello) => found.push(hello),
      );
      at = end;
    }
    return found.map((hello) => ({ ...hello, name: vector.name, direction }));
  }),
);

/** What the whole tree says. */
function factsOfTree({ type, bytes }: WholeHello): ClientHelloFacts | ServerHelloFacts {
  const isClient = type === CLIENT_HELLO;
  const field = explainHandshake(bytes, { from: isClient ? 'client-to-server' : 'server-to-client' });
  const value = (name: string) => findField(field, name)?.value;
  if (isClient) {
    const serverName = value('tls.handshake.extensions_server_name');
    const types = findFields(field, 'tls.handshake.extension.type');
    const earlyData = types.some((one) => one.value === 42);
    return typeof serverName === 'string' ? { serverName, earlyData } : { earlyData };
  }
  return {
    version: Number(
      value('tls.handshake.extensions.supported_version') ?? value('tls.handshake.version') ?? 0,
    ),
    cipherSuite: Number(value('tls.handshake.ciphersuite') ?? 0),
    retry: RETRY.test(Buffer.from(bytes.subarray(6)).toString('hex')),
  };
}

function facts({ type, bytes }: WholeHello): ClientHelloFacts | ServerHelloFacts {
  return type === CLIENT_HELLO ? clientHelloFacts(bytes) : serverHelloFacts(bytes);
}

test('the vectors have hellos of both sides, one that asks for another try among them', () => {
  expect(hellos.filter(({ type }) => type === CLIENT_HELLO).length).toBeGreaterThan(5);
  expect(hellos.map(facts)).toContainEqual({ version: 0x0304, cipherSuite: 0x1302, retry: true });
  expect(hellos.map(facts)).toContainEqual({ serverName: 'piggypay.test', earlyData: false });
});

test.each(hellos)('the facts of $name, $direction, are those of its tree', (hello) => {
  expect(facts(hello)).toEqual(factsOfTree(hello));
});

test('so are those of hellos with changed bytes, however broken', () => {
  // Lengths are what breaks a hello; they stand at its beginning, and in front of each extension.
  const change = fc.record({ at: fc.nat(600), value: fc.constantFrom(0, 1, 2, 3, 5, 42, 43, 0xff) });
  fc.assert(
    fc.property(fc.constantFrom(...hellos), fc.array(change, { maxLength: 4 }), (hello, changes) => {
      const bytes = hello.bytes.slice();
      // The header stays: where a hello ends is what it is kept by.
      for (const { at, value } of changes) bytes[4 + (at % (bytes.length - 4))] = value;
      const changed = { type: hello.type, bytes };
      expect(facts(changed)).toEqual(factsOfTree(changed));
    }),
    { numRuns: 5000 },
  );
});

test('so are those of hellos that stop at any byte', () => {
  for (const hello of hellos) {
    for (let length = 4; length < hello.bytes.length; length++) {
      const bytes = hello.bytes.slice(0, length);
      bytes[1] = 0;
      bytes[2] = (length - 4) >> 8;
      bytes[3] = (length - 4) & 0xff;
      const cut = { type: hello.type, bytes };
      expect(facts(cut), `${hello.name} to ${length}`).toEqual(factsOfTree(cut));
    }
  }
});
