import { readdirSync, readFileSync } from 'node:fs';
import { encode } from 'dns-packet';
import type { Direction } from '#contract';
import { dissectBytes } from '#dissectors/byte-reader.ts';
import { explainDns } from '#dissectors/dns/explain.ts';
import type { Field } from '#dissectors/field.ts';
import { explainHttp } from '#dissectors/http1/explain.ts';
import { explainRecord } from '#dissectors/tls/explain.ts';
import { explainHandshake } from '#dissectors/tls/handshake.ts';
import { explainFrame, explainUnmasked } from '#dissectors/websocket/explain.ts';
import { explainCertificate, readCertificate } from '#dissectors/x509/certificate.ts';
import { createAuthority } from '../../../certs/authority.ts';
import { hasTool } from '../../support/tools.ts';
import { allVectors, streamOf } from '../../vectors/vector.ts';
import { dissect, explain, textBytes } from '../dissectors/feeding.ts';
import { opensslCertificate, RICH } from '../dissectors/x509/certificates.ts';

const DIRECTIONS: readonly Direction[] = ['client-to-server', 'server-to-client'];
const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
const SOURCES = ['dissectors', 'keys'].map((room) => new URL(`../../../proxy/${room}/`, import.meta.url));

/** Every field name that the dissectors put on bytes: of the vectors, of certificates, of messages made here. */
export async function dissectedNames(): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const field of [...vectors(), ...(await certificates()), ...handshakes(), ...records(), ...texts()])
    collect(field, names);
  return names;
}

/** Every field name that stands in the source of the dissectors and of what opens records. */
export function writtenNames(): ReadonlySet<string> {
  const name =
    /'((?:tls|http|websocket|dns|json|urlencoded-form|mime_multipart|plainsight|ber|pkcs1|pkix1explicit|pkix1implicit|x509af|x509ce|x509if|x509sat)(?:\.[A-Za-z0-9_-]+)+)'/g;
  const names = new Set<string>();
  for (const folder of SOURCES) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      for (const [, found = ''] of readFileSync(new URL(file, folder), 'utf8').matchAll(name))
        names.add(found);
    }
  }
  return names;
}

function collect(field: Field, names: Set<string>): void {
  names.add(field.name);
  for (const child of field.children ?? []) collect(child, names);
}

function vectors(): readonly Field[] {
  return allVectors().flatMap((vector) =>
    dissect(vector.chunks).flatMap((message) => {
      const explained = explain(message, streamOf(vector, message.direction));
      return explained ? [explained.field] : [];
    }),
  );
}

async function certificates(): Promise<readonly Field[]> {
  const { certificateDer } = await createAuthority();
  const inMessage = dissectBytes(certificateDer, 'tls.handshake', 'Certificate', (reader) => {
    readCertificate(reader, certificateDer.length);
  });
  const withExtras = hasTool('openssl') ? [explainCertificate(opensslCertificate(RICH))] : [];
  return [explainCertificate(certificateDer), inMessage, ...withExtras];
}

/** Each type of message, and each extension where it can stand, with contents that fit and with others. */
function handshakes(): readonly Field[] {
  const shares = [
    [0x11ec, 1216, 1120],
    [0x11eb, 1249, 1153],
    [0x11ed, 1665, 1665],
    [0x6399, 1216, 1120],
  ].flatMap(([group = 0, client = 0, server = 0]) => {
    const share = (size: number) => [...uint16(group), ...uint16(size), ...zeros(size)];
    return [
      clientHello(extension(51, [...uint16(client + 4), ...share(client)])),
      encryptedExtensions(extension(51, share(server))),
    ];
  });
  const types = Array.from({ length: 62 }, (_, type) => type).concat(17513, 17613, 65037, 65281, 0x0a0a);
  const contents = [zeros(40), [0, 6, 0, 4, 1, 1, 2, 2], [2, 1, 0], Array<number>(60).fill(1)];
  const hellos = types.flatMap((type) =>
    contents.flatMap((content) => [
      clientHello(extension(type, content)),
      encryptedExtensions(extension(type, content)),
    ]),
  );
  const others = Array.from({ length: 256 }, (_, type) =>
    contents.map((content) => handshake(type, content)),
  ).flat();
  return [...shares, ...hellos, ...others].flatMap((bytes) =>
    [TLS_1_2, TLS_1_3].flatMap((version) =>
      DIRECTIONS.map((from) => explainHandshake(Uint8Array.from(bytes), { version, from })),
    ),
  );
}

