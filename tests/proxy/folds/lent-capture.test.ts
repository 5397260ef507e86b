import { describe, expect, test } from 'vitest';
import { isWireEvent, type LogEvent, type SecretsLogged } from '#contract';
import { CaptureFold } from '#folds/capture.ts';
import { Connections } from '#folds/connections.ts';
import { InspectorIndex } from '#folds/inspector/message-index.ts';
import { LentCapture } from '#folds/lent-capture.ts';
import { KeysTold } from '#folds/lent-told.ts';
import { KeyLog } from '#keys/key-log.ts';
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
const NEVER = (): boolean => false;
const HELLO = 'SERVER_HANDSHAKE_TRAFFIC_SECRET';

function isTold(event: LogEvent): event is SecretsLogged {
  return event.type === 'secrets-logged';
}

function indexOf(played: readonly LogEvent[]): InspectorIndex {
  const index = new InspectorIndex();
  for (const event of played) index.apply(event);
  return index;
}

function settled(index: InspectorIndex): InspectorIndex {
  while (!index.advance(NEVER) || index.takeLentChanges().length > 0);
  return index;
}

function titles(index: InspectorIndex): readonly (string | undefined)[] {
  return index.rows(0, 99).map(({ lent }) => (lent?.state === 'opened' ? lent.title : lent?.why));
}

const OPENED = [
  ...[undefined, undefined, 'EncryptedExtensions, Certificate, CertificateVerify, Finished', 'Finished'],
  ...['NewSessionTicket', 'Bytes', 'Bytes', 'Alert: close_notify', 'Alert: close_notify'],
];

describe('lending the keys of an end', () => {
  test('says of each sealed record what was inside, and nothing else of any row changes', () => {
    const index = settled(indexOf(events));
    const before = index.rows(0, 99);
    index.lend('site');
    settled(index);
    expect(titles(index).map((title) => title?.replace(/^(Unknown|Data|Bytes).*/i, 'Bytes'))).toEqual(OPENED);
    expect(index.rows(0, 99).map((row) => ({ ...row, lent: undefined }))).toEqual(
      before.map((row) => ({ ...row, lent: undefined })),
    );
    expect(index.rows(2, 4).map(({ lent }) => lent)).toMatchObject([
      { detail: 'Finished verified' },
      { detail: 'Finished verified' },
    ]);
    expect(index.lentProgress).toMatchObject({ opened: 7, sealed: 0 });
    expect(index.lentProgress?.doneBytes).toBe(index.lentProgress?.totalBytes);
  });

  test('adds what was inside behind what was on the wire, with its source said', () => {
    const index = indexOf(events);
    index.lend('site');
    settled(index);
    const key = index.rows(5, 6)[0]?.key ?? '';
    expect(index.dissect(key).map(({ source }) => source)).toEqual(['wire', 'decrypted', 'decrypted']);
    expect(index.dissectInside(key)).toHaveLength(2);
  });

  test('finds text inside records while they are lent, and never after', () => {
    // The certificate's issuer stands inside the server's flight.
    const index = indexOf(events);
    const finds = () => {
      index.setFilter({ text: 'CertificateVerify' });
      return settled(index).matching;
    };
    expect(finds()).toBe(0);
    index.lend('site');
    expect(settled(index).matching).toBe(1);
    index.setFilter({ text: '\u0001\u0002\u0003\u0004\u0005\u0006' });
    expect(settled(index).matching).toBe(2);
    index.lend(undefined);
    expect(settled(index).matching).toBe(0);
    expect(finds()).toBe(0);
  });

  test('taken back, leaves every row as it was', () => {
    const index = settled(indexOf(events));
    const before = index.rows(0, 99);
    index.lend('site');
    settled(index);
    index.lend(undefined);
    settled(index);
    expect(index.rows(0, 99)).toEqual(before);
    expect(before.flatMap(({ key }) => index.dissectInside(key))).toEqual([]);
    expect(index.lentProgress).toBeUndefined();
  });

  test('an end that told none opens none, and each record says so', () => {
    const index = indexOf(events);
    index.lend('victim');
    settled(index);
    expect(titles(index)).toEqual([undefined, undefined, ...Array<string>(7).fill('no-key')]);
    expect(index.told).toEqual({ victim: 0, site: 1 });
  });

  test('a new epoch takes the keys back; the same one sent again does not', () => {
    const index = indexOf(events);
    index.lend('site');
    for (const event of events) index.apply(event);
    settled(index);
    expect(index.lentProgress).toMatchObject({ opened: 7 });
    for (const event of events) index.apply({ ...event, epoch: 2000 });
    settled(index);
    expect(index.lender).toBeUndefined();
    expect(titles(index).every((title) => title === undefined)).toBe(true);
  });

  test('a key that is told after its records opens them then', () => {
    const wire = events.filter((event) => !isTold(event));
    const index = indexOf(wire);
    index.lend('site');
    settled(index);
    expect(index.lentProgress).toMatchObject({ opened: 0, sealed: 7 });
    for (const event of events.filter(isTold)) {
      index.apply(event);
      settled(index);
    }
    expect(index.lentProgress).toMatchObject({ opened: 7, sealed: 0 });
  });

  test('a missing line closes its records alone, and says which line', () => {
    const index = indexOf(events.filter((event) => !isTold(event) || !event.line.startsWith(HELLO)));
    index.lend('site');
    settled(index);
    expect(index.rows(2, 3)[0]?.lent).toMatchObject({
      ...{ state: 'sealed', why: 'no-secret' },
      reason: `The key log has no ${HELLO} for this connection.`,
    });
    // The client's Finished opens, and is not claimed to be right: what it covers was not all read.
    expect(index.rows(3, 4)[0]?.lent).toEqual({ state: 'opened', title: 'Finished' });
  });

  test('one flipped bit: that record stays sealed, whole, and the others open', () => {
    const flipped = events.map((event) => {
      if (event.type !== 'bytes-captured' || event.bytes.length !== 72) return event;
      const bytes = Uint8Array.from(event.bytes);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      return { ...event, bytes };
    });
    const index = indexOf(flipped);
    index.lend('site');
    settled(index);
    const [said] = index.rows(5, 6);
    expect(said?.lent).toMatchObject({ state: 'sealed', why: 'not-verified' });
    expect(index.dissectInside(said?.key ?? '')).toEqual([]);
    expect(index.lentProgress?.sealed).toBeGreaterThan(0);
    expect(titles(index).at(-1)).toBe('Alert: close_notify');
  });

  test('goes in steps: whoever asks is never kept for more than a record', () => {
    const index = indexOf(events);
    index.lend('site');
    let steps = 0;
    while (!index.advance(() => true)) steps += 1;
    expect(steps).toBeGreaterThan(5);
  });

  test('what the log drops is let go of', () => {
    const index = indexOf(events);
    index.lend('site');
    settled(index);
    const [first] = index.rows(2, 3);
    for (const direction of ['client-to-server', 'server-to-client'] as const)
      index.apply({
        ...{ epoch: 1000, seq: 99, time: 99, vantage: 'wire', type: 'bytes-evicted', connection: 1 },
        ...{ direction, from: 0, to: 1e6 },
      });
    settled(index);
    expect(index.dissectInside(first?.key ?? '')).toEqual([]);
    expect(index.told).toEqual({ victim: 0, site: 0 });
    expect(index.total).toBe(0);
  });
});

