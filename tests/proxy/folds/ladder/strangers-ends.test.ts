import type { AttackActed } from '#contract';
import { encode } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import { readVector } from '../../../vectors/vector.ts';
import { MILLISECOND, Playing } from '../events.ts';
import { ladderIn, stepNamed } from './drawing.ts';

const SITE = '127.0.0.1:3';
const ELSEWHERE = '127.0.0.1:66';
const SERVER = 'server-to-client';
const question = { type: 'A', name: 'piggypay.test' } as const;

function answerWith(data: string): Buffer {
  return encode({ type: 'response', id: 7, questions: [question], answers: [{ ...question, data }] });
}

const forged = answerWith('127.0.0.66');
const genuine = answerWith('127.0.0.1');

/** A look-up that gets these answers. */
function lookUp(playing: Playing, ...answers: readonly Buffer[]): number {
  const connection = playing.open({ name: 'resolver', port: 53, transport: 'udp' });
  playing.send(connection, 'client-to-server', encode({ type: 'query', id: 7, questions: [question] }));
  for (const answer of answers) playing.send(connection, SERVER, answer);
  return connection;
}

/** The stranger tells of a look-up that it answered. */
function tellForged(
  playing: Playing,
  connection: number,
  late?: Pick<AttackActed, 'offset' | 'before'>,
): void {
  const seq = playing.seq + 1;
  const place = { epoch: playing.events[0]?.epoch ?? 0, seq, time: seq * MILLISECOND } as const;
  const deed = { vantage: 'wire', type: 'attack-acted', attack: 'forge-name', direction: SERVER } as const;
  playing.fold.apply({ ...place, ...deed, connection, after: forged, ...late });
}

const answersOf = (playing: Playing, connection: number) =>
  ladderIn(playing, connection).steps.filter(({ title }) => title.startsWith('Response'));

describe('a look-up that the stranger answered first', () => {
  test('has the forged answer come from the stranger, and the one of the resolver too late', () => {
    const playing = new Playing();
    const lookup = lookUp(playing, forged, genuine);
    tellForged(playing, lookup, { offset: forged.length, before: genuine });
    const connection = playing.open({ port: 443, address: ELSEWHERE });
    // Drawn before the connection that it was for, and by itself.
    for (const ladder of [connection, lookup]) {
      const [first, second, ...others] = answersOf(playing, ladder);
      expect(first).toMatchObject({ rival: 'forged', from: 'stranger', to: 'victim', detail: '127.0.0.66' });
      expect(first?.sentence).toMatch(/^The stranger answers in the resolver's place/);
      expect(second).toMatchObject({ rival: 'overtaken', from: 'resolver', detail: '127.0.0.1' });
      expect(second?.sentence).toMatch(/comes as it was sent, and too late/);
      expect(others).toEqual([]);
    }
    expect(ladderIn(playing, connection).roundTrips.lookup).toBe(1);
  });

  test('has the forged answer even where the resolver never gave any', () => {
    const playing = new Playing();
    const lookup = lookUp(playing, forged);
    tellForged(playing, lookup);
    expect(answersOf(playing, lookup)).toMatchObject([{ rival: 'forged', from: 'stranger' }]);
  });

  test('says nothing of the look-ups of others, nor of another capture', () => {
    const playing = new Playing();
    tellForged(playing, lookUp(playing, forged));
    const honest = lookUp(playing, genuine);
    expect(answersOf(playing, honest)[0]).not.toHaveProperty('rival');
    expect(answersOf(playing, honest)[0]?.from).toBe('resolver');
    playing.start(2000);
    const again = lookUp(playing, forged);
    expect(answersOf(playing, again)[0]).not.toHaveProperty('rival');
  });
});

describe('a connection ends', () => {
  const ladderTo = (opening: Parameters<Playing['open']>[0]) => {
    const playing = new Playing();
    return ladderIn(playing, playing.vector(readVector('tls13-login'), { port: 443, ...opening }));
  };

  test('at the site where it leads to the address of its route', () => {
    expect(ladderTo({ address: SITE }).server).toBe('site');
  });

  test('at the stranger where it leads elsewhere', () => {
    const ladder = ladderTo({ address: ELSEWHERE });
    expect(ladder).toMatchObject({ client: 'victim', server: 'stranger' });
    expect(stepNamed(ladder, 'ServerHello')).toMatchObject({ from: 'stranger', to: 'victim' });
    expect(stepNamed(ladder, 'ServerHello').sentence).toMatch(/^The stranger chooses .* is one of them\.$/);
    expect(stepNamed(ladder, 'Connection closed')).toMatchObject({ from: 'victim', to: 'stranger' });
  });

  test('at the site where no route or no address tells where it leads', () => {
    expect(ladderTo({ address: '127.0.0.1' }).server).toBe('site');
    expect(ladderTo({ name: 'elsewhere.test', address: ELSEWHERE }).server).toBe('site');
  });

  test('at the site where the stranger opened it itself', () => {
    const ladder = ladderTo({ address: SITE, opener: 'stranger', hop: 'onward' });
    expect(ladder).toMatchObject({ client: 'stranger', server: 'site' });
    expect(stepNamed(ladder, 'ServerHello')).toMatchObject({ from: 'site', to: 'stranger' });
  });
});
