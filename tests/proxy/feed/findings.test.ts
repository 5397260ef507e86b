import { CaptureFold } from '#folds/capture.ts';
import { afterEach, expect, test, vi } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { FindingsReader } from '../../../proxy/feed/findings.ts';

const LIMIT = 256 << 10;
const LOGIN = 'POST /login HTTP/1.1\r\nContent-Length: 19\r\n\r\npassword=monsoon-42';

function begun(): CaptureLog {
  const log = new CaptureLog({ limitBytes: LIMIT });
  log.begin({ routes: [] });
  return log;
}

function connection(log: CaptureLog, text: string): void {
  const id = log.nextConnection();
  const wire = { vantage: 'wire', hop: 'cafe', connection: id } as const;
  log.append({
    ...{ ...wire, type: 'connection-opened', transport: 'tcp', opener: 'other' },
    client: { address: '127.0.0.1', port: 50_000 + id },
    server: { name: 'piggypay.test', address: '127.0.0.1', port: 80 },
  });
  const bytes = log.segments.store(Buffer.from(text));
  log.append({ ...wire, type: 'bytes-captured', direction: 'client-to-server', offset: 0, bytes });
  log.append({ ...wire, type: 'connection-closed', by: 'client', how: 'end' });
}

function enter(log: CaptureLog): void {
  log.append({ type: 'secret-entered', vantage: 'victim', kind: 'password', value: 'monsoon-42' });
}

function flood(log: CaptureLog): void {
  for (let count = 0; count < 200; count += 1) connection(log, 'GET / HTTP/1.1\r\n\r\n'.padEnd(4096, ' '));
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('goes on from where the last read ended', async () => {
  const log = begun();
  const reader = new FindingsReader(log);
  enter(log);
  expect((await reader.read()).lanes.http.verdict.found).toBe(0);
  connection(log, LOGIN);
  expect((await reader.read()).lanes.http.verdict).toMatchObject({ found: 1, searchedBytes: LOGIN.length });
});

test('a reader that a sweep overtook ends with what a fresh one has', async () => {
  const log = begun();
  const reader = new FindingsReader(log);
  enter(log);
  connection(log, LOGIN);
  expect((await reader.read()).lanes.http.verdict.found).toBe(1);
  flood(log);
  expect(log.completeFrom).toBeGreaterThan(6);
  const late = await reader.read();
  expect(late).toEqual(await new FindingsReader(log).read());
  expect(late.lanes.http.verdict).toMatchObject({ needle: 'monsoon-42', found: 0 });
});

test('a reset during a read ends it with the findings of the new epoch', async () => {
  const log = begun();
  const reader = new FindingsReader(log);
  enter(log);
  connection(log, LOGIN);
  const reading = reader.read();
  await Promise.resolve();
  const epoch = log.begin({ routes: [] });
  const findings = await reading;
  expect(findings.epoch).toBe(epoch);
  expect(findings.lanes.http.verdict).toMatchObject({ found: 0, searchedBytes: 0 });
});

test('forgets at once, even while it reads, and starts over when asked again', async () => {
  const log = begun();
  const reader = new FindingsReader(log);
  enter(log);
  connection(log, LOGIN);
  const reading = reader.read();
  await Promise.resolve();
  reader.forget();
  const { lanes } = await reading;
  expect(lanes.http.verdict.needle).toBeUndefined();
  expect(lanes.http.findings).toEqual([]);
  expect((await reader.read()).lanes.http.verdict).toMatchObject({ needle: 'monsoon-42', found: 1 });
});

test('a read that fails does not spoil the next one', async () => {
  const log = begun();
  const reader = new FindingsReader(log);
  enter(log);
  connection(log, LOGIN);
  const apply = vi.spyOn(CaptureFold.prototype, 'apply').mockImplementation(() => {
    throw new Error('no');
  });
  await expect(reader.read()).rejects.toThrow('no');
  apply.mockRestore();
  expect((await reader.read()).lanes.http.verdict).toMatchObject({ found: 1, searchedBytes: LOGIN.length });
});

test('folds no key that an end told', async () => {
  const log = begun();
  const reader = new FindingsReader(log);
  connection(log, LOGIN);
  enter(log);
  log.append({ type: 'private-key-leaked', vantage: 'site', host: 'piggypay.test', key: new Uint8Array(9) });
  log.append({ type: 'key-share-told', vantage: 'victim', group: 29, privateKey: new Uint8Array(9) });
  log.append({ type: 'secrets-logged', vantage: 'site', line: 'CLIENT_RANDOM' });
  const apply = vi.spyOn(CaptureFold.prototype, 'apply');
  const { lanes } = await reader.read();
  expect(lanes.http.verdict.found).toBe(1);
  expect(new Set(apply.mock.calls.map(([{ type }]) => type))).toEqual(
    new Set(['epoch-started', 'connection-opened', 'bytes-captured', 'connection-closed', 'secret-entered']),
  );
});
