import { PHASES, type LadderStep } from '#folds/ladder/step.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allVectors, readVector, streamOf } from '../../../vectors/vector.ts';
import { MILLISECOND, Playing } from '../events.ts';
import { drawn, end, ladderIn, ladderOfVector, stepNamed, tell } from './drawing.ts';

const CLIENT = 'client-to-server';
const SERVER = 'server-to-client';

describe('a TLS 1.3 login', () => {
  test('is hellos in clear, the rest of the handshake sealed, then sealed data', () => {
    expect(drawn(ladderOfVector('tls13-login'))).toEqual([
      '> TCP connect (not captured)',
      '> ClientHello',
      '< ServerHello',
      '< Change Cipher Spec',
      '< The rest of the handshake sealed',
      '> Change Cipher Spec',
      '> Finished sealed',
      '> Sealed data sealed',
      '< Sealed data sealed',
      '> Sealed data sealed',
      '< Sealed data sealed',
      '> Sealed data sealed',
      '< Sealed data sealed',
      '< Alert sealed',
      '> Connection closed (not captured)',
    ]);
  });

  test('has what is sealed named by its place, size or direction, and says so', () => {
    const ladder = ladderOfVector('tls13-login');
    const rest = stepNamed(ladder, 'The rest of the handshake');
    expect(rest).toMatchObject({
      detail: 'EncryptedExtensions, Certificate, CertificateVerify, Finished',
      ...{ guess: 'by its place', records: 4, from: 'site', to: 'victim' },
      place: { connection: 1, direction: SERVER, start: 133, end: 789 },
    });
    expect(stepNamed(ladder, 'Finished').guess).toBe('by its place');
    expect(stepNamed(ladder, 'Sealed data')).toMatchObject({
      guess: 'by its direction',
      detail: 'a request',
    });
    expect(stepNamed(ladder, 'Alert').guess).toBe('by its size');
    for (const { sealed, guess } of ladder.steps) expect(guess !== undefined).toBe(sealed);
  });

  test('goes through its phases once, in order', () => {
    const phases = ladderOfVector('tls13-login').steps.map(({ phase }) => phase);
    expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual([
      ...['connect', 'handshake', 'exchange', 'end'],
    ]);
    expect(phases.filter((phase) => phase === 'end')).toHaveLength(2);
  });

  test('takes one round trip before the request, two with a retry', () => {
    expect(ladderOfVector('tls13-login').roundTrips).toEqual({ connect: 1, handshake: 1, total: 2 });
    expect(ladderOfVector('tls13-retry').roundTrips).toEqual({ connect: 1, handshake: 2, total: 3 });
    expect(drawn(ladderOfVector('tls13-retry')).slice(1, 7)).toEqual([
      ...['> ClientHello', '< HelloRetryRequest', '< Change Cipher Spec', '> Change Cipher Spec'],
      ...['> ClientHello', '< ServerHello'],
    ]);
  });

  test('whose server sends tickets before it is asked has them by their place', () => {
    const ladder = ladderOfVector('rfc8448-records');
    expect(stepNamed(ladder, 'Session tickets')).toMatchObject({
      ...{ sealed: true, guess: 'by its place', phase: 'handshake' },
      place: { start: 774, end: 1001 },
    });
    expect(ladder.roundTrips.handshake).toBe(1);
  });
});

