import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LogEvent } from '#contract';
import { CaptureLog, type Unnumbered } from '../../../proxy/capture/log.ts';

const directions = ['client-to-server', 'server-to-client'] as const;
type Direction = (typeof directions)[number];

function opened(connection: number): Unnumbered {
  return {
    type: 'connection-opened',
    vantage: 'wire',
    hop: 'cafe',
    connection,
    transport: 'tcp',
    client: { address: '127.0.0.1', port: 40_000 + connection },
    server: { name: 'piggypay.test', port: 80, address: '127.0.0.1:8000' },
    opener: 'other',
  };
}

function captured(connection: number, direction: Direction, offset: number, length: number): Unnumbered {
  const bytes = new Uint8Array(length);
  return { type: 'bytes-captured', vantage: 'wire', hop: 'cafe', connection, direction, offset, bytes };
}

function closed(connection: number): Unnumbered {
  return { type: 'connection-closed', vantage: 'wire', hop: 'cafe', connection, by: 'client', how: 'end' };
}

const handled: Unnumbered = {
  type: 'request-handled',
  vantage: 'site',
  method: 'GET',
  path: '/',
  status: 200,
  count: 1,
};

const started: Unnumbered = {
  type: 'epoch-started',
  vantage: 'wire',
  wallClock: '2026-11-22T00:00:00.000Z',
  routes: [],
  source: 'recorded',
};

const ports = { from: 50_000, to: 8000 };

