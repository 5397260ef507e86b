import { encode } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import { readVector } from '../../../vectors/vector.ts';
import { Playing } from '../events.ts';
import { drawn, ladderIn, stepNamed } from './drawing.ts';

function lookUp(playing: Playing, name = 'piggypay.test'): number {
  const connection = playing.open({ name: 'resolver', port: 53, transport: 'udp' });
  const question = { type: 'A', name } as const;
  const query = encode({ type: 'query', id: 7, questions: [question] });
  const answer = encode({
    type: 'response',
    id: 7,
    questions: [question],
    answers: [{ ...question, data: '192.0.2.1' }],
  });
  playing.send(connection, 'client-to-server', query);
  playing.send(connection, 'server-to-client', answer);
  return connection;
}

describe('the look-up before a connection', () => {
  test('stands in front of it, with the resolver at its other end, and counts as a round trip', () => {
    const playing = new Playing();
    const lookup = lookUp(playing);
    const connection = playing.vector(readVector('tls13-login'), { port: 443 });
    const ladder = ladderIn(playing, connection);
    expect(drawn(ladder).slice(0, 4)).toEqual([
      '> Query A piggypay.test',
      '< Response A piggypay.test',
      '> TCP connect (not captured)',
      '> ClientHello',
    ]);
    const [query, answer] = ladder.steps;
    expect(query).toMatchObject({
      phase: 'lookup',
      from: 'victim',
      to: 'resolver',
      place: { connection: lookup },
    });
    expect(answer).toMatchObject({ phase: 'lookup', from: 'resolver', to: 'victim' });
    expect(ladder.roundTrips).toEqual({ lookup: 1, connect: 1, handshake: 1, total: 3 });
  });

  test('drawn by itself asks for the name that it is about, not for the resolver’s own', () => {
    const playing = new Playing();
    const [query] = ladderIn(playing, lookUp(playing)).steps;
    expect(query?.sentence).toMatch(/asks in clear where piggypay\.test is/);
  });

  test('is the newest one that asked for this name, by the same client, shortly before', () => {
    const playing = new Playing();
    lookUp(playing);
    const second = lookUp(playing);
    lookUp(playing, 'tls12.test');
    const connection = playing.open();
    lookUp(playing);
    const places = ladderIn(playing, connection).steps.map(({ place }) => place?.connection);
    expect(places).toEqual([second, second, undefined]);
    const foreign = playing.open({ opener: 'other' });
    expect(drawn(ladderIn(playing, foreign))).toEqual(['> TCP connect (not captured)']);
    const other = playing.open({ name: 'static-rsa.test' });
    expect(drawn(ladderIn(playing, other))).toEqual(['> TCP connect (not captured)']);
  });

  test('over HTTPS is drawn sealed, and costs the round trips of its own connection', () => {
    const playing = new Playing();
    const lookup = playing.vector(readVector('tls13-login'), { name: 'resolver.test', port: 443 });
    const connection = playing.vector(readVector('tls12-login'), { port: 443 });
    const ladder = ladderIn(playing, connection);
    expect(drawn(ladder).slice(0, 3)).toEqual([
      '> Name asked for sealed',
      '< Name answered sealed',
      '> TCP connect (not captured)',
    ]);
    expect(stepNamed(ladder, 'Name asked for').place?.connection).toBe(lookup);
    expect(ladder.roundTrips).toEqual({ lookup: 3, connect: 1, handshake: 2, total: 6 });
  });

  test('has a ladder of its own without a connection to open or close', () => {
    const playing = new Playing();
    const lookup = lookUp(playing);
    playing.close(lookup);
    const ladder = ladderIn(playing, lookup);
    expect(ladder.protocol).toBe('DNS');
    expect(drawn(ladder)).toEqual(['> Query A piggypay.test', '< Response A piggypay.test']);
  });
});
