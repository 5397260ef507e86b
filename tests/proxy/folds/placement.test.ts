import { describe, expect, test } from 'vitest';
import { readVector } from '../../vectors/vector.ts';
import { Playing } from './events.ts';

const TLS13 = readVector('tls13-login');

describe('a lookup over HTTPS', () => {
  test('is parked from its first byte on, with what it hides and what still tells', () => {
    const playing = new Playing();
    playing.vector(TLS13, { port: 443, name: 'resolver.test', leaveOpen: true });
    const { other, lanes } = playing.fold.view();
    expect(other).toMatchObject([
      {
        connection: 1,
        reason:
          'The name was asked for over HTTPS (DoH): the query is sealed; the next ClientHello still names the site.',
      },
    ]);
    expect(other[0]?.messages.length).toBeGreaterThan(5);
    expect(lanes.https).toMatchObject({ messages: [], connections: [], bytes: 0, findings: [] });
  });

  test('is never taken for the login, before or after it', () => {
    const playing = new Playing();
    playing.secret('password', 'monsoon-42');
    playing.vector(TLS13, { port: 443, name: 'resolver.test' });
    const login = playing.vector(TLS13, { port: 443 });
    playing.vector(TLS13, { port: 443, name: 'resolver.test' });
    const { https } = playing.fold.view().lanes;
    expect(https.connections.map(({ connection }) => connection)).toEqual([login]);
    expect(new Set(https.findings.map(({ connection }) => connection))).toEqual(new Set([login]));
    expect(https.password.searchedBytes).toBe(https.bytes);
  });

  test('says so when its handshake failed', () => {
    const playing = new Playing();
    playing.vector(readVector('tls12-refused'), { port: 443, name: 'resolver.test' });
    expect(playing.fold.view().other).toMatchObject([{ reason: 'The handshake failed: protocol_version.' }]);
  });
});

test('the stranger’s own connection behind the victim’s is parked, and is never taken for the login', () => {
  const playing = new Playing();
  const login = playing.vector(TLS13, { port: 443 });
  const onward = playing.vector(TLS13, { port: 443, opener: 'stranger', hop: 'onward' });
  const { other, lanes } = playing.fold.view();
  expect(other).toMatchObject([
    {
      connection: onward,
      reason:
        'The stranger’s own connection to the site, behind the one of the victim that it answers itself.',
    },
  ]);
  expect(lanes.https.connections.map(({ connection }) => connection)).toEqual([login]);
});
