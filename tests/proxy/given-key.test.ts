import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenKey, withGivenKey } from '../../proxy/given-key.ts';
import { captureFile } from '../../proxy/pcapng/capture-file.ts';
import { hasTool } from '../support/tools.ts';
import { isTsharkMissing, tshark } from '../support/tshark.ts';
import { captured } from './dissect/captured.ts';
import { ANSWER, freshIdentity, SAID, type KeyAndCertificate } from './folds/leaked-key/leaking.ts';
import { converse } from './keys/tap.ts';

const run = promisify(execFile);
const STATIC = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' } as const;
const missing = !hasTool('openssl');

let folder = '';
let rsa: KeyAndCertificate;
let ec: KeyAndCertificate;
let events: ReturnType<typeof captured>;

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The command, with what it printed and how it ended. */
async function plainsight(...args: readonly string[]) {
  const command = join(import.meta.dirname, '../../bin/plainsight.mjs');
  return run(process.execPath, [command, ...args], { maxBuffer: 1 << 26 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
}

beforeAll(async () => {
  if (missing) return;
  folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  rsa = freshIdentity('rsa:2048');
  ec = freshIdentity('ec');
  const { chunks } = await converse({ ...rsa, ...STATIC }, STATIC, SAID, ANSWER);
  events = captured([{ chunks, port: 443 }]);
  file('capture.pcapng', Buffer.concat([...captureFile(events)]));
  file('rsa.pem', rsa.key);
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

describe.skipIf(missing)('a key that is given', () => {
  test.each(['pkcs1', 'pkcs8'] as const)(
    'is read as %s, in PEM and in DER, with a certificate beside it',
    async (type) => {
      const key = createPrivateKey(rsa.key);
      const pem = String(key.export({ format: 'pem', type }));
      const keys = await Promise.all([
        givenKey(file('key.pem', pem)),
        givenKey(file('both.pem', `${rsa.cert.toString()}\n${pem.replaceAll('\n', '\r\n')}`)),
        givenKey(file('key.der', key.export({ format: 'der', type }))),
      ]);
      for (const { reading } of keys) expect(reading).toEqual(keys[0]?.reading);
      for (const given of keys)
        expect(withGivenKey(events, given).at(-1)).toMatchObject({ host: 'own.test' });
    },
  );

  test('is refused with a sentence that says why and quotes nothing', async () => {
    const locked = createPrivateKey(rsa.key).export({
      format: 'pem',
      type: 'pkcs1',
      cipher: 'aes-128-cbc',
      passphrase: 'x',
    });
    for (const [content, why] of [
      ['hello', 'no private key'],
      [rsa.cert, 'no private key'],
      [ec.key, 'This key only signs; with (EC)DHE it opens nothing.'],
      [locked, 'passphrase'],
    ] as const)
      await expect(givenKey(file('bad.pem', content))).rejects.toThrow(why);
    await expect(givenKey(join(folder, 'nowhere.pem'))).rejects.toThrow('There is no file');
    const wrong = await givenKey(file('wrong.pem', freshIdentity('rsa:2048').key));
    expect(() => withGivenKey(events, wrong)).toThrow('wrong key');
    expect(() => withGivenKey(events.slice(0, 1), wrong)).toThrow('No certificate');
  });
});

describe.skipIf(missing)('plainsight dissect --private-key', () => {
  test('opens a capture without any key log', async () => {
    const [sealed, opened] = await Promise.all([
      plainsight('dissect', join(folder, 'capture.pcapng')),
      plainsight('dissect', join(folder, 'capture.pcapng'), '--private-key', join(folder, 'rsa.pem')),
    ]);
    expect(sealed).toMatchObject({ code: 0 });
    expect(sealed.stdout).not.toContain('correct');
    expect(opened).toMatchObject({ code: 0, stderr: '' });
    expect(opened.stdout).toContain('POST /login');
    expect(opened.stdout).toContain('correct horse');
  });

  test('says on one line what is wrong with the key, and ends with 1', async () => {
    const ended = await plainsight(
      'dissect',
      join(folder, 'capture.pcapng'),
      '--private-key',
      file('ec.pem', ec.key),
    );
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(
      /^plainsight: .*An EC key\. This key only signs; with \(EC\)DHE it opens nothing\.\n$/,
    );
  });
});

describe.skipIf(missing || isTsharkMissing)('tshark, given the same key file', () => {
  test('decrypts the same capture to the same requests and answers', async () => {
    const capture = join(folder, 'capture.pcapng');
    const lent = ['-o', `uat:rsa_keys:"${join(folder, 'rsa.pem')}",""`];
    const followed = (await tshark(capture, ...lent, '-q', '-z', 'follow,tls,raw,0')).split('\n');
    const bytes = followed
      .filter((line) => /^\t?[0-9a-f]+$/.test(line))
      .join('')
      .replaceAll('\t', '');
    expect(Buffer.from(bytes, 'hex').toString()).toBe(SAID + ANSWER);
  });
});
