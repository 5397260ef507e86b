import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sharedSecret } from '#keys/schedule/key-agreement.ts';
import {
  deriveSecret,
  earlySecret,
  finishedKey,
  handshakeSecret,
  masterSecret,
  type SecretPurpose,
  ticketKey,
  trafficKeys,
  verifyData,
} from '#keys/schedule/key-schedule-13.ts';
import { suiteOf } from '#keys/suite.ts';
import { readVector, streamOf } from '../../../vectors/vector.ts';

const [X25519, SECP256R1] = [29, 23];
const suite = suiteOf(0x1301);
if (!suite) throw new Error('TLS_AES_128_GCM_SHA256 is not known');

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString('hex');
const hashed = (...messages: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(messages.reduce((hash, message) => hash.update(message), createHash('sha256')).digest());

/** What RFC 8448 prints of a handshake: secrets by the label that derives them. */
interface Trace {
  readonly group: number;
  readonly psk?: string;
  readonly clientPrivate: string;
  readonly serverPublic: string;
  readonly serverPrivate: string;
  readonly clientPublic: string;
  readonly shared: string;
  readonly early: string;
  readonly earlyDerived: string;
  readonly handshake: string;
  readonly handshakeDerived?: string;
  readonly master: string;
}

const simple: Trace = {
  group: X25519,
  clientPrivate: '49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005',
  clientPublic: '99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c',
  serverPrivate: 'b1580eeadf6dd589b8ef4f2d5652578cc810e9980191ec8d058308cea216a21e',
  serverPublic: 'c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f',
  shared: '8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d',
  early: '33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a',
  earlyDerived: '6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba',
  handshake: '1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac',
  handshakeDerived: '43de77e0c77713859a944db9db2590b53190a65b3ee2e4f12dd7a0bb7ce254b4',
  master: '18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919',
};
const resumed: Trace = {
  group: X25519,
  psk: '4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3',
  clientPrivate: 'bff91188283846dd6a2134ef7180ca2b0b14fb10dce707b5098c0dddc813b2df',
  clientPublic: 'e4ffb68ac05f8d96c99da26698346c6be16482badddafe051a66b4f18d668f0b',
  serverPrivate: 'de5b4476e7b490b2652d338acbf2948066f255f9440e23b98fc69835298dc107',
  serverPublic: '121761ee42c333e1b9e77b60dd57c2053cd94512ab47f115e86eff50942cea31',
  shared: 'f44194756ff9ec9d25180635d66ea6824c6ab3bf179977be37f723570e7ccb2e',
  early: '9b2188e9b2fc6d64d71dc329900e20bb41915000f678aa839cbb797cb7d8332c',
  earlyDerived: '5f1790bbd82c5e7d376ed2e1e52f8e6038c9346db61b43be9a52f77ef3998e80',
  handshake: '005cb112fd8eb4ccc623bb88a07c64b3ede1605363fc7d0df8c7ce4ff0fb4ae6',
  handshakeDerived: 'e2f16030251df0874ba19b9aba257610bc6d531c1dd206df0ca6e84ae2a26742',
  master: 'e2d32d4ed66dd37897a0e80c84107503ce58bf8aad4cb55a5002d77ecb890ece',
};
const retried: Trace = {
  group: SECP256R1,
  clientPrivate: 'ab5473467e19346ceb0a0414e41da21d4d2445bc3025afe97c4e8dc8d513da39',
  clientPublic:
    '04a6da7392ec591e17abfd535964b99894d13befb221b3def2ebe3830eac8f0151812677c4d6d2237e85cf01d6910cfb83954e76ba7352830534159897e8065780',
  serverPrivate: '8c510601f9765bfb8ed693449a48989859b5cfa879cb9f5443c41c5ff10634ed',
  serverPublic:
    '04583e054b7a66672ae020ad9d2686fcc85b5ad41a134a0f03ee72b893052bd85b4c8de6776f5b04ac07d83540eab3e3d9c547bc6528c4317d294686093a6cad7d',
  shared: 'c142ce13ca11b5c2233652e63ad3d97844f1621fbfb9de69d547dc8fedeabeb4',
  early: simple.early,
  earlyDerived: simple.earlyDerived,
  handshake: 'ce022e5e6e81e50736d773f2d3adfce8220d049bf510f0dbfac927ef4243b148',
  master: '1131545d0baf79ddce9b87f06945781a57dd18ef378dcd2060f8f9a569027ed8',
};

test.each([
  ['3, simple', simple],
  ['4, resumed', resumed],
  ['5, after a retry', retried],
])('RFC 8448, %s: from both shares to the Master Secret', (_section, trace) => {
  const shared = sharedSecret(trace.group, bytes(trace.clientPrivate), bytes(trace.serverPublic));
  expect(hex(shared)).toBe(trace.shared);
  expect(hex(sharedSecret(trace.group, bytes(trace.serverPrivate), bytes(trace.clientPublic)))).toBe(
    trace.shared,
  );
  const early = earlySecret(suite, trace.psk === undefined ? undefined : bytes(trace.psk));
  expect(hex(early)).toBe(trace.early);
  const earlyDerived = deriveSecret(suite, early, 'derived');
  expect(hex(earlyDerived)).toBe(trace.earlyDerived);
  const handshake = handshakeSecret(suite, earlyDerived, shared);
  expect(hex(handshake)).toBe(trace.handshake);
  const derived = deriveSecret(suite, handshake, 'derived');
  if (trace.handshakeDerived !== undefined) expect(hex(derived)).toBe(trace.handshakeDerived);
  expect(hex(masterSecret(suite, derived))).toBe(trace.master);
});

// Of section 3 hashed here by node:crypto; the others as the RFC prints them beside the labels.
const hellos = readVector('rfc8448-hellos');
const CH_SH = hex(
  hashed(streamOf(hellos, 'client-to-server').subarray(5), streamOf(hellos, 'server-to-client').subarray(5)),
);
const CH_FINISHED = '9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13';
const RETRY_CH_SH = '8aa8e828ec2f8a884fec95a3139de01c15a3daa7ff5bfc3f4bfcc21b438d7bf8';
const RETRY_CH_FINISHED = '50f63cbf36b0dd049e7a0ba27d6455745ea2aaac54bb167f9950b2b7ce9509da';
const RESUMED_CH = '08ad0fa05d7c7233b1775ba2ff9f4c5b8b59276b7f227f13a976245f5d960913';

test.each<readonly [SecretPurpose, from: string, transcript: string, secret: string]>([
  [
    'c hs traffic',
    simple.handshake,
    CH_SH,
    'b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21',
  ],
  [
    's hs traffic',
    simple.handshake,
    CH_SH,
    'b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38',
  ],
  [
    'c ap traffic',
    simple.master,
    CH_FINISHED,
    '9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5',
  ],
  [
    's ap traffic',
    simple.master,
    CH_FINISHED,
    'a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643',
  ],
  [
    'exp master',
    simple.master,
    CH_FINISHED,
    'fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50',
  ],
  [
    'c e traffic',
    resumed.early,
    RESUMED_CH,
    '3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62',
  ],
  [
    'e exp master',
    resumed.early,
    RESUMED_CH,
    'b2026866610937d7423e5be90862ccf24c0e6091186d34f812089ff5be2ef7df',
  ],
  [
    'c hs traffic',
    retried.handshake,
    RETRY_CH_SH,
    '158aa7ab8855073582b41d674b4055cabcc534728f659314861b4e08e2011566',
  ],
  [
    's hs traffic',
    retried.handshake,
    RETRY_CH_SH,
    '3403e781e2af7b6508da28574f6e95a1abf162de83a97927c37672a4a0cef8a1',
  ],
  [
    'c ap traffic',
    retried.master,
    RETRY_CH_FINISHED,
    '75ecf4b972525aa0dcd057c9944d4cd5d82671d8843141d7dc2a4ff15a21dc51',
  ],
  [
    's ap traffic',
    retried.master,
    RETRY_CH_FINISHED,
    '5c74f87df04225db0f8209c9de6429e49435fdefa7cad61864874d12f31cfc8d',
  ],
  [
    'exp master',
    retried.master,
    RETRY_CH_FINISHED,
    '7c06d3ae106a3a374ace4837b3985cac67780a6e2c5c04b58319d584df09d223',
  ],
])('%s comes of %s', (purpose, from, transcript, secret) => {
  expect(hex(deriveSecret(suite, bytes(from), purpose, bytes(transcript)))).toBe(secret);
});

test('the ClientHello of section 4 hashes to what its early secrets are derived over', () => {
  const record = streamOf(readVector('rfc8448-resumption'), 'client-to-server');
  expect(hex(hashed(record.subarray(5)))).toBe(RESUMED_CH);
});

test.each([
  [
    '3, server handshake',
    'b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38',
    '3fce516009c21727d0f2e4e86ee403bc',
    '5d313eb2671276ee13000b30',
  ],
  [
    '4, early data',
    '3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62',
    '920205a5b7bf2115e6fc5c2942834f54',
    '6d475f0993c8e564610db2b9',
  ],
  [
    '4, client handshake',
    '2faac08f851d35fea3604fcb4de82dc62c9b164a70974d0462e27f1ab278700f',
    'b1530806f4adfeac83f1413032bbfa82',
    'eb50c16be7654abf99dd06d9',
  ],
  [
    '4, server application',
    'cc21f1bf8feb7dd5fa505bd9c4b468a9984d554a993dc49e6d285598fb672691',
    'e857c690a34c5a9129d833619684f95e',
    '0685d6b561aab9ef1013faf9',
  ],
  [
    '5, server handshake',
    '3403e781e2af7b6508da28574f6e95a1abf162de83a97927c37672a4a0cef8a1',
    '4646bfac1712c426cd78d8a24a8a6f6b',
    'c7d395c08d62f297d13768ea',
  ],
])('RFC 8448, %s: key and vector', (_where, secret, key, iv) => {
  const keys = trafficKeys(suite, bytes(secret));
  expect([hex(keys.key), hex(keys.iv)]).toEqual([key, iv]);
});

test('a ticket stands for the key that section 4 begins with, and its binder is a Finished under it', () => {
  const resumption = deriveSecret(
    suite,
    bytes(simple.master),
    'res master',
    bytes('209145a96ee8e2a122ff810047cc952684658d6049e86429426db87c54ad143d'),
  );
  expect(hex(resumption)).toBe('7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c');
  expect(hex(ticketKey(suite, resumption, Uint8Array.of(0, 0)))).toBe(resumed.psk);
  const binderKey = deriveSecret(suite, bytes(resumed.early), 'res binder');
  expect(hex(binderKey)).toBe('69fe131a3bbad5d63c64eebcc30e395b9d8107726a13d074e389dbc8a4e47256');
  const key = finishedKey(suite, binderKey);
  expect(hex(key)).toBe('5588673e72cb59c87d220caffe94f2dea9a3b1609f7d50e90a48227db9ed7eaa');
  // The ClientHello up to its binders: the list's length, the binder's and the binder make 35 bytes.
  const hello = streamOf(readVector('rfc8448-resumption'), 'client-to-server').subarray(5);
  const binder = verifyData(suite, key, hashed(hello.subarray(0, -35)));
  expect(hex(binder)).toBe('3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d');
  expect(hex(hello.subarray(-32))).toBe(hex(binder));
});
