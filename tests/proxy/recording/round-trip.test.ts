import type {
  Direction,
  KeyShareTold,
  LogEvent,
  PrivateKeyLeaked,
  SecretEntered,
  SecretsLogged,
} from '#contract';
import { readCapture } from '#recording/read-capture.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { readBlocks } from '../pcapng/reading.ts';
import { Playing } from '../folds/events.ts';

const UP: Direction = 'client-to-server';
const DOWN: Direction = 'server-to-client';
const RANDOM = '5b'.repeat(32);

type Secret = SecretEntered | SecretsLogged | PrivateKeyLeaked | KeyShareTold;
const secretTypes = ['secret-entered', 'secrets-logged', 'private-key-leaked', 'key-share-told'];
const isSecret = (event: LogEvent): event is Secret => secretTypes.includes(event.type);

function write(events: readonly LogEvent[], withKeys = false): Buffer {
  return Buffer.concat([...captureFile(events, withKeys ? { secrets: events.filter(isSecret) } : {})]);
}

/** As they come back: the same but for the source. */
const recorded = (events: readonly LogEvent[]) =>
  events.map((event) => (event.type === 'epoch-started' ? { ...event, source: 'recorded' } : event));

/** Events as a log numbers them, from a list without numbers. */
function numbered(events: readonly object[]): readonly LogEvent[] {
  return events.map(
    (event, index) => ({ epoch: 1000, seq: index + 2, time: index * 1001, ...event }) as LogEvent,
  );
}

function aCapture(): readonly LogEvent[] {
  const playing = new Playing();
  const lookup = playing.open({ transport: 'udp', port: 53 });
  playing.send(lookup, UP, 'question');
  playing.send(lookup, DOWN, new Uint8Array(4000).fill(3));
  playing.close(lookup);
  playing.secret('password', 'monsoon-42');
  const login = playing.open();
  const other = playing.open({ port: 443, opener: 'demo-browser' });
  playing.send(login, UP, 'POST /login HTTP/1.1\r\n\r\npassword=monsoon-42');
  playing.send(other, UP, new Uint8Array(1460 * 3).fill(7));
  playing.send(other, UP, new Uint8Array(1460 * 3 + 1).fill(8));
  playing.send(login, DOWN, 'late', 5000);
  playing.evict(login, DOWN, 0, 5000);
  playing.handled(1);
  playing.failed('CERT_UNTRUSTED');
  playing.close(login);
  const about = { epoch: 1000, vantage: 'site' } as const;
  const key = (label: string, connection?: number) => ({
    ...{ ...about, type: 'secrets-logged', line: `${label} ${RANDOM} ${'c0'.repeat(32)}` },
    ...(connection === undefined ? {} : { connection }),
  });
  const more = [
    {
      ...about,
      type: 'connection-closed',
      vantage: 'wire',
      hop: 'cafe',
      connection: other,
      by: 'relay',
      how: 'error',
      error: 'ECONNREFUSED „ü“',
    },
    ...(['bytes-held', 'bytes-released'] as const).map((type) => ({
      ...{ ...about, type, vantage: 'wire', hop: 'cafe', connection: other },
      ...{ direction: UP, offset: 4380, length: 4381 },
    })),
    {
      ...{ ...about, type: 'request-refused', vantage: 'wire', reason: 'names-disagree' },
      ...{ status: 421, target: 'piggypay.test:443', name: 'evil.test' },
    },
    ...['attack-armed', 'attack-disarmed'].map((type) => ({
      ...about,
      type,
      vantage: 'wire',
      attack: 'change',
    })),
    {
      ...{ ...about, type: 'attack-acted', vantage: 'wire', attack: 'change', connection: login },
      ...{
        direction: UP,
        offset: 24,
        before: new Uint8Array([77, 101, 101, 114, 97]),
        after: new Uint8Array(5000).fill(9),
      },
    },
    { ...about, type: 'attack-acted', vantage: 'wire', attack: 'replay' },
    key('CLIENT_TRAFFIC_SECRET_0', other),
    key('SERVER_TRAFFIC_SECRET_0'),
    {
      ...{ ...about, type: 'private-key-leaked', host: 'static-rsa.test' },
      // As long as that of an RSA key of 4096 bits.
      key: new Uint8Array(2400).fill(0xd1),
    },
    {
      ...{ ...about, vantage: 'victim', type: 'key-share-told', connection: other, group: 29 },
      privateKey: new Uint8Array(32).fill(0xe2),
    },
    {
      ...about,
      type: 'request-handled',
      connection: 2,
      method: 'GET',
      path: `/${'ü\u202e\n"'.repeat(5000)}`,
      status: 200,
      count: 2,
    },
    { ...about, vantage: 'victim', type: 'secret-entered', kind: 'mobile', value: '98\ud800\u0000' },
  ];
  const last = playing.seq;
  return [
    ...playing.events,
    ...numbered(more).map((event) => ({ ...event, seq: last - 1 + event.seq, time: 1e9 + event.time })),
  ];
}