describe('a TLS 1.2 login', () => {
  test('has its whole handshake in clear but for Finished', () => {
    expect(drawn(ladderOfVector('tls12-login')).slice(0, 14)).toEqual([
      '> TCP connect (not captured)',
      '> ClientHello',
      '< ServerHello',
      '< Certificate',
      '< ServerKeyExchange',
      '< ServerHelloDone',
      '> ClientKeyExchange',
      '> Change Cipher Spec',
      '> Finished sealed',
      '< NewSessionTicket',
      '< Change Cipher Spec',
      '< Finished sealed',
      '> Sealed data sealed',
      '< Sealed data sealed',
    ]);
  });

  test('takes two round trips, and one when it is resumed', () => {
    expect(ladderOfVector('tls12-login')).toMatchObject({
      roundTrips: { connect: 1, handshake: 2, total: 3 },
      resumed: false,
    });
    const playing = new Playing();
    const vector = readVector('tls12-login');
    const client = streamOf(vector, CLIENT);
    const server = streamOf(vector, SERVER);
    const finished = Uint8Array.from([22, 3, 3, 0, 40, ...new Uint8Array(40)]);
    const changeCipher = Uint8Array.from([20, 3, 3, 0, 1, 1]);
    const connection = playing.open({ port: 443 });
    playing.send(connection, CLIENT, client.subarray(0, 266));
    playing.send(connection, SERVER, Buffer.concat([server.subarray(0, 70), changeCipher, finished]));
    playing.send(connection, CLIENT, Buffer.concat([changeCipher, finished]));
    const ladder = ladderIn(playing, connection);
    expect(ladder).toMatchObject({ roundTrips: { handshake: 1 }, resumed: true });
    expect(stepNamed(ladder, 'ServerHello').sentence).toMatch(/earlier TLS session/);
  });

  test('that asks before the site has finished waited once (False Start)', () => {
    const playing = new Playing();
    const vector = readVector('tls12-login');
    const [hello, flight, exchange] = vector.chunks;
    const connection = playing.open({ port: 443 });
    for (const chunk of [hello, flight, exchange])
      if (chunk) playing.send(connection, chunk.direction, chunk.bytes);
    playing.send(connection, CLIENT, Uint8Array.from([23, 3, 3, 0, 40, ...new Uint8Array(40)]));
    expect(ladderIn(playing, connection).roundTrips).toEqual({ connect: 1, handshake: 1, total: 2 });
  });

  test('with several messages in one record has an arrow for each, with its own bytes', () => {
    const server = streamOf(readVector('tls12-login'), SERVER);
    const content = [
      server.subarray(5, 70),
      server.subarray(75, 503),
      server.subarray(508, 624),
      server.subarray(629, 633),
    ];
    const joined = Buffer.concat(content);
    const record = Buffer.concat([
      Uint8Array.from([22, 3, 3, joined.length >> 8, joined.length & 255]),
      joined,
    ]);
    const playing = new Playing();
    const connection = playing.open({ port: 443 });
    playing.send(connection, CLIENT, streamOf(readVector('tls12-login'), CLIENT).subarray(0, 266));
    playing.send(connection, SERVER, record);
    const steps = ladderIn(playing, connection).steps.filter(({ from }) => from === 'site');
    expect(steps.map(({ title }) => title)).toEqual([
      ...['ServerHello', 'Certificate', 'ServerKeyExchange', 'ServerHelloDone'],
    ]);
    for (const [index, { place, sharesRecord }] of steps.entries()) {
      expect(sharesRecord).toBe(true);
      expect(record.subarray(place?.start, place?.end)).toEqual(Buffer.from(content[index] ?? []));
    }
  });

  test('with a message over several records has one arrow, from its first byte to its last', () => {
    const server = streamOf(readVector('tls12-login'), SERVER);
    const certificate = server.subarray(75, 503);
    const cut = [0, 100, 200].map((from) =>
      certificate.subarray(from, from === 200 ? undefined : from + 100),
    );
    const records = cut.map((part) => Buffer.from([22, 3, 3, part.length >> 8, part.length & 255, ...part]));
    const playing = new Playing();
    const connection = playing.open({ port: 443 });
    playing.send(connection, CLIENT, streamOf(readVector('tls12-login'), CLIENT).subarray(0, 266));
    playing.send(connection, SERVER, Buffer.concat([server.subarray(0, 70), ...records.slice(0, 2)]));
    expect(stepNamed(ladderIn(playing, connection), 'Certificate')).toMatchObject({
      records: 2,
      complete: false,
    });
    playing.send(connection, SERVER, records[2] ?? '');
    expect(stepNamed(ladderIn(playing, connection), 'Certificate')).toMatchObject({
      ...{ records: 3, complete: true, sharesRecord: false },
      place: { start: 75, end: 70 + 428 + 15 },
    });
    // The part that goes on in a record has no arrow of its own.
    expect(drawn(ladderIn(playing, connection)).slice(2)).toEqual(['< ServerHello', '< Certificate']);
  });
});

test('a login over HTTP is one round trip and then plain messages, each with its bytes', () => {
  const ladder = ladderOfVector('http-login');
  expect(ladder).toMatchObject({ protocol: 'HTTP', roundTrips: { connect: 1, handshake: 0, total: 1 } });
  const login = stepNamed(ladder, 'POST /api/v1/login');
  expect(login).toMatchObject({
    ...{ kind: 'message', phase: 'exchange', sealed: false, evidence: 'captured', holds: ['request'] },
    place: { connection: 1, direction: CLIENT, start: 68, end: 243 },
  });
  expect(ladder.steps.some(({ phase }) => phase === 'handshake')).toBe(false);
});

