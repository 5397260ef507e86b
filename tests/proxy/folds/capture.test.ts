import { createHash } from 'node:crypto';
import { CaptureFold } from '#folds/capture.ts';
import { describe, expect, test } from 'vitest';
import { readVector } from '../../vectors/vector.ts';
import { Playing } from './events.ts';

const HTTP = readVector('http-login');
const TLS13 = readVector('tls13-login');
const TLS12 = readVector('tls12-login');

function bothLogins(): Playing {
  const playing = new Playing();
  playing.secret('mobile', '9800000012');
  playing.secret('password', 'monsoon-42');
  playing.vector(HTTP);
  playing.vector(TLS13, { port: 443 });
  return playing;
}

describe('the same login twice', () => {
  test('is in two lanes, messages by time', () => {
    const { http, https } = bothLogins().fold.view().lanes;
    expect(http.messages.map(({ title }) => title)).toEqual([
      'GET /login',
      '200 OK',
      'POST /api/v1/login',
      '200 OK',
      'GET /api/v1/balance',
      '200 OK',
    ]);
    expect(https.messages.slice(0, 2).map(({ title }) => title)).toEqual(['ClientHello', 'ServerHello']);
    const times = https.messages.map(({ time }) => time);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(http.connections).toHaveLength(1);
  });

  test('shows the password once over HTTP and nowhere over HTTPS', () => {
    const { http, https } = bothLogins().fold.view().lanes;
    expect(http.password).toMatchObject({ needle: 'monsoon-42', found: 1, searchedBytes: http.bytes });
    expect(http.mobile.found).toBe(1);
    expect(https.password).toMatchObject({ needle: 'monsoon-42', found: 0, searchedBytes: https.bytes });
    expect(https.bytes).toBe(TLS13.chunks.reduce((sum, { bytes }) => sum + bytes.length, 0));
    expect(https.hits).toEqual([]);
  });

  test('every hit leads to the secret’s own bytes', () => {
    const { fold } = bothLogins();
    const texts = fold
      .view()
      .lanes.http.hits.map((hit) => `${hit.kind} ${new TextDecoder().decode(fold.bytes(hit).bytes)}`);
    expect(texts.sort()).toEqual(['mobile 9800000012', 'password monsoon-42']);
  });

  test('is found as well when the secrets are entered afterwards', () => {
    const playing = new Playing();
    playing.vector(HTTP, { pieces: 7 });
    playing.vector(TLS13, { port: 443 });
    expect(playing.fold.view().lanes.http.password).toMatchObject({ found: 0, searchedBytes: 0 });
    playing.secret('password', 'monsoon-42');
    const { http, https } = playing.fold.view().lanes;
    expect([http.password.found, https.password.found]).toEqual([1, 0]);
    expect(https.password.searchedBytes).toBe(https.bytes);
  });

  test('entering a secret again searches for it once', () => {
    const playing = bothLogins();
    playing.secret('password', 'other-password');
    expect(playing.fold.view().lanes.http.password).toMatchObject({ needle: 'other-password', found: 0 });
    playing.secret('password', 'monsoon-42');
    expect(playing.fold.view().lanes.http.password).toMatchObject({ needle: 'monsoon-42', found: 1 });
    expect(playing.fold.view().lanes.http.hits).toHaveLength(2);
  });

  test('a secret too short to search for is said to be so', () => {
    const playing = bothLogins();
    playing.secret('password', '42');
    expect(playing.fold.view().lanes.http.password).toEqual({
      needle: '42',
      searchedBytes: 0,
      encodings: [],
      found: 0,
    });
  });

  test('comes out the same in whatever chunks', () => {
    const messages = (pieces?: number) => {
      const playing = new Playing();
      playing.vector(HTTP, pieces ? { pieces } : {});
      playing.vector(TLS12, { port: 443, ...(pieces ? { pieces } : {}) });
      const { http, https } = playing.fold.view().lanes;
      return [...http.messages, ...https.messages].map((message) => ({ ...message, time: 0 }));
    };
    expect(messages(1)).toEqual(messages());
  });
});

describe('snapshots', () => {
  test('a lane that did not change stays the same object', () => {
    const playing = bothLogins();
    const before = playing.fold.view();
    expect(playing.fold.view()).toBe(before);
    playing.vector(HTTP);
    const after = playing.fold.view();
    expect(after.lanes.https).toBe(before.lanes.https);
    expect(after.lanes.http).not.toBe(before.lanes.http);
    expect(after.lanes.http.messages[0]).toBe(before.lanes.http.messages[0]);
  });

  test('a snapshot does not change afterwards', () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.send(connection, 'client-to-server', 'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab');
    const [before] = playing.fold.view().lanes.http.messages;
    playing.send(connection, 'client-to-server', 'cd');
    const [after] = playing.fold.view().lanes.http.messages;
    expect([before?.complete, before?.end, after?.complete, after?.end]).toEqual([false, 40, true, 42]);
    expect(before?.key).toBe(after?.key);
  });

  test('a new epoch starts over', () => {
    const playing = bothLogins();
    playing.handled(3);
    playing.start(2000);
    const view = playing.fold.view();
    expect(view).toMatchObject({ epoch: 2000, other: [], requestsHandled: 0, handshakeFailures: [] });
    expect(view.lanes.http).toMatchObject({ messages: [], bytes: 0, hits: [], findings: [] });
    expect(view.lanes.http.password.needle).toBeUndefined();
  });

  test('what the ends told is counted', () => {
    const playing = bothLogins();
    playing.handled(3);
    playing.failed('CERT_HAS_EXPIRED');
    expect(playing.fold.view()).toMatchObject({
      requestsHandled: 3,
      handshakeFailures: [{ code: 'CERT_HAS_EXPIRED' }],
    });
  });
});