describe('a file of ours', () => {
  test('with keys gives the same events: chunks, numbers, times, secrets and all', () => {
    const events = aCapture();
    const { events: back, notes } = readCapture(write(events, true));
    expect(back).toEqual(recorded(events));
    expect(notes).toEqual([]);
  });

  test('without keys gives the same events but for the secrets, of which nothing is in it', () => {
    const events = aCapture();
    const file = write(events);
    expect(readCapture(file).events).toEqual(recorded(events.filter((event) => !isSecret(event))));
    for (const secret of [
      ...['TRAFFIC_SECRET', RANDOM, 'c0c0c0c0', '"value"'],
      ...['private-key', 'd1d1d1d1', 'key-share', 'e2e2e2e2'],
      ...[0xd1, 0xe2].map((byte) => Buffer.alloc(8, byte)),
    ])
      expect(file.includes(secret)).toBe(false);
    expect(readBlocks(file).map(({ type }) => type)).not.toContain(10);
  });

  test('of which the secrets were stripped is one without keys', () => {
    const events = aCapture();
    const stripped = Buffer.concat(
      [...captureFile(events, { secrets: events.filter(isSecret) })].filter(
        (block) => readBlocks(block)[0]?.type !== 10,
      ),
    );
    for (const secret of ['c0c0c0c0', 'd1d1d1d1', 'e2e2e2e2']) expect(stripped.includes(secret)).toBe(false);
    expect(readCapture(stripped).events).toEqual(recorded(events.filter((event) => !isSecret(event))));
  });

  test('has the keys before the packets, where Wireshark wants them', () => {
    const types = readBlocks(write(aCapture(), true)).map(({ type }) => type);
    expect(types.indexOf(10)).toBeLessThan(types.indexOf(6));
  });

  test('has no line that contradicts an earlier one, and gives it back all the same', () => {
    const [started] = aCapture();
    if (!started) throw new Error('an empty capture');
    const line = (digits: string) => `SERVER_TRAFFIC_SECRET_0 ${RANDOM} ${digits.repeat(32)}`;
    const told = [line('c1'), line('c2'), line('C1'), `EXPORTER_SECRET ${RANDOM} ${'c3'.repeat(32)}`];
    const events = [
      started,
      ...numbered(
        told.map((text, at) => ({ vantage: 'site', type: 'secrets-logged', connection: at + 1, line: text })),
      ).map((event) => ({ ...event, epoch: started.epoch })),
    ];
    const file = write(events, true);
    // As any other program reads it: a line is one from its beginning to its end.
    const lines = file.toString('latin1').split('\n');
    expect(told.map((text) => lines.includes(text))).toEqual([true, false, true, true]);
    expect(readCapture(file)).toEqual({ events: recorded(events), notes: [] });
    expect(readCapture(write(readCapture(file).events, true)).events).toEqual(recorded(events));
  });

  test('that was swept keeps its gaps in the numbers, and the events before them', () => {
    const events = aCapture().filter(({ seq, type }) => seq === 1 || seq > 9 || type === 'connection-opened');
    expect(readCapture(write(events, true)).events).toEqual(recorded(events));
  });

  test('written again from what was read is the same but for the words at its beginning', () => {
    const once = readCapture(write(aCapture(), true)).events;
    expect(readCapture(write(once, true)).events).toEqual(once);
  });

  test('in which a packet was changed is read like any other, and says so', () => {
    const events = aCapture();
    const pieces = [...captureFile(events)];
    const cut = pieces.findIndex((piece) => Buffer.from(piece).includes('"length":4381'));
    const { events: back, notes } = readCapture(
      Buffer.concat(pieces.filter((_, index) => index !== cut + 1)),
    );
    expect(notes.join()).toMatch(/changed since/);
    expect(back.filter(({ type }) => type === 'connection-opened')).toHaveLength(3);
  });

  test.each<[string, (event: LogEvent) => LogEvent]>([
    [
      'a date with a text in it',
      (event) =>
        event.type === 'epoch-started' ? { ...event, wallClock: '22 Nov 2026 00:00:00 GMT (\u202e)' } : event,
    ],
    [
      'a connection beyond 32 bits',
      (event) => ('connection' in event ? { ...event, connection: 2 ** 32 } : event),
    ],
    [
      'a name longer than any',
      (event) =>
        event.type === 'connection-opened'
          ? { ...event, server: { ...event.server, name: 'n'.repeat(256) } }
          : event,
    ],
  ])('is none that states %s', (_name, changed) => {
    const playing = new Playing();
    playing.send(playing.open(), UP, 'GET /');
    const { events: back } = readCapture(write(playing.events.map(changed)));
    // Read by its packets instead: clients there have an invented address.
    expect(back.find(({ type }) => type === 'connection-opened')).toMatchObject({ opener: 'other' });
  });

  test.each<[string, 'key' | 'privateKey', number]>([
    ['private-key-leaked', 'key', 64 * 1024],
    ['key-share-told', 'privateKey', 8 * 1024],
  ])('takes a %s as long as any has, and is none that states a longer one', (type, name, most) => {
    const told = aCapture().filter((event) => !isSecret(event) || event.type === type);
    const file = (length: number) =>
      write(
        told.map((event) => (event.type === type ? { ...event, [name]: new Uint8Array(length) } : event)),
        true,
      );
    expect(readCapture(file(most)).events.filter((event) => event.type === type)).toHaveLength(1);
    const { events, notes } = readCapture(file(most + 1));
    expect(events.some((event) => event.type === type)).toBe(false);
    expect(notes.join()).toMatch(/changed since/);
  });

  test('with any number of secrets is one that can be read again', () => {
    const [started] = aCapture();
    if (!started) throw new Error('an empty capture');
    const numbers = (seq: number) => ({ epoch: started.epoch, seq, time: 0 });
    const leaked = Array.from({ length: 7000 }, (_, index): LogEvent => {
      const key = new Uint8Array(1200).fill(index);
      return {
        ...{ ...numbers(index + 2), vantage: 'site', type: 'private-key-leaked', host: 'a.test' },
        key,
      };
    });
    const events = [started, ...leaked];
    expect(readCapture(write(events, true)).events).toHaveLength(events.length);
  });

  test('takes keys that were put into it since, or come beside it', () => {
    const events = aCapture().filter((event) => !isSecret(event));
    const line = `CLIENT_RANDOM ${RANDOM} ${'ab'.repeat(48)}`;
    const { events: back } = readCapture(write(events), { keylog: `# a comment\r\n${line}\r\n` });
    expect(back.at(-1)).toMatchObject({ type: 'secrets-logged', line, seq: (events.at(-1)?.seq ?? 0) + 1 });
    expect(back.slice(0, -1)).toEqual(recorded(events));
  });
});