function typesOf(events: readonly LogEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the capture log', () => {
  it('begins an epoch with its own first event', () => {
    const log = new CaptureLog();
    const routes = [{ name: 'piggypay.test', port: 80, tls: false, address: '127.0.0.1:1', listen: 2 }];
    const epoch = log.begin({ routes });
    expect(log.epoch).toBe(epoch);
    expect(log.after(0)).toEqual([
      {
        epoch,
        seq: 1,
        time: expect.any(Number) as number,
        type: 'epoch-started',
        vantage: 'wire',
        source: 'live',
        routes,
        wallClock: new Date(epoch).toISOString(),
      },
    ]);
  });

  it('numbers epochs strictly upwards even when the clock stands still or goes back', () => {
    const clock = vi.spyOn(Date, 'now').mockReturnValue(5000);
    const log = new CaptureLog();
    expect(log.begin({ routes: [] })).toBe(5000);
    expect(log.begin({ routes: [] })).toBe(5001);
    clock.mockReturnValue(17);
    expect(log.begin({ routes: [] })).toBe(5002);
    expect(log.after(0)).toMatchObject([{ wallClock: '1970-01-01T00:00:00.017Z' }]);
  });

  it('drops everything when a new epoch begins', () => {
    const log = new CaptureLog();
    log.begin({ routes: [] });
    expect(log.nextConnection()).toBe(1);
    log.append(opened(1));
    log.registerClientPorts(ports, 1);
    log.registerUpstreamPorts(ports, 1);
    expect([log.connectionOfClientPorts(ports), log.connectionOfUpstreamPorts(ports)]).toEqual([1, 1]);
    log.begin({ routes: [] });
    expect(typesOf(log.after(0))).toEqual(['epoch-started']);
    expect(log.lastSeq).toBe(1);
    expect(log.nextConnection()).toBe(1);
    expect(log.connectionOfClientPorts(ports)).toBeUndefined();
    expect(log.connectionOfUpstreamPorts(ports)).toBeUndefined();
  });

  it('gives events contiguous numbers and times that never go back', () => {
    const log = new CaptureLog();
    log.begin({ routes: [] });
    vi.spyOn(performance, 'now').mockReturnValueOnce(9e9).mockReturnValueOnce(1);
    const first = log.append(handled);
    const second = log.append(handled);
    expect([first.seq, second.seq]).toEqual([2, 3]);
    expect(second.time).toBe(first.time);
    expect(log.after(1)).toEqual([first, second]);
    expect(log.after(3)).toEqual([]);
  });

  it('pages by bytes and always gets on', () => {
    const log = new CaptureLog();
    log.begin({ routes: [] });
    for (let index = 0; index < 5; index += 1)
      log.append(captured(1, 'client-to-server', index * 1000, 1000));
    expect(log.after(1, 2600).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(log.after(3, 10).map(({ seq }) => seq)).toEqual([4]);
  });

  it('keeps what later events need when it evicts, and drops connections that are wholly gone', () => {
    const log = new CaptureLog({ limitBytes: 20_000 });
    log.begin({ routes: [] });
    for (const connection of [1, 2]) log.append(opened(connection));
    log.append({ type: 'secret-entered', vantage: 'victim', kind: 'password', value: 'monsoon-42' });
    log.append(handled);
    log.append(captured(1, 'client-to-server', 0, 5000));
    log.append(captured(2, 'client-to-server', 0, 5000));
    log.append(closed(2));
    log.append(captured(1, 'server-to-client', 0, 15_500));

    const events = log.after(0);
    expect(typesOf(events)).toEqual([
      'epoch-started',
      'connection-opened',
      'secret-entered',
      'bytes-captured',
      'bytes-evicted',
      'bytes-evicted',
    ]);
    expect(events[1]).toMatchObject({ connection: 1 });
    expect(events.slice(-2)).toMatchObject([
      { connection: 1, direction: 'client-to-server', from: 0, to: 5000 },
      { connection: 2, direction: 'client-to-server', from: 0, to: 5000 },
    ]);
    expect(log.completeFrom).toBe(9);
    expect(log.bytes).toBeLessThanOrEqual(20_000);
  });

  it('leaves bytes that it handed out as they were, however much it evicts and stores afterwards', () => {
    const log = new CaptureLog({ limitBytes: 4 * 1024 * 1024 });
    log.begin({ routes: [] });
    const record = (fill: string, index: number): void => {
      const bytes = log.segments.store(Buffer.alloc(256 * 1024, fill));
      log.append({ ...captured(1, 'client-to-server', index * bytes.length, 0), bytes } as Unnumbered);
    };
    record('first ', 0);
    const [, kept] = log.after(0);
    for (let index = 1; index < 100; index += 1) record('later ', index);
    expect(log.completeFrom).toBeGreaterThan(2);
    const bytes = kept?.type === 'bytes-captured' ? kept.bytes : new Uint8Array();
    expect(Buffer.alloc(256 * 1024, 'first ').equals(bytes)).toBe(true);
  });

  it('goes on when a listener throws, and stops calling one that has left', () => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const log = new CaptureLog();
    const calls: string[] = [];
    log.subscribe(() => {
      throw new Error('a broken viewer');
    });
    const leave = log.subscribe(() => calls.push('heard'));
    log.begin({ routes: [] });
    log.append(handled);
    leave();
    log.append(handled);
    expect(calls).toEqual(['heard', 'heard']);
    expect(log.lastSeq).toBe(3);
    expect(warnings).toHaveBeenCalledTimes(1);
  });

  it('shows a recording as it is, gaps and all, however large', () => {
    const log = new CaptureLog({ limitBytes: 16_000 });
    log.begin({ routes: [] });
    const numbers = [1, 2, 5, 6, 7];
    const recorded = numbers.map((seq): LogEvent => {
      const event =
        seq === 1 ? started : seq === 2 ? opened(9) : captured(9, 'client-to-server', seq * 9000, 9000);
      return { epoch: 5, seq, time: seq * 10, ...event };
    });
    const before = log.epoch;
    let heard = 0;
    log.subscribe(() => (heard += 1));
    const epoch = log.beginRecorded(recorded);
    expect(epoch).toBeGreaterThan(before);
    expect(heard).toBe(1);
    expect(log.isRecorded).toBe(true);
    expect(log.after(0)).toEqual(recorded.map((event) => ({ ...event, epoch })));
    expect(log.after(1).map(({ seq }) => seq)).toEqual([2, 5, 6, 7]);
    expect(log.after(5).map(({ seq }) => seq)).toEqual([6, 7]);
    expect([log.completeFrom, log.lastSeq]).toEqual([5, 7]);
    expect(log.nextConnection()).toBe(10);
  });

  it('mixes nothing live with a recording, and is live again when it begins anew', () => {
    const log = new CaptureLog();
    log.beginRecorded([{ epoch: 5, seq: 1, time: 0, ...started }]);
    const connection = log.nextConnection();
    expect(log.append(opened(connection)).seq).toBe(0);
    const bytes = log.segments.store(new Uint8Array(100));
    log.append({ ...captured(connection, 'client-to-server', 0, 0), bytes } as Unnumbered);
    expect(typesOf(log.after(0))).toEqual(['epoch-started']);
    log.registerClientPorts(ports, connection);
    log.registerUpstreamPorts(ports, connection);
    expect(log.connectionOfClientPorts(ports)).toBeUndefined();
    expect(log.connectionOfUpstreamPorts(ports)).toBeUndefined();
    log.begin({ routes: [] });
    expect(log.isRecorded).toBe(false);
    log.append(handled);
    expect(typesOf(log.after(0))).toEqual(['epoch-started', 'request-handled']);
  });

  it('stays within its bound, numbers without gaps and accounts for every byte, whatever comes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16_000, max: 60_000 }), traffic(), (limitBytes, steps) => {
        const log = new CaptureLog({ limitBytes });
        const live = new Map<number, LogEvent>();
        // The steps name six places; who opens one gets a number never used before.
        const open = new Map<number, number>();
        const sent = new Map<string, number>();
        let heard = 0;
        log.begin({ routes: [] });
        const act = (event: Unnumbered): void => {
          log.append(event);
          for (const found of log.after(heard)) {
            live.set(found.seq, found);
            heard = found.seq;
          }
        };
        for (const { place, action, direction, length } of steps) {
          const connection = open.get(place);
          if (connection === undefined) {
            const fresh = log.nextConnection();
            open.set(place, fresh);
            act(opened(fresh));
          } else if (action === 'close') {
            open.delete(place);
            act(closed(connection));
          } else if (action === 'bytes') {
            const key = `${connection} ${direction}`;
            const offset = sent.get(key) ?? 0;
            act(captured(connection, direction, offset, length));
            sent.set(key, offset + length);
          } else {
            act(handled);
          }
        }

        const kept = log.after(0);
        const tail = kept.filter(({ seq }) => seq >= log.completeFrom);
        expect(tail.map(({ seq }) => seq)).toEqual(
          Array.from({ length: log.lastSeq + 1 - log.completeFrom }, (_, index) => log.completeFrom + index),
        );
        expect(kept.map(({ seq }) => seq)).toEqual([...kept.map(({ seq }) => seq)].sort((a, b) => a - b));
        expect(log.bytes).toBeLessThanOrEqual(limitBytes);
        expect([...live.keys()]).toEqual(Array.from({ length: log.lastSeq }, (_, index) => index + 1));
        for (const [key, length] of sent) expect(coverage(live.values(), kept, key)).toEqual([[0, length]]);
        for (const connection of open.values()) {
          expect(kept).toContainEqual(expect.objectContaining({ type: 'connection-opened', connection }));
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** The ranges of a direction that eviction events name or that are still held, joined where they touch. */
function coverage(
  live: Iterable<LogEvent>,
  kept: readonly LogEvent[],
  key: string,
): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  const note = (event: LogEvent): void => {
    if (event.type === 'bytes-evicted') ranges.push([event.from, event.to]);
    if (event.type === 'bytes-captured') ranges.push([event.offset, event.offset + event.bytes.length]);
  };
  const isOfKey = (event: LogEvent): boolean =>
    'direction' in event && `${event.connection} ${event.direction}` === key;
  for (const event of live) if (event.type === 'bytes-evicted' && isOfKey(event)) note(event);
  for (const event of kept) if (event.type === 'bytes-captured' && isOfKey(event)) note(event);
  ranges.sort((left, right) => left[0] - right[0]);
  const joined: [number, number][] = [];
  for (const [from, to] of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && last[1] === from) last[1] = to;
    else joined.push([from, to]);
  }
  return joined;
}

interface Step {
  readonly place: number;
  readonly action: 'bytes' | 'close' | 'told';
  readonly direction: Direction;
  readonly length: number;
}

function traffic(): fc.Arbitrary<readonly Step[]> {
  return fc.array(
    fc.record<Step>({
      place: fc.integer({ min: 1, max: 6 }),
      action: fc.constantFrom('bytes', 'bytes', 'bytes', 'bytes', 'close', 'told'),
      direction: fc.constantFrom(...directions),
      length: fc.integer({ min: 1, max: 3000 }),
    }),
    { minLength: 50, maxLength: 300, size: 'max' },
  );
}
