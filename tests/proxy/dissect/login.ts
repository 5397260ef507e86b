import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogEvent } from '#contract';
import { selfSigned } from '../../support/own-servers.ts';
import { converse } from '../keys/tap.ts';
import { captured, textChunk } from './captured.ts';

const PASSWORD = 'correct horse';
export const SAID =
  'POST /login?from=caf%C3%A9 HTTP/1.1\r\nHost: own.test\r\nCookie: a=1; b=2\r\n' +
  `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 22\r\n\r\npassword=correct+horse`;
export const ANSWER =
  'HTTP/1.1 200 Fine\r\nContent-Type: application/json\r\n' +
  'Set-Cookie: s=3; Path=/; HttpOnly; Secure; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\n' +
  'Transfer-Encoding: chunked\r\n\r\n6\r\n{"ok":\r\n5\r\ntrue}\r\n0\r\n\r\n';

/** A login in clear and the same over TLS 1.3, as a log has them; the keys as the site told them. */
export async function capturedLogin(): Promise<{
  events: readonly LogEvent[];
  keyLog: string;
  password: string;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
  try {
    const { key, certificate } = selfSigned(folder, 'ec');
    const identity = { key: readFileSync(key), cert: readFileSync(certificate) };
    const { chunks, keyLog } = await converse(identity, {}, SAID, ANSWER);
    const clear = [textChunk('client-to-server', SAID), textChunk('server-to-client', ANSWER)];
    const events = captured([
      { chunks: clear, port: 80 },
      { chunks, port: 443, keyLog },
    ]);
    return { events, keyLog, password: PASSWORD };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same events without what the ends told. */
export function withoutKeys(events: readonly LogEvent[]): readonly LogEvent[] {
  return events.filter(({ type }) => type !== 'secrets-logged');
}
