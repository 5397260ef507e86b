/**
 * SHA-256 (FIPS 180-4) for a page's script: `sha256(text)` answers the hash of the text in UTF-8, in lower-case hex.
 * The browser's own, `crypto.subtle`, is missing on pages that came over plain HTTP from anywhere but localhost.
 */
export const sha256Script = `
const sha256 = (text) => {
  // The first 32 bits behind the point of the square roots of 8 primes, and of the cube roots of 64.
  const bitsOf = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime)) primes.push(n);
  const constants = primes.map((prime) => bitsOf(Math.cbrt(prime)));
  let state = primes.slice(0, 8).map((prime) => bitsOf(Math.sqrt(prime)));

  const bytes = new TextEncoder().encode(text);
  const padded = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64));
  bytes.forEach((byte, at) => padded.setUint8(at, byte));
  padded.setUint8(bytes.length, 0x80);
  padded.setUint32(padded.byteLength - 4, bytes.length * 8);

  const turn = (word, by) => (word >>> by) | (word << (32 - by));
  for (let block = 0; block < padded.byteLength; block += 64) {
    const words = [];
    let [a, b, c, d, e, f, g, h] = state;
    for (let round = 0; round < 64; round += 1) {
      const [w2, w7, w15, w16] = [2, 7, 15, 16].map((back) => words[round - back]);
      words[round] = round < 16
        ? padded.getInt32(block + round * 4)
        : ((turn(w2, 17) ^ turn(w2, 19) ^ (w2 >>> 10)) + w7 + (turn(w15, 7) ^ turn(w15, 18) ^ (w15 >>> 3)) + w16) | 0;
      const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[round] + words[round];
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    state = [a, b, c, d, e, f, g, h].map((word, at) => (word + state[at]) | 0);
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
};
`;
