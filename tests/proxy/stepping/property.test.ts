import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Direction } from '#contract';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import type { GateKeeper, Valve, Visitor } from '../../../proxy/relay/gate.ts';
import { Stepper } from '../../../proxy/stepping/stepper.ts';

/** A direction without sockets: what is let go is gathered. */
class FakeValve implements Valve {
  captured = 0;
  passed = 0;
  readonly isDead = false;
  readonly lastWord = undefined;
  limit = Infinity;
  readonly releases: number[] = [];

  openTo(position: number): void {
    this.limit = position;
    this.letGo();
  }

  letGo(): void {
    const to = Math.max(this.passed, Math.min(this.limit, this.captured));
    if (to > this.passed) this.releases.push(to - this.passed);
    this.passed = to;
  }
}

interface Sender {
  readonly visitor: Visitor & { readonly valves: Readonly<Record<Direction, FakeValve>> };
  readonly keeper: GateKeeper;
}

function admit(stepper: Stepper, log: CaptureLog): Sender {
  const valves = { 'client-to-server': new FakeValve(), 'server-to-client': new FakeValve() };
  const visitor = { connection: 1, epoch: log.epoch, tls: false, valves, drop: () => undefined };
  return { visitor, keeper: stepper.admit(visitor) };
}

function send({ visitor, keeper }: Sender, direction: Direction, bytes: Uint8Array): void {
  const valve = visitor.valves[direction];
  const offset = valve.captured;
  valve.captured += bytes.length;
  keeper.arrived(direction, offset, bytes);
}

const body = fc.integer({ min: 0, max: 400 });
const httpMessage = body.map((length) =>
  Buffer.from(
    `POST /${length} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${'b'.repeat(length)}`,
  ),
);
const chunkedMessage = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }).map((sizes) => {
  const chunks = sizes.map((size) => `${size.toString(16)}\r\n${'c'.repeat(size)}\r\n`).join('');
  return Buffer.from(`PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
});
const tlsRecord = fc
  .record({ type: fc.constantFrom(20, 21, 23), length: fc.integer({ min: 1, max: 300 }) })
  .map(({ type, length }) => {
    const bytes = Buffer.alloc(5 + length, 0xee);
    bytes.set([type, 3, 3, length >> 8, length & 255]);
    return bytes;
  });
const conversation = fc.oneof(
  fc.array(fc.oneof(httpMessage, chunkedMessage), { minLength: 1, maxLength: 6 }),
  fc.array(tlsRecord, { minLength: 1, maxLength: 10 }),
);
const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 });

function* chunks(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function stepping(): { stepper: Stepper; log: CaptureLog } {
  const log = new CaptureLog();
  log.begin({ routes: [] });
  const stepper = new Stepper(log);
  stepper.setMode('step');
  return { stepper, log };
}

test('however the bytes were cut, each step lets exactly one unit through, and all of them are all bytes', () => {
  fc.assert(
    fc.property(conversation, cuts, (units, sizes) => {
      const { stepper, log } = stepping();
      const sender = admit(stepper, log);
      for (const chunk of chunks(Buffer.concat(units), sizes)) send(sender, 'client-to-server', chunk);
      const valve = sender.visitor.valves['client-to-server'];
      expect(stepper.state().held.map(({ bytes }) => bytes)).toEqual(units.map(({ length }) => length));
      units.forEach(() => stepper.next());
      expect(valve.releases).toEqual(units.map(({ length }) => length));
      expect(stepper.state().held).toEqual([]);
    }),
  );
});

test('steps between the chunks never let a byte of a later unit through, and never hold one back for good', () => {
  fc.assert(
    fc.property(conversation, cuts, fc.array(fc.boolean(), { minLength: 1 }), (units, sizes, pressed) => {
      const { stepper, log } = stepping();
      const sender = admit(stepper, log);
      const valve = sender.visitor.valves['client-to-server'];
      const ends = units.map((_, index) => Buffer.concat(units.slice(0, index + 1)).length);
      let allowed = 0;
      let index = 0;
      for (const chunk of chunks(Buffer.concat(units), sizes)) {
        send(sender, 'client-to-server', chunk);
        if (pressed[index % pressed.length]) {
          if (valve.passed < valve.captured) allowed += 1;
          stepper.next();
        }
        index += 1;
        expect(valve.passed).toBe(Math.min(ends[allowed - 1] ?? 0, valve.captured));
      }
      stepper.setMode('live');
      expect(valve.passed).toBe(valve.captured);
    }),
  );
});

test('bytes of any kind go on whole, in whatever steps', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ minLength: 1, maxLength: 60 })), { maxLength: 40 }),
      (sent) => {
        const { stepper, log } = stepping();
        const sender = admit(stepper, log);
        for (const [fromClient, bytes] of sent)
          send(sender, fromClient ? 'client-to-server' : 'server-to-client', bytes);
        let steps = 0;
        while (stepper.state().held.length > 0) {
          stepper.next();
          steps += 1;
          expect(steps).toBeLessThanOrEqual(2500);
        }
        for (const valve of Object.values(sender.visitor.valves)) expect(valve.passed).toBe(valve.captured);
      },
    ),
  );
});