test('a step has the time of its first byte, and how long after the step before that was', () => {
  const { steps, untilRequest } = ladderOfVector('http-login');
  expect(steps.map(({ elapsed }) => elapsed / MILLISECOND)).toEqual([0, 1, 1, 1, 1, 1, 1, 2]);
  expect(steps[0]?.time).toBe(2 * MILLISECOND);
  expect(untilRequest).toBe(MILLISECOND);
});

test.each(allVectors().map(({ name }) => name))(
  '%s is the same ladder in whatever pieces it came',
  (name) => {
    const told = (pieces?: number) =>
      ladderOfVector(name, pieces).steps.map((step) => ({ ...step, time: 0, elapsed: 0 }));
    const whole = told();
    for (const pieces of [1, 3, 64]) expect(told(pieces)).toEqual(whole);
  },
);

test.each(allVectors().map(({ name }) => name))(
  '%s has every message in clear where its arrow points',
  (name) => {
    const vector = readVector(name);
    for (const { kind, title, place, records, sealed } of ladderOfVector(name).steps) {
      if (kind !== 'handshake' || sealed || records !== 1 || !place || title.startsWith('SSL')) continue;
      const bytes = streamOf(vector, place.direction).subarray(place.start, place.end);
      const [, high = 0, middle = 0, low = 0] = bytes;
      expect([title, high * 65536 + middle * 256 + low]).toEqual([title, bytes.length - 4]);
    }
  },
);

describe('a connection that ends early', () => {
  test('ends with the alert, in its handshake, and with what the victim said of it', () => {
    const playing = new Playing();
    const connection = playing.vector(readVector('tls12-refused'), { port: 443, leaveOpen: true });
    tell(playing, { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', connection, vantage: 'victim' });
    tell(playing, { code: 'OF_ANOTHER', connection: connection + 1, vantage: 'victim' });
    tell(playing, { code: 'OF_NONE', vantage: 'victim' });
    playing.close(connection);
    const ladder = ladderIn(playing, connection);
    expect(drawn(ladder)).toEqual([
      '> TCP connect (not captured)',
      '> ClientHello',
      '< Alert',
      '! ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION (told by the victim)',
      '> Connection closed (not captured)',
    ]);
    expect(ladder.steps.map(({ phase }) => phase)).toEqual([
      ...['connect', 'handshake', 'handshake', 'handshake', 'end'],
    ]);
    expect(stepNamed(ladder, 'Alert').detail).toBe('protocol_version');
    expect(ladder.roundTrips).toEqual({ connect: 1 });
    expect(ladder.untilRequest).toBeUndefined();
  });

  test('shows the same wire, whatever the ends say', () => {
    const play = (isTold: boolean) => {
      const playing = new Playing();
      const connection = playing.vector(readVector('tls12-refused'), { port: 443 });
      if (isTold) tell(playing, { code: 'CERT_HAS_EXPIRED', connection, vantage: 'site' });
      return ladderIn(playing, connection).steps.filter(({ evidence }) => !evidence.startsWith('told'));
    };
    expect(play(true)).toEqual(play(false));
  });

  test.each([
    ['end', 'client', '> Connection closed (not captured)'],
    ['end', 'server', '< Connection closed (not captured)'],
    ['reset', 'server', '< Connection reset (not captured)'],
    ['error', 'relay', '< Connection failed (not captured)'],
  ] as const)('by %s of the %s says who', (how, by, expected) => {
    const playing = new Playing();
    const connection = playing.open();
    end(playing, connection, { how, by, ...(how === 'error' ? { error: 'ECONNREFUSED' } : {}) });
    const ladder = ladderIn(playing, connection);
    expect(drawn(ladder).at(-1)).toBe(expected);
    expect(ladder.steps.at(-1)?.detail).toBe(how === 'error' ? 'ECONNREFUSED' : undefined);
    expect(ladder.steps.at(-1)?.from).toBe({ client: 'victim', server: 'site', relay: 'stranger' }[by]);
  });
});

describe('what is no TLS of today', () => {
  test('an SSL 2.0 hello is drawn as what it is', () => {
    expect(drawn(ladderOfVector('tls-ssl2-hello')).slice(1, 3)).toEqual(['> SSL 2.0 ClientHello', '< Alert']);
  });

  test('unknown bytes are drawn, and nothing is said to be in them', () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.send(connection, CLIENT, Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]));
    const [, step] = ladderIn(playing, connection).steps;
    expect(step).toMatchObject({ kind: 'bytes', evidence: 'captured', holds: [], phase: 'exchange' });
    expect(ladderIn(playing, connection).protocol).toBe('unknown');
  });

  test('where the server speaks first, nobody can say what the client waited for', () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.send(connection, SERVER, '220 ready\r\n');
    playing.send(connection, CLIENT, 'EHLO\r\n');
    expect(ladderIn(playing, connection).roundTrips).toEqual({ connect: 1 });
  });
});