describe('a login whose handshake failed', () => {
  function failedAt(playing: Playing, name: string): number {
    const connection = playing.open({ name, port: 443 });
    playing.send(connection, 'client-to-server', TLS13.chunks[0]?.bytes ?? '');
    playing.failed('CERT_HAS_EXPIRED', connection);
    playing.close(connection);
    return connection;
  }

  test('is said to be the newest, and its failure to be that of its own site', () => {
    const playing = bothLogins();
    const connection = failedAt(playing, 'expired.test');
    expect(playing.fold.view()).toMatchObject({
      site: 'piggypay.test',
      failedLogin: 'expired.test',
      handshakeFailures: [{ code: 'CERT_HAS_EXPIRED', connection, site: 'expired.test' }],
    });
  });

  test('is the newest no more once another login has followed', () => {
    const playing = new Playing();
    failedAt(playing, 'expired.test');
    playing.vector(HTTP);
    expect(playing.fold.view().failedLogin).toBeUndefined();
  });

  test('goes with the epoch', () => {
    const playing = bothLogins();
    failedAt(playing, 'expired.test');
    playing.start(2000);
    expect(playing.fold.view().failedLogin).toBeUndefined();
  });
});

describe('a page that sends a hash in place of the password', () => {
  const HASH = createHash('sha256').update('9800000012:monsoon-42').digest('hex');

  test('is searched for by the hash that the site received, and that is said', () => {
    const playing = bothLogins();
    expect(playing.fold.view().lanes.http.isPasswordHash).toBeUndefined();
    playing.secret('mobile', '9800000012', 'site');
    playing.secret('password', HASH, 'site');
    expect(playing.fold.view().lanes.http).toMatchObject({
      isPasswordHash: true,
      password: { needle: HASH, found: 0 },
    });
    playing.secret('password', 'monsoon-42');
    expect(playing.fold.view().lanes.http.isPasswordHash).toBeUndefined();
  });

  test('is not claimed of another value, though it looks like a hash', () => {
    const playing = bothLogins();
    playing.secret('password', 'ab'.repeat(32), 'site');
    expect(playing.fold.view().lanes.http).not.toHaveProperty('isPasswordHash');
    expect(playing.fold.view().lanes.http.password.needle).toBe('ab'.repeat(32));
  });
});

describe('looking at a message', () => {
  test('its fields index the bytes that come with them', () => {
    const { fold } = bothLogins();
    const message = fold.view().lanes.http.messages[2];
    expect(message && fold.message(message.key)).toBe(message);
    const dissection = message && fold.dissect(message);
    expect(dissection?.source).toBe('wire');
    expect(dissection?.field.range).toEqual({ start: 0, end: (message?.end ?? 0) - (message?.start ?? 0) });
    expect(dissection?.bytes).toHaveLength(dissection?.field.range.end ?? 0);
  });

  test('says when its bytes came in pieces', () => {
    const playing = new Playing();
    playing.vector(HTTP, { pieces: 10 });
    const [message] = playing.fold.view().lanes.http.messages;
    expect(message && playing.fold.dissect(message).source).toBe('reassembled');
    expect(message && playing.fold.bytes(message).source).toBe('reassembled');
  });

  test('unknown keys and ranges give nothing', () => {
    const fold = new CaptureFold();
    expect(fold.message('1:client-to-server:0')).toBeUndefined();
    expect(fold.bytes({ connection: 9, direction: 'client-to-server', start: 0, end: 5 }).bytes).toHaveLength(
      0,
    );
  });

  test('a body of many megabytes is explained by its first', () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.send(
      connection,
      'client-to-server',
      `POST / HTTP/1.1\r\nContent-Length: ${4 * 1024 * 1024}\r\n\r\n`,
    );
    for (let count = 0; count < 4; count++)
      playing.send(connection, 'client-to-server', new Uint8Array(1024 * 1024));
    const [message] = playing.fold.view().lanes.http.messages;
    expect(message?.complete).toBe(true);
    expect(message && playing.fold.dissect(message).bytes.length).toBe(1024 * 1024);
  });
});

describe('a bounded log', () => {
  test('evicted bytes are counted, and their messages say so', () => {
    const playing = bothLogins();
    playing.evict(1, 'client-to-server', 0, 50);
    const { http } = playing.fold.view().lanes;
    expect(http.evictedBytes).toBe(50);
    const [first] = http.messages;
    expect(first && playing.fold.dissect(first).field.meaning).toContain('dropped');
    expect(first && playing.fold.bytes(first)).toMatchObject({ start: 50 });
    expect(http.password.found).toBe(1);
  });

  test('a viewer that comes late is told what is missing', () => {
    const playing = new Playing();
    const connection = playing.open();
    playing.send(connection, 'client-to-server', 'monsoon-42', 5000);
    expect(playing.fold.view().other[0]?.reason).toContain('missing from the capture');
    expect(playing.fold.view().lanes.http.bytes).toBe(10);
  });

  test('bytes of a connection whose opening is gone are parked, not lost', () => {
    const playing = new Playing();
    playing.send(77, 'client-to-server', 'GET / HTTP/1.1\r\n\r\n', 10);
    expect(playing.fold.view().other).toMatchObject([
      { connection: 77, bytes: 18, server: { name: 'unknown' } },
    ]);
  });
});

test('reads Buffers as it reads Uint8Arrays', () => {
  const playing = new Playing();
  const connection = playing.open();
  playing.send(connection, 'client-to-server', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
  expect(playing.fold.view().lanes.http.messages).toMatchObject([{ title: 'GET /', complete: true }]);
});
