import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { exportFileName, writeCaptureFile } from '../../../proxy/feed/capture-file.ts';
import { writeEventLines } from '../../../proxy/feed/event-lines.ts';
import { readSegments, reassemble } from '../pcapng/reading.ts';

const MEGABYTE = 1 << 20;

/** A log of one connection to which this many megabytes were sent, the first filled with 0, the next with 1 … */
function logOf(megabytes: number): CaptureLog {
  const log = new CaptureLog({ limitBytes: 256 * MEGABYTE });
  log.begin({ routes: [] });
  log.append({
    ...{ type: 'connection-opened', vantage: 'wire', hop: 'cafe', connection: 1, transport: 'tcp' },
    ...{ client: { address: '127.0.0.1', port: 50_000 }, opener: 'other' },
    server: { name: 'own.test', port: 7, address: '127.0.0.1:1' },
  });
  for (let count = 0; count < megabytes; count += 1) {
    log.append({
      ...{
        type: 'bytes-captured',
        vantage: 'wire',
        hop: 'cafe',
        connection: 1,
        direction: 'server-to-client',
      },
      ...{ offset: count * MEGABYTE, bytes: log.segments.store(new Uint8Array(MEGABYTE).fill(count)) },
    });
  }
  return log;
}

async function readAll(from: PassThrough): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of from) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Takes one piece and then no more, until it is told to. */
class StalledReader extends Writable {
  taken = 0;
  goOn: () => void = () => undefined;

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.taken += piece.length;
    this.goOn = done;
    this.emit('taken');
  }
}

afterEach(() => vi.restoreAllMocks());

test('the file holds what the log holds, however large', async () => {
  const to = new PassThrough();
  const [file] = await Promise.all([readAll(to), writeCaptureFile(logOf(3), to)]);
  const stream = reassemble(readSegments(file), '192.0.2.1:7');
  expect(stream).toHaveLength(3 * MEGABYTE);
  for (const count of [0, 1, 2]) expect(stream[count * MEGABYTE + MEGABYTE / 2]).toBe(count);
});

test('what is written while the file is read is left for the next one', async () => {
  const log = logOf(1);
  const to = new PassThrough();
  const writing = writeCaptureFile(log, to);
  log.append({
    ...{ type: 'bytes-captured', vantage: 'wire', hop: 'cafe', connection: 1, direction: 'client-to-server' },
    ...{ offset: 0, bytes: log.segments.store(Buffer.from('late')) },
  });
  const [file] = await Promise.all([readAll(to), writing]);
  expect(file.includes('late')).toBe(false);
});

test('a reader that stalls is waited for, with no more than a piece made ahead', async () => {
  const to = new StalledReader();
  const taken = once(to, 'taken');
  const writing = writeCaptureFile(logOf(20), to);
  await taken;
  expect(to.taken + to.writableLength).toBeLessThan(2 * MEGABYTE);
  to.destroy();
  await writing;
});

test('a reset while it is read drops the connection: half a file must not look whole', async () => {
  const log = logOf(20);
  const to = new StalledReader();
  const taken = once(to, 'taken');
  const writing = writeCaptureFile(log, to);
  await taken;
  log.begin({ routes: [] });
  to.on('taken', () => setImmediate(to.goOn));
  to.goOn();
  await writing;
  expect(to.destroyed).toBe(true);
  expect(to.writableFinished).toBe(false);
  expect(to.taken).toBeLessThan(5 * MEGABYTE);
});

test.each([
  ['a capture file', writeCaptureFile],
  ['event lines', (log: CaptureLog, to: Writable) => writeEventLines(log, 0, to)],
])('%s of many pieces leave no listener behind', async (_name, write) => {
  const warn = vi.spyOn(process, 'emitWarning');
  const to = new StalledReader();
  const before = to.listenerCount('close');
  to.on('taken', () => setImmediate(to.goOn));
  let most = 0;
  to.on('taken', () => (most = Math.max(most, to.listenerCount('close'))));
  await write(logOf(20), to);
  expect(most).toBeLessThanOrEqual(before + 1);
  expect(warn).not.toHaveBeenCalled();
});

test('the name is made here, of the time', () => {
  expect(exportFileName('.pcapng', new Date(2026, 1, 3, 4, 5, 6))).toBe('plainsight-20260203-040506.pcapng');
});
