import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decode, encode } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../certs/authority.ts';
import { answerTo } from '../../../demo-sites/resolver/answer.ts';
import { type HttpsResolver, startHttpsResolver } from '../../../demo-sites/resolver/over-https.ts';
import type { SiteTold } from '../../../demo-sites/told.ts';
import { hasTool } from '../../support/tools.ts';

const names = new Map([['piggypay.test', '127.0.0.1']]);
const told: SiteTold[] = [];
const folder = mkdtempSync(join(tmpdir(), 'plainsight-test-doh-'));
const ca = join(folder, 'ca.pem');
let resolver: HttpsResolver;
let authorityPem: string;

beforeAll(async () => {
  const authority = await createAuthority();
  authorityPem = authority.certificatePem;
  writeFileSync(ca, authorityPem);
  const leaf = await authority.issue({ names: ['resolver.test'] });
  resolver = await startHttpsResolver({
    tls: { key: leaf.keyPem, cert: leaf.certificatePem },
    names,
    report: (event) => told.push(event),
  });
});
afterAll(async () => {
  await resolver.close();
  rmSync(folder, { recursive: true });
});

const MEDIA = 'application/dns-message';

interface Answer {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly bytes: Buffer;
}

function ask(method: string, path: string, type?: string, body?: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        host: '127.0.0.1',
        port: resolver.port,
        method,
        path,
        ca: authorityPem,
        servername: 'resolver.test',
        agent: false,
        headers: type === undefined ? {} : { 'Content-Type': type },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function query(name: string, type: 'A' | 'AAAA' | 'HTTPS' | 'MX' = 'A'): Buffer {
  return encode({ type: 'query', id: 0, flags: 0x0100, questions: [{ type: type as 'A', name }] });
}

describe('the resolver over HTTPS', () => {
  it.each(['piggypay.test', 'PiggyPay.TEST', 'www.google.com', 'constructor'])(
    'answers a POST and a GET for %s with the bytes of the answer over UDP',
    async (name) => {
      for (const type of ['A', 'AAAA'] as const) {
        const question = query(name, type);
        const answers = [
          await ask('POST', '/dns-query', MEDIA, question),
          await ask('GET', `/dns-query?dns=${question.toString('base64url')}`),
        ];
        for (const { status, headers, bytes } of answers) {
          expect(status).toBe(200);
          expect(headers['content-type']).toBe(MEDIA);
          expect(headers['cache-control']).toBe('max-age=0');
          expect(bytes).toEqual(answerTo(question, names));
        }
      }
    },
  );

  it('gives the address, as another reader of DNS sees it', async () => {
    const { bytes } = await ask('POST', '/dns-query', `${MEDIA}; charset=x`, query('piggypay.test'));
    expect(decode(bytes).answers).toMatchObject([{ type: 'A', name: 'piggypay.test', data: '127.0.0.1' }]);
  });

  it.each([
    ['POST', '/dns-query', 'application/json', query('a.test'), 415],
    ['POST', '/dns-query', undefined, query('a.test'), 415],
    ['POST', '/dns-query', MEDIA, Buffer.alloc(0), 400],
    ['POST', '/dns-query', MEDIA, Buffer.from('not DNS at all'), 400],
    ['POST', '/dns-query', MEDIA, Buffer.alloc(70_000), 413],
    ['GET', '/dns-query', undefined, undefined, 400],
    ['GET', '/dns-query?dns=', undefined, undefined, 400],
    ['GET', `/dns-query?dns=${query('a.test').toString('base64')}=`, undefined, undefined, 400],
    ['GET', '/dns-query?dns=AAAA', undefined, undefined, 400],
    ['PUT', '/dns-query', MEDIA, query('a.test'), 405],
    ['DELETE', '/dns-query', undefined, undefined, 405],
    ['GET', '/', undefined, undefined, 404],
    ['POST', '/dns-query/', MEDIA, query('a.test'), 404],
  ] as const)('refuses %s %s (%s) …', async (method, path, type, body, status) => {
    const answer = await ask(method, path, type, body);
    expect(answer.status).toBe(status);
    expect(answer.headers['cache-control']).toBe('no-store');
    if (status === 405) expect(answer.headers['allow']).toBe('GET, POST');
  });

  it('tells its key log and failed handshakes, as any site of the lab does, and no request', async () => {
    told.length = 0;
    await ask('POST', '/dns-query', MEDIA, query('piggypay.test'));
    expect(told.map(({ type }) => type)).toEqual(Array.from({ length: 5 }, () => 'secrets-logged'));
    const refusing = https.get({ host: '127.0.0.1', port: resolver.port, agent: false });
    await expect(new Promise((_resolve, reject) => refusing.on('error', reject))).rejects.toThrow();
    await expect.poll(() => told.map(({ type }) => type)).toContain('handshake-failed');
  });
});

describe.skipIf(!hasTool('curl'))('curl', () => {
  const run = promisify(execFile);
  const to = (): string[] => [
    ...['--silent', '--fail', '--cacert', ca],
    ...['--connect-to', `resolver.test:443:127.0.0.1:${resolver.port}`],
  ];

  it('posts a query and gets an answer', async () => {
    const [question, answer] = [join(folder, 'question'), join(folder, 'answer')];
    writeFileSync(question, query('piggypay.test'));
    await run('curl', [
      ...to(),
      ...['--header', `Content-Type: ${MEDIA}`, '--data-binary', `@${question}`, '--output', answer],
      'https://resolver.test/dns-query',
    ]);
    expect(decode(readFileSync(answer)).answers).toMatchObject([{ data: '127.0.0.1' }]);
  });

  it('takes it for its own resolver (--doh-url)', async () => {
    // curl asks it for the name and then connects; nothing listens there, and it says which address it was given.
    const seen = await run('curl', [
      ...['--verbose', '--silent', '--max-time', '5', '--cacert', ca],
      ...['--resolve', `resolver.test:${resolver.port}:127.0.0.1`],
      ...['--doh-url', `https://resolver.test:${resolver.port}/dns-query`],
      `https://piggypay.test:${resolver.port}/`,
    ]).catch((error: unknown) => error as { stderr: string });
    expect(seen.stderr).toContain('127.0.0.1');
    expect(seen.stderr).toMatch(/piggypay\.test/);
    expect(seen.stderr).not.toContain('Could not resolve host');
  });
});