test('whatever happened comes back', () => {
  const steps = fc.array(
    fc.record({
      action: fc.constantFrom('open', 'send', 'send', 'send', 'close', 'evict', 'told', 'secret'),
      place: fc.nat(3),
      isUp: fc.boolean(),
      isUdp: fc.boolean(),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 4000 }),
      skip: fc.constantFrom(0, 0, 0, 100, 2 ** 31),
      text: fc.string({ unit: 'binary', maxLength: 30 }),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const playing = new Playing();
      const open: number[] = [];
      const ends = new Map<string, number>();
      for (const { action, place, isUp, isUdp, bytes, skip, text } of all) {
        const connection = open[place];
        const direction = isUp ? UP : DOWN;
        const key = `${connection} ${direction}`;
        if (action === 'open') open.push(playing.open(isUdp ? { transport: 'udp', port: 53 } : {}));
        else if (action === 'told') playing.failed(text);
        else if (action === 'secret') playing.secret('password', text);
        else if (connection === undefined) continue;
        else if (action === 'send') {
          const at = (ends.get(key) ?? 0) + skip;
          ends.set(key, at + bytes.length);
          playing.send(connection, direction, bytes, at);
        } else if (action === 'evict') playing.evict(connection, direction, 0, ends.get(key) ?? 0);
        else {
          playing.close(connection);
          open.splice(place, 1);
        }
      }
      expect(readCapture(write(playing.events, true)).events).toEqual(recorded(playing.events));
    }),
    { numRuns: 100 },
  );
});
