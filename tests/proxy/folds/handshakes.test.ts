import { findField } from '#dissectors/byte-reader.ts';
import type { Dissection } from '#dissectors/field.ts';
import { describe, expect, test } from 'vitest';
import { readVector, streamOf } from '../../vectors/vector.ts';
import { expectCovered, malformations } from '../dissectors/feeding.ts';
import { Playing } from './events.ts';

const SERVER = 'server-to-client';

/** A handshake message of a type, with this many bytes of body. */
function message(type: number, length: number): Uint8Array {
  return Uint8Array.from([type, length >> 16, (length >> 8) & 255, length & 255, ...new Uint8Array(length)]);
}

/** Content in records of these sizes, the last of them again and again. */
function records(content: Uint8Array, ...sizes: readonly number[]): readonly Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let at = 0; at < content.length;) {
    const size = sizes[cut.length] ?? sizes.at(-1) ?? content.length;
    const piece = content.subarray(at, at + size);
    cut.push(Uint8Array.from([22, 3, 3, piece.length >> 8, piece.length & 255, ...piece]));
    at += size;
  }
  return cut;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

interface Told {
  readonly playing: Playing;
  readonly connection: number;
  /** What is put together at each of the server's records. */
  wholes(): readonly (readonly Dissection[])[];
}

/** A connection in which the server sends these records after hellos that agree on TLS 1.2. */
function told(server: readonly Uint8Array[]): Told {
  const playing = new Playing();
  const connection = playing.open({ port: 443 });
  const hellos = readVector('tls12-login');
  playing.send(connection, 'client-to-server', hellos.chunks[0]?.bytes ?? new Uint8Array(0));
  playing.send(connection, SERVER, streamOf(hellos, SERVER).subarray(0, 70));
  for (const bytes of server) playing.send(connection, SERVER, bytes);
  const wholes = () => {
    const { lanes, other } = playing.fold.view();
    const all = [...lanes.https.messages, ...other.flatMap(({ messages }) => messages)];
    const own = all.filter(({ direction, start }) => direction === SERVER && start >= 70);
    return own.map((view) => playing.fold.dissectAll(view).slice(1));
  };
  return { playing, connection, wholes };
}

const titles = (wholes: readonly (readonly Dissection[])[]) =>
  wholes.map((list) => list.map(({ title }) => title));

describe('a handshake message over several records', () => {
  test('is put together where it ends, and taken apart as the suite asks for', () => {
    const flight = streamOf(readVector('tls12-login'), SERVER);
    // Certificate, ServerKeyExchange and ServerHelloDone of the vector, out of their records.
    const content: Uint8Array[] = [];
    for (let at = 70; flight[at] === 22 && content.length < 3;) {
      const end = at + 5 + (flight[at + 3] ?? 0) * 256 + (flight[at + 4] ?? 0);
      content.push(flight.subarray(at + 5, end));
      at = end;
    }
    expect(content.map(([type]) => type)).toEqual([11, 12, 14]);
    const wholes = told(records(joined(...content), 130))
      .wholes()
      .flat();
    expect(wholes.map(({ title }) => title)).toEqual([
      'Certificate, from 4 records',
      'ServerKeyExchange, from 2 records',
    ]);
    for (const { source, bytes, field } of wholes) {
      expect(source).toBe('reassembled');
      expectCovered(field, bytes.length);
      expect(malformations(field)).toEqual([]);
    }
    const [certificate, exchange] = wholes.map(({ field }) => field);
    expect(certificate && findField(certificate, 'tls.handshake.certificate')?.children).toBeDefined();
    expect(exchange && findField(exchange, 'tls.handshake.server_named_curve')?.meaning).toBe('x25519');
  });

  test.each([1, 2, 3, 4, 5, 7, 64])(
    'is found with records of %i bytes, wherever its header is cut',
    (size) => {
      const content = joined(message(20, 9), message(14, 0), message(20, 12));
      const wholes = told(records(content, size)).wholes().flat();
      const spread = [...wholes].map(({ bytes }) => bytes.length);
      const expected = [
        { start: 0, end: 13 },
        { start: 13, end: 17 },
        { start: 17, end: 33 },
      ].filter(({ start, end }) => Math.floor(start / size) !== Math.floor((end - 1) / size));
      expect(spread).toEqual(expected.map(({ start, end }) => end - start));
    },
  );

  test('that ends with its record leaves the next one alone', () => {
    expect(titles(told(records(joined(message(20, 16), message(14, 0)), 10, 10, 4)).wholes())).toEqual([
      [],
      ['Finished, from 2 records'],
      [],
    ]);
  });

  test('is told from those that share its records', () => {
    const content = joined(message(14, 0), message(20, 22), message(14, 0));
    expect(titles(told(records(content, 10)).wholes())).toEqual([[], [], ['Finished, from 3 records'], []]);
  });

  test('whose beginning the log has dropped says so', () => {
    const { playing, connection, wholes } = told(records(message(11, 60), 30));
    playing.evict(connection, SERVER, 0, 80);
    const last = wholes().at(-1) ?? [];
    expect(last.map(({ title, field }) => [title, field.meaning])).toEqual([
      ['Handshake message, in part', 'The beginning of this message was dropped from the log.'],
    ]);
    for (const { bytes, field } of last) expectCovered(field, bytes.length);
  });

  test('of more than 256 KiB is not put together', () => {
    const last = told(records(message(11, 300_000), 16_000))
      .wholes()
      .at(-1);
    expect(last?.[0]?.field.meaning).toBe('A handshake message of more than 256 KiB.');
    expect(last?.[0]?.bytes.length).toBeLessThanOrEqual(256 * 1024);
  });

  test('that has not ended yet is not there', () => {
    expect(titles(told(records(message(11, 60), 30).slice(0, 2)).wholes())).toEqual([[], []]);
  });
});
