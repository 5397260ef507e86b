import type { AttackLane, AttackVerdict, ConnectionId, Hop, Opener } from '#contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Arming } from '../../../proxy/attacks/attack.ts';
import { judgeStripping } from '../../../proxy/attacks/strip-armed.ts';
import { Watch } from '../../../proxy/attacks/watch.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

const HOSTS = { http: 'bank-redirect.test', https: 'bank-hsts.test' };
const PASSWORD = 'monsoon-42';

let log: CaptureLog;
let ended: AbortController;
let verdicts: Partial<Record<AttackLane, Omit<AttackVerdict, 'defence'>>>;

beforeEach(() => {
  log = new CaptureLog({ limitBytes: 1 << 20 });
  log.begin({ routes: [] });
  ended = new AbortController();
  verdicts = {};
  const arming = {
    ...{ lab: { log }, watch: new Watch(log), signal: ended.signal },
    judge: (lane: AttackLane, verdict: Omit<AttackVerdict, 'defence'>) => (verdicts[lane] = verdict),
    failed: (error: unknown) => {
      throw error;
    },
  } as unknown as Arming;
  const handled = () => ({ overHttp: 0, overHttps: 0, logins: 0 });
  judgeStripping(arming, { handled } as unknown as Parameters<typeof judgeStripping>[1], HOSTS);
});
afterEach(() => ended.abort());

function open(name: string, port: number, opener: Opener, hop: Hop = 'cafe'): ConnectionId {
  const connection = log.nextConnection();
  log.append({
    ...{ type: 'connection-opened', vantage: 'wire', hop, connection, transport: 'tcp', tls: port === 443 },
    ...{ client: { address: '127.0.0.1', port: 1000 + connection }, opener },
    server: { name, port, address: '127.0.0.1:1' },
  });
  return connection;
}

/** Stands behind `offset` bytes that were sent before. */
function send(connection: ConnectionId, text: string, offset = 0): number {
  const bytes = log.segments.store(Buffer.from(text));
  log.append({
    ...{ type: 'bytes-captured', vantage: 'wire', hop: 'cafe', connection, offset, bytes },
    direction: 'client-to-server',
  });
  return offset + text.length;
}

function handle(connection: ConnectionId, path: string): void {
  log.append({
    ...{ type: 'request-handled', vantage: 'site', connection, method: 'POST', path, status: 200, count: 1 },
  });
}

test('a login is whose connection has spoken last, though another was opened behind it', async () => {
  log.append({ type: 'secret-entered', vantage: 'victim', kind: 'password', value: PASSWORD });
  const browser = open(HOSTS.http, 80, 'demo-browser');
  const sent = send(browser, `GET / HTTP/1.1\r\nCookie: ${PASSWORD}\r\n\r\n`);
  const victim = open(HOSTS.http, 80, 'scripted-victim');
  send(victim, `{"password":"${PASSWORD}"}`);
  const onward = open(HOSTS.http, 443, 'stranger', 'onward');
  handle(onward, '/api/v1/login');
  await expect.poll(() => verdicts.http?.connections).toEqual([victim, onward]);
  send(browser, `{"password":"${PASSWORD}"}`, sent);
  handle(onward, '/api/v1/login');
  await expect.poll(() => verdicts.http?.connections).toEqual([browser, onward]);
  expect(verdicts.http?.happened).toContain('The demo browser stayed on HTTP');
});

test('what was sent over HTTP counts, though the log has dropped it and many others came since', async () => {
  const plain = open(HOSTS.https, 80, 'demo-browser');
  let sent = 0;
  for (let part = 0; part < 40; part += 1) sent = send(plain, 'x'.repeat(1 << 16), sent);
  for (let other = 0; other < 200; other += 1) open(HOSTS.https, 443, 'other');
  const sealed = open(HOSTS.https, 443, 'demo-browser');
  handle(sealed, '/');
  await expect
    .poll(() => verdicts.https?.happened)
    .toContain(`it has sent ${sent.toLocaleString('en')} bytes over HTTP`);
  expect(verdicts.https).toMatchObject({ outcome: 'no effect', connections: [sealed] });
});
