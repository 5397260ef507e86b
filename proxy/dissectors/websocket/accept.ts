const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * What a server must answer in Sec-WebSocket-Accept to this Sec-WebSocket-Key (RFC 6455, 4.2.2): proof that it
 * understood WebSocket, and no secret. The key is ASCII.
 */
export function acceptFor(key: string): string {
  return base64(sha1(Uint8Array.from(key + GUID, (character) => character.charCodeAt(0))));
}

/** FIPS 180-4, 6.1. */
function sha1(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  const hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Uint32Array(80);
  for (let block = 0; block < padded.length; block += 64) {
    for (let index = 0; index < 80; index++) {
      const word = (back: number): number => words[index - back] ?? 0;
      words[index] =
        index < 16 ? view.getUint32(block + index * 4) : rotate(word(3) ^ word(8) ^ word(14) ^ word(16), 1);
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = hash;
    for (let index = 0; index < 80; index++) {
      const [mixed, constant] = round(index, b, c, d);
      const next = (rotate(a, 5) + mixed + e + constant + (words[index] ?? 0)) >>> 0;
      [a, b, c, d, e] = [next, a, rotate(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((value, index) => (hash[index] = ((hash[index] ?? 0) + value) >>> 0));
  }
  const digest = new DataView(new ArrayBuffer(20));
  hash.forEach((value, index) => digest.setUint32(index * 4, value));
  return new Uint8Array(digest.buffer);
}

function round(index: number, b: number, c: number, d: number): readonly [number, number] {
  if (index < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (index < 40) return [b ^ c ^ d, 0x6ed9eba1];
  return index < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc] : [b ^ c ^ d, 0xca62c1d6];
}

function rotate(value: number, bits: number): number {
  return ((value << bits) | (value >>> (32 - bits))) >>> 0;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two, three] = bytes.subarray(at, at + 3);
    const bits = (one << 16) | ((two ?? 0) << 8) | (three ?? 0);
    const digit = (shift: number): string => ALPHABET[(bits >> shift) & 63] ?? '';
    text += `${digit(18)}${digit(12)}${two === undefined ? '=' : digit(6)}${three === undefined ? '=' : digit(0)}`;
  }
  return text;
}
