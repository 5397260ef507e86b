import { gzipSync } from 'node:zlib';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AttackGate } from '../../../proxy/attacks/attack-gate.ts';
import { rewriteHttp } from '../../../proxy/attacks/rewrite-http.ts';
import type { Tamperer, Tampering } from '../../../proxy/attacks/tampering.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { inTurn } from '../../../proxy/relay/gates-in-turn.ts';
import { Stepper } from '../../../proxy/stepping/stepper.ts';
import { warningOf } from '../../support/warnings.ts';
import { received, send, startHarness } from '../relay/harness.ts';
import { FakeVisitor } from './fake-visitor.ts';

const UP = 'client-to-server';
const DOWN = 'server-to-client';

const acting = (tamperer: Tamperer): Tampering => ({ attack: 'change', meet: () => tamperer });
const changing = acting(rewriteHttp);

function post(body: string, target = '/api/v1/transfer'): string {
  return `POST ${target} HTTP/1.1\r\nHost: piggypay.test\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
const get = 'GET /account HTTP/1.1\r\nHost: piggypay.test\r\nAccept-Encoding: gzip, br\r\n\r\n';
const plainGet = get.replace('gzip, br', 'identity');
const order = post('{"payee":"Meera","amount":100,"note":"rent"}');
const strangers = post('{"payee":"The stranger","amount":900,"note":"rent"}');
const login = post('{"mobile":"1","password":"2"}', '/api/v1/login');

let log: CaptureLog;
let gate: AttackGate;
beforeEach(() => {
  log = new CaptureLog();
  log.begin({ routes: [] });
  gate = new AttackGate(log);
});

const captured = () =>
  Buffer.concat(
    log.after(0).flatMap((event) => (event.type === 'bytes-captured' ? [event.bytes] : [])),
  ).toString('latin1');
const deeds = () => log.after(0).flatMap((event) => (event.type === 'attack-acted' ? [event] : []));

describe('an armed attack', () => {
  test('changes what it wants to, in whatever chunks it comes, and the log keeps what was read', () => {
    const all = get + order + login + order + get;
    fc.assert(
      fc.property(fc.array(fc.nat(all.length), { maxLength: 40 }), (cuts) => {
        log.begin({ routes: [] });
        gate = new AttackGate(log);
        gate.arm(changing);
        const visitor = new FakeVisitor(gate, log);
        const places = [0, ...cuts.toSorted((one, other) => one - other), all.length];
        for (const [index, start] of places.slice(0, -1).entries())
          visitor.send(UP, all.slice(start, places[index + 1]));
        expect(visitor.valves[UP].delivered).toBe(plainGet + strangers + login + strangers + plainGet);
        expect(captured()).toBe(all);
        for (const { offset = 0, before } of deeds())
          expect(all.slice(offset, offset + (before?.length ?? 0))).toBe(
            Buffer.from(before ?? []).toString(),
          );
      }),
    );
  });

  test('changes it where every byte comes alone', () => {
    gate.arm(changing);
    const visitor = new FakeVisitor(gate, log);
    for (const byte of order + order) visitor.send(UP, byte);
    expect(visitor.valves[UP].delivered).toBe(strangers + strangers);
  });

  test('lets nothing of a message go before it is whole, and all that comes before it at once', () => {
    gate.arm(changing);
    const visitor = new FakeVisitor(gate, log);
    visitor.send(UP, login + order.slice(0, -1));
    expect(visitor.valves[UP].delivered).toBe(login);
    visitor.send(UP, order.slice(-1));
    expect(visitor.valves[UP].delivered).toBe(login + strangers);
  });

  test('begins with the next message of a connection that is open, and ends in the middle of one', () => {
    const visitor = new FakeVisitor(gate, log);
    visitor.send(UP, order + order.slice(0, 30));
    gate.arm(changing);
    visitor.send(UP, order.slice(30) + order + order.slice(0, 50));
    expect(visitor.valves[UP].delivered).toBe(order + order + strangers);
    gate.disarm('change');
    expect(visitor.valves[UP].delivered).toBe(order + order + strangers + order.slice(0, 50));
    visitor.send(UP, order.slice(50));
    gate.arm(changing);
    visitor.send(UP, order);
    expect(visitor.valves[UP].delivered).toBe(order + order + strangers + order + strangers);
  });

  test('lets go of what never becomes whole as it came, because its sender has hung up', () => {
    gate.arm(changing);
    const visitor = new FakeVisitor(gate, log);
    visitor.send(UP, order.slice(0, -4));
    visitor.hangUp(UP);
    expect(visitor.valves[UP].delivered).toBe(order.slice(0, -4));
    visitor.send(DOWN, 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
    expect(visitor.valves[DOWN].delivered).toMatch(/^HTTP\/1.1 400/);
  });

  test('goes on with the answers of a client that has hung up', () => {
    gate.arm(changing);
    const visitor = new FakeVisitor(gate, log);
    visitor.send(UP, order.slice(0, -4));
    visitor.send(DOWN, 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n');
    visitor.hangUp(UP);
    visitor.send(DOWN, '<body>');
    expect(visitor.valves[DOWN].delivered).toContain('The stranger wrote');
  });

  test('that is disarmed lets go what it held, though another is still armed', () => {
    const idle: Tampering = { attack: 'downgrade', meet: () => ({ wants: () => false, edit: () => [] }) };
    gate.arm(changing);
    gate.arm(idle);
    const visitor = new FakeVisitor(gate, log);
    visitor.send(UP, order.slice(0, -4));
    expect(visitor.valves[UP].delivered).toBe('');
    gate.disarm('change');
    expect(visitor.valves[UP].delivered).toBe(order.slice(0, -4));
    gate.arm(changing);
    visitor.send(UP, order.slice(-4) + order);
    expect(visitor.valves[UP].delivered).toBe(order + strangers);
    expect(new Set(deeds().map(({ attack }) => attack))).toEqual(new Set(['change']));
  });

  test('does not stop a client that is open because it has hung up when another is disarmed', () => {
    const idle: Tampering = { attack: 'downgrade', meet: () => ({ wants: () => false, edit: () => [] }) };
    gate.arm(changing);
    gate.arm(idle);
    const visitor = new FakeVisitor(gate, log);
    visitor.send(UP, order.slice(0, -4));
    visitor.hangUp(UP);
    gate.disarm('downgrade');
    expect(visitor.valves[UP].isHolding).toBe(false);
  });

  test('gives up on a message that is too long to be held', () => {
    gate.arm(changing);
    const visitor = new FakeVisitor(gate, log);
    const long = post(`{"payee":"Meera","amount":1,"note":"${'x'.repeat(120_000)}"}`);
    for (let at = 0; at < long.length; at += 1000) visitor.send(UP, long.slice(at, at + 1000));
    visitor.send(UP, order);
    expect(visitor.valves[UP].delivered === long + strangers).toBe(true);
  });

  test.each<[string, Partial<Tamperer>]>([
    ['asks', { wants: () => raise() }],
    ['edits', { edit: () => raise() }],
    [
      'edits what is not there',
      { edit: (_, { length }) => [{ start: 0, end: length + 1, bytes: Buffer.of(1) }] },
    ],
    ['edits twice', { edit: () => [1, 1].map((start) => ({ start, end: start + 2, bytes: Buffer.of(1) })) }],
  ])('that fails when it %s lets everything pass, with a warning', async (_when, fault) => {
    const warned = warningOf('passes untouched');
    gate.arm(acting({ wants: () => true, edit: () => [], ...fault }));
    const visitor = new FakeVisitor(gate, log);
    visitor.send(UP, order + order);
    visitor.send(DOWN, 'HTTP/1.1 200 OK\r\n');
    expect(visitor.valves[UP].delivered).toBe(order + order);
    expect(visitor.valves[DOWN].delivered).toBe('HTTP/1.1 200 OK\r\n');
    await warned;
    expect(deeds()).toEqual([]);
  });
});

describe('the page that goes on', () => {
  const html = '<!doctype html><html><head><title>π</title></head><BODY class="a">Hello</BODY></html>';
  const bytes = Buffer.from(html);
  const through = (...parts: (string | Buffer)[]): string => {
    gate.arm(changing);
    const visitor = new FakeVisitor(gate, log);
    visitor.send(UP, get);
    visitor.send(DOWN, Buffer.concat(parts.map((part) => Buffer.from(part as string))));
    return Buffer.from(visitor.valves[DOWN].delivered, 'latin1').toString();
  };
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n';
  const read = (message: string): { head: string; body: string } => {
    const end = message.indexOf('\r\n\r\n') + 4;
    return { head: message.slice(0, end), body: message.slice(end) };
  };

  test('has a banner right behind its opening tag, and says its new length', () => {
    const page = read(through(`${head}Content-Length: ${bytes.length}\r\n\r\n`, bytes));
    expect(page.body).toMatch(
      /<title>π<\/title><\/head><BODY class="a"><table .*The stranger wrote.*<\/table>Hello/,
    );
    expect(page.head).toContain(`Content-Length: ${Buffer.byteLength(page.body)}\r\n`);
  });

  test('is no longer chunked where it was', () => {
    const chunks = [bytes.subarray(0, 20), bytes.subarray(20, 60), bytes.subarray(60)].flatMap((chunk) => [
      `${chunk.length.toString(16)};ext=1\r\n`,
      chunk,
      '\r\n',
    ]);
    const page = read(through(`${head}Transfer-Encoding: chunked\r\nX: y\r\n\r\n`, ...chunks, '0\r\n\r\n'));
    expect(page.body).toMatch(/^<!doctype html>.*The stranger wrote.*Hello<\/BODY><\/html>$/);
    expect(page.head).toBe(`${head}Content-Length: ${Buffer.byteLength(page.body)}\r\nX: y\r\n\r\n`);
  });

  test('has its banner behind a tag that spans lines, and none where no tag ends', () => {
    const tag = '<BODY\n  class="a"\n>';
    const long = html.replace('<BODY class="a">', tag);
    const spanning = through(`${head}Content-Length: ${Buffer.byteLength(long)}\r\n\r\n`, long);
    expect(read(spanning).body).toContain(`${tag}<table `);
    const open = '<body class="a"';
    const whole = `${head}Content-Length: ${open.length}\r\n\r\n${open}`;
    expect(through(whole)).toBe(whole);
  });

  test('stays as it is where it is compressed all the same, or no page', () => {
    const packed = gzipSync(html);
    const compressed = [`${head}Content-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`, packed];
    gate.arm(changing);
    const visitor = new FakeVisitor(gate, log);
    const whole = Buffer.concat(compressed.map((part) => Buffer.from(part as string)));
    visitor.send(DOWN, whole);
    const json = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n"<body>"';
    visitor.send(DOWN, json);
    expect(visitor.valves[DOWN].delivered).toBe(whole.toString('latin1') + json);
  });
});

describe('between real sockets', () => {
  let close: (() => Promise<void>) | undefined;
  afterEach(() => close?.());

  test('while none is armed, what was sent, logged and received is the same, and nothing is ever held', async () => {
    const harness = await startHarness(undefined, {
      gate: (own) => inTurn(new AttackGate(own), new Stepper(own)),
    });
    ({ close } = harness);
    const accepted = harness.accepted();
    const client = harness.dial();
    const site = await accepted;
    const [sent, answered, arrived, came] = await Promise.all([
      send(client, 5_000_000),
      send(site, 3_000_000),
      received(site),
      received(client),
    ]);
    await harness.reader.closedConnections(1);
    expect([arrived, harness.reader.stream(1, UP).toString()]).toEqual([sent, sent]);
    expect([came, harness.reader.stream(1, DOWN).toString()]).toEqual([answered, answered]);
    expect(new Set(harness.log.after(0).map(({ type }) => type))).toEqual(
      new Set(['epoch-started', 'connection-opened', 'bytes-captured', 'connection-closed']),
    );
  });

  test('an armed attack that wants nothing changes nothing, and half-close and end pass on', async () => {
    const harness = await startHarness(undefined, {
      gate: (own) => {
        const armed = new AttackGate(own);
        armed.arm(acting({ wants: () => false, edit: () => raise() }));
        return inTurn(armed, new Stepper(own));
      },
    });
    ({ close } = harness);
    const accepted = harness.accepted();
    const client = harness.dial();
    const site = await accepted;
    const [sent, answered, arrived, came] = await Promise.all([
      send(client, 2_000_000, 10_000),
      send(site, 2_000_000, 10_000),
      received(site),
      received(client),
    ]);
    await harness.reader.closedConnections(1);
    expect([arrived, harness.reader.stream(1, UP).toString()]).toEqual([sent, sent]);
    expect([came, harness.reader.stream(1, DOWN).toString()]).toEqual([answered, answered]);
  });

  test('acts first and stepping holds then, unit by unit of what was captured', async () => {
    let stepper: Stepper | undefined;
    const harness = await startHarness(undefined, {
      gate: (own) => {
        const armed = new AttackGate(own);
        armed.arm(changing);
        return inTurn(armed, (stepper = new Stepper(own)));
      },
    });
    ({ close } = harness);
    stepper?.setMode('step');
    const accepted = harness.accepted();
    const client = harness.dial();
    const site = await accepted;
    let text = '';
    site.on('data', (chunk: Buffer) => (text += chunk.toString()));
    client.write(order + login);
    await until(harness.log, () => harness.reader.stream(1, UP).length === (order + login).length);
    expect(text).toBe('');
    expect(stepper?.state().held.map(({ bytes }) => bytes)).toEqual([order.length, login.length]);
    stepper?.next();
    while (text.length < strangers.length) await once(site, 'data');
    expect(text).toBe(strangers);
    stepper?.setMode('live');
    while (text.length < (strangers + login).length) await once(site, 'data');
    expect(text).toBe(strangers + login);
  });
});

async function until(own: CaptureLog, holds: () => boolean): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve) => {
    const stop = own.subscribe(() => {
      if (!holds()) return;
      stop();
      resolve();
    });
  });
}

function raise(): never {
  throw new Error('a fault on purpose');
}