function records(): readonly Field[] {
  return [
    Uint8Array.of(21, 3, 3, 0, 2, 2, 40),
    Uint8Array.of(20, 3, 3, 0, 1, 1),
    Uint8Array.of(23, 3, 3, 0, 3, 1, 2, 3),
    Uint8Array.of(22, 3, 3, 0, 3, 1, 2, 3),
    Uint8Array.of(99, 3, 3, 0, 1, 1),
  ].map((bytes) => explainRecord(bytes, { sealed: false, carriedOver: 0 }));
}

function texts(): readonly Field[] {
  const request = textBytes(
    'POST /a?b=c HTTP/1.1\r\nHost: a.test\r\nCookie: a=b; c=d\r\nAuthorization: Basic YTpi\r\n' +
      'Content-Type: application/json\r\nContent-Length: 45\r\nX-Other: y\r\n\r\n' +
      '{"a":[1,true,false,null,"x"],"b":{"c":"word"}}',
  );
  const response = textBytes(
    'HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Secure\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n',
  );
  const question = encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'a.test' }] });
  const answer = encode({
    type: 'response',
    questions: [{ type: 'A', name: 'a.test' }],
    answers: [
      { type: 'A', name: 'a.test', ttl: 1, data: '127.0.0.1' },
      { type: 'AAAA', name: 'a.test', ttl: 1, data: '::1' },
      { type: 'CNAME', name: 'b.test', ttl: 1, data: 'a.test' },
      { type: 'TXT', name: 'a.test', ttl: 1, data: 'text' },
    ],
    authorities: [{ type: 'NS', name: 'test', ttl: 1, data: 'a.test' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        flags: 0,
        options: [],
        extendedRcode: 0,
        ednsVersion: 0,
        flag_do: false,
      },
    ],
  });
  const frames = Array.from({ length: 16 }, (_, opcode) => [
    Uint8Array.of(0x80 | opcode, 3, 3, 232, 66),
    Uint8Array.of(0x80 | opcode, 0x83, 1, 2, 3, 4, 2, 234, 66),
    Uint8Array.of(opcode, 126, 0, 3, 65, 66, 67),
  ]).flat();
  return [
    explainHttp(request, 'request', false),
    explainHttp(response, 'response', false),
    explainHttp(textBytes('nonsense\r\n\r\n'), 'request', false),
    ...[question, answer].map((bytes) => explainDns(Uint8Array.from(bytes))),
    ...frames.flatMap((bytes) =>
      [explainFrame(bytes, undefined), explainUnmasked(bytes, undefined)?.field ?? []].flat(),
    ),
  ];
}

function clientHello(extensions: readonly number[]): readonly number[] {
  const head = [3, 3, ...zeros(32), 2, 7, 7, ...uint16(2), 0x13, 1, 1, 0];
  return handshake(1, [...head, ...uint16(extensions.length), ...extensions]);
}

function encryptedExtensions(extensions: readonly number[]): readonly number[] {
  return handshake(8, [...uint16(extensions.length), ...extensions]);
}

function handshake(type: number, body: readonly number[]): readonly number[] {
  return [type, 0, ...uint16(body.length), ...body];
}

function extension(type: number, content: readonly number[]): readonly number[] {
  return [...uint16(type), ...uint16(content.length), ...content];
}

function uint16(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}

function zeros(length: number): readonly number[] {
  return Array<number>(length).fill(0);
}
