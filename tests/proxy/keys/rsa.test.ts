import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encryptedPreMaster, readPreMaster } from '#keys/pre-master.ts';
import { rsaDecrypt, rsaOpen } from '#keys/rsa.ts';
import { isOtherHalf, readPrivateKey, type RsaPrivateKey } from '#keys/rsa-private-key.ts';

const { RSA_NO_PADDING, RSA_PKCS1_PADDING } = constants;
const TLS_1_2 = 0x0303;

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = rsa(pair.privateKey);

function der(privateKey: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1' = 'pkcs8'): Uint8Array {
  return privateKey.export({ format: 'der', type });
}

function rsa(privateKey: KeyObject): RsaPrivateKey {
  const reading = readPrivateKey(der(privateKey));
  if (reading.kind !== 'RSA') throw new Error(`no RSA key: ${reading.kind}`);
  return reading.key;
}

function encrypted(message: Uint8Array, to: KeyObject = pair.publicKey): Buffer {
  return publicEncrypt({ key: to, padding: RSA_PKCS1_PADDING }, message);
}

/** What stands before the padding is taken off, encrypted as it is. */
function encryptedRaw(padded: Uint8Array): Buffer {
  return publicEncrypt({ key: pair.publicKey, padding: RSA_NO_PADDING }, padded);
}

/** RSAPrivateKey with these numbers (RFC 8017, A.1.2). */
function pkcs1(numbers: readonly bigint[]): Uint8Array {
  const integers = numbers.map((number) => {
    const digits = number.toString(16);
    // A zero before it, so that it is not negative.
    return item(2, Buffer.from(`00${digits.length % 2 === 0 ? '' : '0'}${digits}`, 'hex'));
  });
  return item(0x30, Buffer.concat(integers));
}

/** One value of DER, its length in four bytes. */
function item(tag: number, content: Buffer): Buffer {
  const head = Buffer.of(tag, 0x84, 0, 0, 0, 0);
  head.writeUInt32BE(content.length, 2);
  return Buffer.concat([head, content]);
}

/** A ClientKeyExchange, header included. */
function keyExchange(ciphertext: Uint8Array): Uint8Array {
  const message = Buffer.alloc(6 + ciphertext.length);
  message[0] = 16;
  message.writeUIntBE(ciphertext.length + 2, 1, 3);
  message.writeUInt16BE(ciphertext.length, 4);
  message.set(ciphertext, 6);
  return message;
}

const preMaster = (version = TLS_1_2): Uint8Array =>
  Buffer.concat([Buffer.from([version >> 8, version & 0xff]), randomBytes(46)]);

describe('RSA', () => {
  test.each([1024, 2048, 3072])('of %i bits decrypts to what OpenSSL decrypts to', (modulusLength) => {
    const keys = generateKeyPairSync('rsa', { modulusLength });
    const own = rsa(keys.privateKey);
    for (const message of [Buffer.alloc(0), Buffer.from('a'), randomBytes(48)]) {
      const ciphertext = encrypted(message, keys.publicKey);
      const raw = privateDecrypt({ key: keys.privateKey, padding: RSA_NO_PADDING }, ciphertext);
      expect(Buffer.from(rsaDecrypt(ciphertext, own) ?? [])).toEqual(raw);
      const opening = rsaOpen(ciphertext, own);
      expect(opening).toMatchObject({ state: 'opened', padding: modulusLength / 8 - 3 - message.length });
      expect(opening.state === 'opened' && Buffer.from(opening.message)).toEqual(message);
    }
  });

  test('decrypts numbers with zeros at their front, and refuses those that are none of its own', () => {
    for (const small of [0, 1, 2]) {
      const padded = Buffer.alloc(256);
      padded[255] = small;
      expect(Buffer.from(rsaDecrypt(encryptedRaw(padded), key) ?? [])).toEqual(padded);
    }
    expect(rsaDecrypt(Buffer.alloc(256, 0xff), key)).toBeUndefined();
    expect(rsaDecrypt(Buffer.alloc(255, 1), key)).toBeUndefined();
    expect(rsaOpen(Buffer.alloc(256, 0xff), key)).toMatchObject({
      why: expect.stringContaining('modulus') as string,
    });
    expect(rsaOpen(Buffer.alloc(128, 1), key)).toMatchObject({
      why: expect.stringContaining('128 bytes') as string,
    });
  });

  test.each<[string, (padded: Buffer) => void, string]>([
    ['another first byte', (padded) => padded.writeUInt8(1, 0), '00 02'],
    ['that of a signature', (padded) => padded.writeUInt8(1, 1), '00 02'],
    ['no zero behind it', (padded) => padded.fill(7, 2), 'No zero'],
    ['seven bytes', (padded) => padded.writeUInt8(0, 9), '7 bytes'],
  ])('refuses padding with %s', (_name, change, why) => {
    const padded = Buffer.concat([
      Buffer.from([0, 2]),
      Buffer.alloc(205, 9),
      Buffer.from([0]),
      Buffer.alloc(48, 5),
    ]);
    expect(rsaOpen(encryptedRaw(padded), key).state).toBe('opened');
    change(padded);
    expect(rsaOpen(encryptedRaw(padded), key)).toMatchObject({
      state: 'failed',
      why: expect.stringContaining(why) as string,
    });
  });

  test('opens nothing with another key, nor after one bit was flipped', () => {
    const ciphertext = encrypted(preMaster());
    expect(rsaOpen(ciphertext, rsa(other.privateKey)).state).toBe('failed');
    ciphertext[200] = (ciphertext[200] ?? 0) ^ 1;
    expect(rsaOpen(ciphertext, key).state).toBe('failed');
  });
});