test('what the log has dropped is missing, and said to be', () => {
  const playing = new Playing();
  const connection = playing.vector(readVector('tls12-login'), { port: 443 });
  playing.evict(connection, SERVER, 0, 300);
  const ladder = ladderIn(playing, connection);
  expect(ladder.hasLostBytes).toBe(true);
  const titles = ladder.steps.filter(({ from }) => from === 'site').map(({ title }) => title);
  expect(titles.slice(0, 3)).toEqual(['Certificate', 'ServerKeyExchange', 'ServerHelloDone']);
});

test('of a long connection 500 steps are drawn and the rest is counted', () => {
  const playing = new Playing();
  const connection = playing.open();
  for (let index = 0; index < 300; index++) {
    playing.send(connection, CLIENT, 'GET / HTTP/1.1\r\nHost: piggypay.test\r\n\r\n');
    playing.send(connection, SERVER, 'HTTP/1.1 204 No Content\r\n\r\n');
  }
  playing.close(connection);
  const ladder = ladderIn(playing, connection);
  expect(ladder.omitted).toBe(100);
  expect(ladder.steps).toHaveLength(502);
  expect(ladder.steps.at(-1)?.title).toBe('Connection closed');
});

test('every step has a key of its own that it keeps', () => {
  const playing = new Playing();
  const vector = readVector('tls13-login');
  const connection = playing.open({ port: 443 });
  let before: readonly LadderStep[] = [];
  for (const { direction, bytes } of vector.chunks) {
    playing.send(connection, direction, bytes);
    const { steps } = ladderIn(playing, connection);
    const keys = steps.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.slice(0, before.length)).toEqual(before.map(({ key }) => key));
    before = steps;
  }
});

test('what the stranger holds is held, and what has gone on is not', () => {
  const playing = new Playing();
  const connection = playing.vector(readVector('tls13-login'), { port: 443, leaveOpen: true });
  const held = [{ connection, direction: SERVER, start: 400, end: 2000 } as const];
  const ladder = playing.fold.ladders.of(connection, held);
  const waiting = ladder?.steps.filter((step) => step.held).map(({ title, place }) => [title, place?.start]);
  expect(waiting).toEqual([
    ['The rest of the handshake', 133],
    ['Sealed data', 789],
    ['Sealed data', 1639],
    ['Sealed data', 1957],
  ]);
  expect(ladderIn(playing, connection).steps.some((step) => step.held)).toBe(false);
});

test('whatever bytes come, the ladder stands: ordered, within what was captured, each step told', () => {
  const vectors = allVectors();
  fc.assert(
    fc.property(
      fc.constantFrom(...vectors),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 700 }),
      (vector, changes, pieces) => {
        const chunks = vector.chunks.map(({ direction, bytes }) => ({ direction, bytes: bytes.slice() }));
        for (const [at, value] of changes) {
          const chunk = chunks[at % chunks.length];
          if (chunk) chunk.bytes[at % chunk.bytes.length] = value;
        }
        const playing = new Playing();
        const connection = playing.vector({ ...vector, chunks }, { port: 443, pieces });
        const ladder = ladderIn(playing, connection);
        let before = 0;
        for (const { time, elapsed, place, sentence, phase } of ladder.steps) {
          expect(elapsed).toBeGreaterThanOrEqual(0);
          expect(time).toBeGreaterThanOrEqual(before);
          before = time;
          expect(sentence).not.toMatch(/\{(?:client|sender|site|detail)\}|^$/i);
          expect(PHASES).toContain(phase);
          if (place) {
            expect(place.end).toBeLessThanOrEqual(streamOf({ ...vector, chunks }, place.direction).length);
            expect(place.start).toBeLessThan(place.end);
          }
        }
        const order = ladder.steps.map(({ phase }) => PHASES.indexOf(phase));
        expect(order).toEqual(order.toSorted((one, other) => one - other));
      },
    ),
    { numRuns: 400 },
  );
});
