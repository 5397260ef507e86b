import { createPublicKey, constants, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { readVector } from '../../../vectors/vector.ts';
import { faultsOf, foldOf, hexOf, knownToStranger, originOf, originUnlent, stepOf } from './origins.ts';

const RANDOM = 'cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7';
const RETRY_RANDOM = 'b0b1c5a5aa37c5919f2ed1d5c6fff7fcb7849716945a2b8cee9258a346677b6f';
const [X25519, SECP256R1] = [29, 23];
const keyLog = [
  `CLIENT_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21`,
  `SERVER_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38`,
  `CLIENT_TRAFFIC_SECRET_0 ${RANDOM} 9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5`,
  `SERVER_TRAFFIC_SECRET_0 ${RANDOM} a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643`,
].join('\n');
const privateKey = Uint8Array.from(
  Buffer.from('49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005', 'hex'),
);
const { chunks } = readVector('rfc8448-records');

test('with the key log and the private half of the key share, every value is the one that RFC 8448, 3 prints', () => {
  const fold = foldOf([{ chunks, port: 443, keyLog }], [{ connection: 1, group: X25519, privateKey }]);
  const origin = originOf(fold);
  expect(origin).toMatchObject({ version: 'TLS 1.3', suite: 'TLS_AES_128_GCM_SHA256', group: 'x25519' });
  const expected = {
    'client-random': RANDOM,
    'client-key-share': '99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c',
    'server-key-share': 'c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f',
    'shared-secret': '8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d',
    'early-secret': '33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a',
    'early-derived': '6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba',
    'handshake-secret': '1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac',
    'client-handshake-key': 'dbfaa693d1762c5b666af5d950258d01',
    'client-handshake-iv': '5bd3c71b836e0b76bb73265f',
    'server-handshake-key': '3fce516009c21727d0f2e4e86ee403bc',
    'server-finished': '9b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f0718',
    'server-finished-hash': '9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13',
    'handshake-derived': '43de77e0c77713859a944db9db2590b53190a65b3ee2e4f12dd7a0bb7ce254b4',
    'master-secret': '18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919',
    'exporter-secret': 'fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50',
    'client-application-key': '17422dda596ed5d9acd890e3c63f5051',
    'server-application-iv': 'cf782b88dd83549aadf1e984',
    'client-finished': 'a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61',
    'client-finished-hash': '209145a96ee8e2a122ff810047cc952684658d6049e86429426db87c54ad143d',
    'resumption-secret': '7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c',
  };
  const found = Object.keys(expected).map((id) => [id, hexOf(stepOf(origin, id))]);
  expect(Object.fromEntries(found)).toEqual(expected);
  expect(faultsOf(origin)).toEqual([]);
  const compared = origin.steps.filter(({ agreesWith }) => agreesWith).map(({ id }) => id);
  expect(compared).toEqual([
    ...['client-handshake-traffic-secret', 'server-handshake-traffic-secret', 'server-finished'],
    ...['client-application-traffic-secret', 'server-application-traffic-secret', 'client-finished'],
  ]);
});

test('the key log alone gives what lies below it, and the rest says why not', () => {
  const origin = originOf(foldOf([{ chunks, port: 443, keyLog }]));
  expect(faultsOf(origin)).toEqual([]);
  expect(stepOf(origin, 'shared-secret').whyUnknown).toMatch(/cannot be run backwards/);
  expect(stepOf(origin, 'handshake-secret').whyUnknown).toBe('It needs (EC)DHE, which is not known here.');
  expect(stepOf(origin, 'server-handshake-traffic-secret').source).toBe('told by the victim');
  expect(stepOf(origin, 'exporter-secret').whyUnknown).toBe(
    'The victim’s key log has no EXPORTER_SECRET for this connection.',
  );
  expect(stepOf(origin, 'server-finished').agreesWith?.equal).toBe(true);
});

test('not lent, nothing is told but what is on the wire or the same for everybody', () => {
  const fold = foldOf([{ chunks, port: 443, keyLog }], [{ connection: 1, group: X25519, privateKey }]);
  const origin = originUnlent(fold);
  expect(faultsOf(origin)).toEqual([]);
  const shown = origin.steps.filter(({ value }) => value).map(({ id }) => id);
  const open = [
    ...[
      'client-hello',
      'server-hello',
      'client-random',
      'server-random',
      'client-key-share',
      'server-key-share',
    ],
    ...['psk', 'early-secret', 'early-derived', 'hello-hash'],
  ];
  expect(shown).toEqual(open);
  expect(origin.whyNoSignature).toMatch(/sealed/);
  // The same for who can know what, lent or not: lending to the audience tells the stranger nothing.
  expect(knownToStranger(origin)).toEqual(open);
  expect(knownToStranger(originOf(fold))).toEqual(open);
});

test('the signature covers what RFC 8446, 4.4.3 says, and one byte less of the transcript breaks it', () => {
  const { signature } = originOf(foldOf([{ chunks, port: 443, keyLog }]));
  if (!signature) throw new Error('no signature');
  expect(signature).toMatchObject({ message: 'CertificateVerify', algorithm: 'rsa_pss_rsae_sha256' });
  expect(Buffer.from(signature.signed.subarray(0, 98)).toString()).toBe(
    `${' '.repeat(64)}TLS 1.3, server CertificateVerify\0`,
  );
  const key = {
    ...{ key: createPublicKey({ key: Buffer.from(signature.publicKey), type: 'spki', format: 'der' }) },
    ...{ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  };
  expect(verify('sha256', signature.signed, key, signature.signature)).toBe(true);
  const altered = signature.signed.map((byte, at) => (at === 100 ? byte ^ 1 : byte));
  expect(verify('sha256', altered, key, signature.signature)).toBe(false);
});

test('after a retry both ClientHellos and the request are in the transcript, as in RFC 8448, 5', () => {
  const half = Uint8Array.from(
    Buffer.from('ab5473467e19346ceb0a0414e41da21d4d2445bc3025afe97c4e8dc8d513da39', 'hex'),
  );
  const retry = readVector('rfc8448-retry').chunks;
  const lines = [
    `SERVER_HANDSHAKE_TRAFFIC_SECRET ${RETRY_RANDOM} 3403e781e2af7b6508da28574f6e95a1abf162de83a97927c37672a4a0cef8a1`,
  ].join('\n');
  const shares = [{ connection: 1, group: SECP256R1, privateKey: half }];
  const origin = originOf(foldOf([{ chunks: retry, port: 443, keyLog: lines }], shares));
  expect(faultsOf(origin)).toEqual([]);
  expect(origin.group).toBe('secp256r1');
  const expected = {
    'shared-secret': 'c142ce13ca11b5c2233652e63ad3d97844f1621fbfb9de69d547dc8fedeabeb4',
    'handshake-secret': 'ce022e5e6e81e50736d773f2d3adfce8220d049bf510f0dbfac927ef4243b148',
    'hello-hash': '8aa8e828ec2f8a884fec95a3139de01c15a3daa7ff5bfc3f4bfcc21b438d7bf8',
    'client-handshake-traffic-secret': '158aa7ab8855073582b41d674b4055cabcc534728f659314861b4e08e2011566',
    'server-handshake-key': '4646bfac1712c426cd78d8a24a8a6f6b',
    'server-finished-hash': '50f63cbf36b0dd049e7a0ba27d6455745ea2aaac54bb167f9950b2b7ce9509da',
    'master-secret': '1131545d0baf79ddce9b87f06945781a57dd18ef378dcd2060f8f9a569027ed8',
    'client-application-traffic-secret': '75ecf4b972525aa0dcd057c9944d4cd5d82671d8843141d7dc2a4ff15a21dc51',
    'exporter-secret': '7c06d3ae106a3a374ace4837b3985cac67780a6e2c5c04b58319d584df09d223',
  };
  expect(Object.fromEntries(Object.keys(expected).map((id) => [id, hexOf(stepOf(origin, id))]))).toEqual(
    expected,
  );
  expect(stepOf(origin, 'hello-hash').inputs).toEqual([
    ...['first-client-hello', 'hello-retry-request', 'client-hello', 'server-hello'],
  ]);
});

test('places point at the very bytes on the wire', () => {
  const fold = foldOf([{ chunks, port: 443 }]);
  const { steps } = originUnlent(fold);
  const captured = steps.filter(({ source }) => source === 'captured');
  expect(captured).toHaveLength(6);
  for (const { value, places = [] } of captured)
    expect(Buffer.concat(places.map((place) => fold.bytes(place).bytes))).toEqual(Buffer.from(value ?? []));
});

test.each([
  ['a wrong secret', keyLog.replaceAll(/ b67b7d69/g, ' b67b7d68')],
  ['a line of another connection', keyLog.replaceAll(RANDOM, RETRY_RANDOM)],
  ['a missing line', keyLog.split('\n').slice(2).join('\n')],
  ['no line at all', ''],
])('%s opens nothing, and every step says why', (_what, lines) => {
  const origin = originOf(foldOf([{ chunks, port: 443, keyLog: lines }]));
  expect(faultsOf(origin)).toEqual([]);
  expect(origin.signature).toBeUndefined();
  expect(origin.whyNoSignature).toBeDefined();
  expect(stepOf(origin, 'server-finished-hash').value).toBeUndefined();
});

test('a private half that belongs to no share on the wire is refused', () => {
  const other = privateKey.map((byte, at) => (at === 9 ? byte ^ 1 : byte));
  const origin = originOf(
    foldOf([{ chunks, port: 443 }], [{ connection: 1, group: X25519, privateKey: other }]),
  );
  expect(stepOf(origin, 'client-private-key').whyUnknown).toMatch(/does not belong/);
  expect(stepOf(origin, 'shared-secret').value).toBeUndefined();
});

test('cut off anywhere, what is left is told or nothing is', () => {
  const all = chunks.flatMap(({ direction, bytes }) => [...bytes].map((byte) => ({ direction, byte })));
  for (let length = 0; length < 1200; length += 7) {
    const cut = all
      .slice(0, length)
      .map(({ direction, byte }) => ({ direction, bytes: Uint8Array.of(byte) }));
    const { origins } = foldOf([{ chunks: cut, port: 443, keyLog }]);
    const origin = origins.of(1, 'site');
    if (origin) expect(faultsOf(origin)).toEqual([]);
    else expect(length).toBeLessThan(300);
  }
});

test('the same object as long as nothing has changed, and nothing of a connection that is not there', () => {
  const { origins } = foldOf([{ chunks, port: 443, keyLog }]);
  expect(origins.of(1, 'site')).toBe(origins.of(1, 'site'));
  expect(origins.of(1, undefined)).not.toBe(origins.of(1, 'site'));
  expect(origins.of(2, 'site')).toBeUndefined();
  expect(origins.list()).toEqual([
    { connection: 1, host: 'own.test', version: 'TLS 1.3', opener: 'other', tellsPrivateHalf: false },
  ]);
});