describe('a private key', () => {
  test('reads the same from PKCS #8 and from PKCS #1', () => {
    const reading = readPrivateKey(der(pair.privateKey, 'pkcs1'));
    expect(reading).toEqual({ kind: 'RSA', key });
    const { n, e } = pair.publicKey.export({ format: 'jwk' });
    expect(key.n.toString(16)).toBe(Buffer.from(n ?? '', 'base64url').toString('hex'));
    expect(key.e.toString(16)).toBe(
      Buffer.from(e ?? '', 'base64url')
        .toString('hex')
        .replace(/^0+/, ''),
    );
  });

  test('of an elliptic curve is told apart, whatever it is wrapped in', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(readPrivateKey(der(privateKey)).kind).toBe('EC');
    expect(readPrivateKey(der(privateKey, 'sec1')).kind).toBe('EC');
    expect(readPrivateKey(der(generateKeyPairSync('ed25519').privateKey)).kind).toBe('EC');
  });

  test('knows the public half it belongs to, and no other', () => {
    const info = (publicKey: KeyObject) => publicKey.export({ format: 'der', type: 'spki' });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const [own, foreign] of [
      [pair, other],
      [ec, stranger],
    ] as const) {
      const reading = readPrivateKey(der(own.privateKey));
      expect(isOtherHalf(info(createPublicKey(own.privateKey)), reading)).toBe(true);
      expect(isOtherHalf(info(foreign.publicKey), reading)).toBe(false);
    }
  });

  test('that is none, is locked, damaged or of another kind is refused with a sentence that says so', () => {
    const why = (bytes: Uint8Array) => {
      const reading = readPrivateKey(bytes);
      return reading.kind === 'none' ? reading.why : reading.kind;
    };
    expect(why(Buffer.from('hello'))).toContain('no private key');
    expect(why(pair.publicKey.export({ format: 'der', type: 'spki' }))).toContain('no private key');
    const locked = pair.privateKey.export({
      format: 'der',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    expect(why(locked)).toContain('passphrase');
    const damaged = Buffer.from(der(pair.privateKey, 'pkcs1'));
    damaged[damaged.length - 3] = (damaged[damaged.length - 3] ?? 0) ^ 1;
    expect(why(damaged)).toContain('damaged');
    expect(why(der(generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).privateKey))).toContain(
      'neither RSA nor EC',
    );
    const whole = der(pair.privateKey);
    for (let length = 0; length < whole.length; length += 7)
      expect(why(whole.subarray(0, length))).not.toBe('RSA');
  });

  test('with numbers larger than RSA has them is refused, though they would decrypt to the same', () => {
    const numbers = [0n, key.n, key.e, 1n, key.p, key.q, key.dP, key.dQ, key.qInv];
    const kindWith = (at: number, value: bigint) => readPrivateKey(pkcs1(numbers.with(at, value))).kind;
    expect(kindWith(0, 0n)).toBe('RSA');
    const many = 1n << 20_000n;
    expect(kindWith(2, key.e + (key.p - 1n) * (key.q - 1n) * many)).toBe('none');
    expect(kindWith(6, key.dP + (key.p - 1n) * many)).toBe('none');
    expect(kindWith(7, key.dQ + (key.q - 1n) * many)).toBe('none');
    expect(kindWith(8, key.qInv + key.p * many)).toBe('none');
  });

  test('of megabytes is refused before it is computed with', () => {
    const endless = pkcs1([0n, key.n, 1n << (1n << 23n), 1n, key.p, key.q, key.dP, key.dQ, key.qInv]);
    expect(readPrivateKey(endless)).toEqual({
      kind: 'none',
      why: 'A private key of more than 64 KiB is not read.',
    });
  });
});

describe('the pre-master secret of a ClientKeyExchange', () => {
  test('is what the client encrypted', () => {
    const secret = preMaster();
    const message = keyExchange(encrypted(secret));
    expect(encryptedPreMaster(message)).toHaveLength(256);
    expect(readPreMaster(message, key, TLS_1_2)).toEqual({
      state: 'read',
      preMaster: Uint8Array.from(secret),
      padding: 205,
    });
  });

  test('is none with another version at its front than the ClientHello offered, or of another length', () => {
    const message = keyExchange(encrypted(preMaster(0x0302)));
    expect(readPreMaster(message, key, TLS_1_2)).toMatchObject({ state: 'failed', check: 'version' });
    expect(readPreMaster(message, key, 0x0302).state).toBe('read');
    const short = keyExchange(encrypted(preMaster().subarray(0, 47)));
    expect(readPreMaster(short, key, TLS_1_2)).toMatchObject({ state: 'failed', check: 'length' });
  });

  test('is none in a message of another form: a point on a curve, or half a message', () => {
    const point = Buffer.concat([Buffer.from([16, 0, 0, 66, 65, 4]), randomBytes(64)]);
    expect(readPreMaster(point, key, TLS_1_2)).toMatchObject({ state: 'failed', check: 'form' });
    const message = keyExchange(encrypted(preMaster()));
    for (const length of [0, 4, 5, 6, 200])
      expect(readPreMaster(message.subarray(0, length), key, TLS_1_2)).toMatchObject({ check: 'form' });
  });
});
