import { expect, test } from 'vitest';
import type { LogEvent } from '#contract';
import { isWireEvent } from '#contract';
import { Connections } from '#folds/connections.ts';
import { keysToldIn, LentConnection } from '#folds/lent-keys.ts';
import type { WireConnection } from '#folds/wire-connection.ts';
import { readVector } from '../../vectors/vector.ts';
import { captured } from '../dissect/captured.ts';

const RANDOM = 'cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7';
const keyLog = [
  `CLIENT_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21`,
  `SERVER_HANDSHAKE_TRAFFIC_SECRET ${RANDOM} b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38`,
  `CLIENT_TRAFFIC_SECRET_0 ${RANDOM} 9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5`,
  `SERVER_TRAFFIC_SECRET_0 ${RANDOM} a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643`,
].join('\n');
const events = captured([{ port: 443, chunks: readVector('rfc8448-records').chunks, keyLog }]);

function play(connections: Connections, played: readonly LogEvent[]): WireConnection {
  for (const event of played) if (isWireEvent(event)) connections.apply(event);
  const connection = connections.get(1);
  if (!connection) throw new Error('no connection');
  return connection;
}

test('the keys that an end told open each record, under the message it is', () => {
  const wire = play(new Connections(), events);
  const lent = new LentConnection(wire, keysToldIn(events));
  lent.catchUp();
  const shown = wire.messages.map((message) => lent.dissections(message).map(({ title }) => title));
  const [handshake, data, alert] = [
    'Handshake, decrypted',
    'Application Data, decrypted',
    'Alert, decrypted',
  ];
  expect(shown.map(([first]) => first)).toEqual([
    ...[undefined, undefined, handshake, handshake, handshake, data, data, alert, alert],
  ]);
  // The data is 50 bytes of no known kind, shown as such below the record.
  expect(shown.map(({ length }) => length)).toEqual([0, 0, 1, 1, 1, 2, 2, 1, 1]);
});

test('what arrives later is taken then, and nothing twice', () => {
  const connections = new Connections();
  const keys = keysToldIn(events);
  const lent = new LentConnection(play(connections, events.slice(0, 5)), keys);
  lent.catchUp();
  const wire = play(connections, events.slice(5));
  lent.catchUp();
  lent.catchUp();
  const states = wire.messages.map((message) => lent.record(message)?.reading.state);
  expect(states).toEqual(['clear', 'clear', ...Array<string>(7).fill('opened')]);
});

test('a half record waits until it is whole', () => {
  const half = events.map((event) =>
    event.type === 'bytes-captured' && event.bytes.length === 679
      ? { ...event, bytes: event.bytes.subarray(0, 300) }
      : event,
  );
  const open = half.slice(0, 5);
  const wire = play(new Connections(), open);
  const lent = new LentConnection(wire, keysToldIn(events));
  lent.catchUp();
  expect(wire.messages.map((message) => lent.record(message)?.reading.state)).toEqual([
    ...['clear', 'clear', undefined],
  ]);
});

test('with the hellos dropped from the log nothing opens, unless it was opened before', () => {
  const flight = events.find((event) => event.type === 'bytes-captured' && event.bytes.length === 679);
  const to = flight?.type === 'bytes-captured' ? flight.offset + flight.bytes.length : 0;
  const wire = play(new Connections(), events);
  const before = new LentConnection(wire, keysToldIn(events));
  before.catchUp();
  wire.evict({
    ...{ epoch: 1000, seq: 99, time: 99, vantage: 'wire', type: 'bytes-evicted', connection: 1 },
    ...{ direction: 'server-to-client', from: 0, to },
  });
  const after = new LentConnection(wire, keysToldIn(events));
  after.catchUp();
  const server = wire.messages.filter(({ message }) => message.direction === 'server-to-client');
  const states = (lent: LentConnection) => server.map((message) => lent.record(message)?.reading);
  expect(states(before)).toMatchObject(Array.from({ length: 3 }, () => ({ state: 'opened' })));
  expect(states(after)).toMatchObject(
    Array.from({ length: 3 }, () => ({ state: 'sealed', why: 'no-hello' })),
  );
});