describe('a ClientHello that was sent again on another connection', () => {
  const { chunks } = readVector('rfc8448-records');
  // As if the site had answered it with secrets of its own.
  const others = keyLog.replaceAll(/[0-9a-f]{64}$/gm, 'ab'.repeat(32));
  const twice = (first: string, second: string) =>
    captured([first, second].map((told) => ({ port: 443, chunks, keyLog: told })));

  function sealedOf(index: InspectorIndex, connection: number): number {
    const rows = index.rows(0, 99).filter((row) => row.connection === connection);
    return rows.filter(({ lent }) => lent?.state === 'sealed').length;
  }

  function lentAsItGoes(played: readonly LogEvent[]): InspectorIndex {
    const index = new InspectorIndex();
    index.lend('site');
    for (const event of played) {
      index.apply(event);
      settled(index);
    }
    return index;
  }

  test.each([
    ['first', 0, 7, twice(keyLog, others)],
    ['second', 7, 0, twice(others, keyLog)],
  ])(
    'the %s alone opens with what was told of it, told after its records',
    (_name, first, second, played) => {
      const asItGoes = lentAsItGoes(played);
      const afterwards = indexOf(played);
      afterwards.lend('site');
      for (const index of [asItGoes, settled(afterwards)])
        expect([1, 2].map((connection) => sealedOf(index, connection))).toEqual([first, second]);
      expect(asItGoes.told).toEqual({ victim: 0, site: 2 });
    },
  );

  test('is tried with the keys of the first until its own are told', () => {
    const index = lentAsItGoes(twice(keyLog, ''));
    expect([1, 2].map((connection) => sealedOf(index, connection))).toEqual([0, 0]);
  });

  test('leaves the keys of the first where they are when the log has forgotten it', () => {
    const told = new KeysTold();
    for (const event of twice(keyLog, others)) told.apply(event);
    told.forget(2);
    const secret = told.of('site').of(1).secret('SERVER_TRAFFIC_SECRET_0', RANDOM);
    expect(keyLog).toContain(Buffer.from(secret ?? []).toString('hex'));
    expect(told.counts).toEqual({ victim: 0, site: 1 });
  });
});

describe('the stranger never sees a key', () => {
  test('the notebook, the verdicts and the lanes are the same with keys in the log as without', () => {
    const [withKeys, without] = [events, events.filter((event) => !isTold(event))].map((played) => {
      const fold = new CaptureFold();
      for (const event of played) fold.apply(event);
      return { view: fold.view(), findings: fold.findings() };
    });
    expect(withKeys).toEqual(without);
  });

  test('by type: what the stranger is shown from takes no event that tells a key', () => {
    const told = events.find(isTold);
    if (!told) throw new Error('no key was told');
    const connections = new Connections();
    for (const event of events) if (isWireEvent(event)) connections.apply(event);
    // @ts-expect-error Only what was seen on the wire can be applied.
    const refused = (): unknown => connections.apply(told);
    expect(refused).toBeTypeOf('function');
    // Without the keys of an end nothing is opened, whatever the log holds.
    const unlent = new LentCapture(new KeyLog(), connections.all());
    unlent.advance(NEVER);
    expect(unlent.progress).toMatchObject({ opened: 0, sealed: 7 });
  });

  test('keys are kept apart by the end that told them', () => {
    const told = new KeysTold();
    for (const event of events) told.apply(event);
    expect(told.of('site').knows(RANDOM)).toBe(true);
    expect(told.of('victim').knows(RANDOM)).toBe(false);
    told.forget(1);
    expect(told.of('site').knows(RANDOM)).toBe(false);
  });
});
