import { beforeEach, expect, test } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import type { Gate, RewritingValve } from '../../../proxy/relay/gate.ts';
import { inTurn } from '../../../proxy/relay/gates-in-turn.ts';
import { FakeVisitor } from '../attacks/fake-visitor.ts';

const UP = 'client-to-server';

/** A gate that a test works by hand. */
class Hand implements Gate {
  valve!: RewritingValve;
  readonly told: string[] = [];

  admit({ valves }: Parameters<Gate['admit']>[0]) {
    this.valve = valves[UP];
    return {
      arrived: (_direction: unknown, offset: number, bytes: Uint8Array) =>
        void this.told.push(`${offset} ${Buffer.from(bytes).toString()}`),
      hungUp: () => void this.told.push('hung up'),
      closed: () => void this.told.push('closed'),
    };
  }
}

let first: Hand;
let second: Hand;
let visitor: FakeVisitor;
beforeEach(() => {
  const log = new CaptureLog();
  log.begin({ routes: [] });
  [first, second] = [new Hand(), new Hand()];
  visitor = new FakeVisitor(inTurn(first, second), log);
});

test('bytes go on as far as both let them', () => {
  first.valve.openTo(0);
  second.valve.openTo(0);
  visitor.send(UP, 'abcdef');
  first.valve.openTo(4);
  expect(visitor.valves[UP].delivered).toBe('');
  second.valve.openTo(2);
  expect(visitor.valves[UP].delivered).toBe('ab');
  second.valve.openTo(Infinity);
  expect(visitor.valves[UP].delivered).toBe('abcd');
  first.valve.openTo(Infinity);
  expect(visitor.valves[UP].delivered).toBe('abcdef');
  visitor.send(UP, 'gh');
  expect(visitor.valves[UP].delivered).toBe('abcdefgh');
});

test('for each what it has let go has passed, whatever the other holds', () => {
  first.valve.openTo(0);
  visitor.send(UP, 'abcdef');
  expect([first.valve.passed, second.valve.passed]).toEqual([0, 6]);
  second.valve.openTo(second.valve.captured);
  first.valve.openTo(3);
  // What has been let go stays so.
  first.valve.openTo(1);
  visitor.send(UP, 'gh');
  expect([first.valve.passed, second.valve.passed]).toEqual([3, 6]);
  expect(visitor.valves[UP].delivered).toBe('abc');
});

test('only who holds is told of what comes, and both of the end', () => {
  visitor.send(UP, 'a');
  second.valve.openTo(1);
  visitor.send(UP, 'b');
  first.valve.openTo(2);
  visitor.send(UP, 'c');
  second.valve.openTo(Infinity);
  visitor.send(UP, 'd');
  visitor.hangUp(UP);
  expect(first.told).toEqual(['2 c', '3 d', 'hung up']);
  expect(second.told).toEqual(['1 b', '2 c', 'hung up']);
});

test('what the first replaces goes on only when the second lets all of it', () => {
  first.valve.openTo(0);
  second.valve.openTo(0);
  visitor.send(UP, 'abcdef');
  first.valve.replace(1, 4, Buffer.from('!!'));
  first.valve.openTo(Infinity);
  second.valve.openTo(3);
  expect(visitor.valves[UP].delivered).toBe('a');
  second.valve.openTo(5);
  expect(visitor.valves[UP].delivered).toBe('a!!e');
});
