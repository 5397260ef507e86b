import type { ConnectionId, LogEvent, SecretsLogged } from '#contract';
import { isWireEvent } from '#contract';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureFold } from '#folds/capture.ts';
import { Connections } from '#folds/connections.ts';
import { InspectorIndex } from '#folds/inspector/message-index.ts';
import { Ledger } from '#folds/ledger/ledger.ts';
import { readCapture } from '#recording/read-capture.ts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { untilClosed } from '../../../proxy/capture/closing.ts';
import { DissectedCapture } from '../../../proxy/dissect/dissected.ts';
import { EndsHar } from '../../../proxy/har/capture.ts';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { isSecret, secretLines } from '../../../proxy/pcapng/statement.ts';
import { openedConnections } from '../../support/opened-connections.ts';
import { isTsharkMissing } from '../../support/tshark.ts';
import { decryptedByTshark } from '../../support/tshark-decrypted.ts';
import { faultsOf, originOf } from '../folds/key-origin/origins.ts';
import { openAttackedLab } from './attacked-lab.ts';

// Two busy processors at the most.
const PATIENCE = { timeout: 20_000, interval: 5 };
const NEVER = (): boolean => false;

/** What the log has of a visit whose sealed records a stranger then sends again. */
async function replayedVisit(maxVersion: 'TLSv1.2' | 'TLSv1.3') {
  const lab = await openAttackedLab();
  try {
    await lab.attacks.arm('replay');
    const visit = request({
      ...{ host: '127.0.0.1', port: lab.door('https'), servername: 'piggypay.test', maxVersion },
      ...{ ca: lab.authorityPem, agent: false, headers: { Host: 'piggypay.test' } },
    });
    visit.end();
    const [response] = (await once(visit, 'response')) as [import('node:http').IncomingMessage];
    response.resume();
    await once(response, 'close');
    const judged = () => lab.attacks.list().find(({ id }) => id === 'replay')?.whileArmed.https;
    await vi.waitFor(() => expect(judged()).toBeDefined(), PATIENCE);
    const [own, again] = strangersLast(lab.log.after(0));
    await untilClosed(lab.log, [own, again]);
    return { events: [...lab.log.after(0)], own, again };
  } finally {
    await lab.close();
  }
}

/** The visit, and what the stranger made of it. */
function strangersLast(events: readonly LogEvent[]): [own: ConnectionId, again: ConnectionId] {
  const opened = events.filter((event) => event.type === 'connection-opened');
  const ids = opened.map(({ connection }) => connection);
  expect(opened.map(({ opener }) => opener)).toEqual(['demo-browser', 'stranger']);
  return [ids[0] ?? 0, ids[1] ?? 0];
}

const isTold = (event: LogEvent): event is SecretsLogged => event.type === 'secrets-logged';
const nameOf = ({ line }: SecretsLogged): string => line.split(' ').slice(0, 2).join(' ');

/** What became of each record that was sealed, with the site’s keys lent from the beginning on. */
function lentBySite(events: readonly LogEvent[]) {
  const index = new InspectorIndex();
  index.lend('site');
  for (const event of events) {
    index.apply(event);
    // As in a live capture: what there is of a record is tried before the next line is told.
    while (!index.advance(NEVER));
  }
  return index
    .rows(0, index.total)
    .flatMap(({ connection, direction, lent }) => (lent ? [{ connection, direction, ...lent }] : []));
}

function foldOf(events: readonly LogEvent[]): CaptureFold {
  const fold = new CaptureFold();
  for (const event of events) fold.apply(event);
  return fold;
}

describe.each(['TLSv1.3', 'TLSv1.2'] as const)('over %s, after the records were sent again', (version) => {
  let events: readonly LogEvent[];
  let own: ConnectionId;
  let again: ConnectionId;
  beforeAll(async () => ({ events, own, again } = await replayedVisit(version)));

  test('over TLS 1.3 the site has told other secrets under the same names; over TLS 1.2 it never came so far', () => {
    const told = events.filter(isTold);
    const first = told.filter(({ connection }) => connection === own);
    const second = told.filter(({ connection }) => connection === again);
    const counts = [first, second].map(({ length }) => length);
    expect(counts).toEqual(version === 'TLSv1.3' ? [5, 4] : [1, 0]);
    expect(first.map(nameOf)).toEqual(expect.arrayContaining(second.map(nameOf)));
    expect(second.some(({ line }) => first.some((other) => other.line === line))).toBe(false);
  });

  test('the keys that the site told of it open all of the visit, and say that nobody changed it', () => {
    const [visit] = openedConnections(events, 'site');
    expect(visit).toMatchObject({ connection: own, sealed: [], finished: ['verified', 'verified'] });
    expect(visit?.data['client-to-server'].toString()).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    expect(visit?.data['server-to-client'].toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  test('in the inspector too; what was sent again came before anything was agreed on, and stays sealed', () => {
    const lent = lentBySite(events);
    const visit = lent.filter(({ connection }) => connection === own);
    expect(new Set(visit.map(({ state }) => state))).toEqual(new Set(['opened']));
    const sent = lent.filter((one) => one.connection === again && one.direction === 'client-to-server');
    expect(sent.length).toBeGreaterThan(0);
    for (const one of sent) expect(one).toMatchObject({ state: 'sealed', why: 'no-hello' });
  });

  test('in the HAR of the site, and message by message', () => {
    const har = new EndsHar('site');
    for (const event of events) har.apply(event);
    const { log } = JSON.parse([...har.pieces('1.0.0')].join('')) as {
      log: { entries: { request: { method: string; url: string }; response: { status: number } }[] };
    };
    expect(
      log.entries.map(({ request, response }) => `${request.method} ${request.url} ${response.status}`),
    ).toEqual(['GET https://piggypay.test/ 200']);
    const sealed = [...new DissectedCapture(events).messages()].filter((one) => one.sealed !== undefined);
    expect(sealed.map(({ opened }) => opened.connection)).not.toContain(own);
  });

  test('where the keys come from agrees with what the site told of either connection', () => {
    const fold = foldOf(events);
    for (const connection of [own, again]) {
      expect(faultsOf(originOf(fold, connection, 'site'))).toEqual([]);
      // The victim told nothing here.
      expect(originOf(fold, connection, 'victim').lent).toEqual({ by: 'victim', hasTold: false });
    }
  });

  test('each row of the ledger has the secrets of its own connection, and shares none', () => {
    const connections = new Connections();
    const ledger = new Ledger(connections);
    for (const event of events)
      if (isWireEvent(event)) connections.apply(event);
      else ledger.apply(event);
    const rows = ledger.rows();
    expect(rows.map(({ connection }) => connection)).toEqual([own, again]);
    const marks = rows.flatMap(({ secrets }) => secrets.map(({ fingerprint }) => fingerprint));
    expect(new Set(marks).size).toBe(events.filter(isTold).length);
    expect(marks.length).toBe(new Set(marks).size);
    expect(rows.flatMap(({ secrets }) => secrets.flatMap(({ sharedWith }) => sharedWith))).toEqual([]);
  });

  test('the stranger reads no more of it than without any key', () => {
    const [withKeys, without] = [events, events.filter((event) => !isTold(event))].map((all) => {
      const fold = foldOf(all);
      return { view: fold.view(), findings: fold.findings() };
    });
    expect(withKeys).toEqual(without);
  });

  describe('a file with keys', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'plainsight-replayed-'));
    });
    const file = () => Buffer.concat([...captureFile(events, { secrets: events.filter(isSecret) })]);
    afterAll(() => rmSync(folder, { recursive: true }));

    test('has one line under each name, which is that of the visit, and gives all events back', () => {
      const lines = [...secretLines(events.filter(isSecret))].filter((line) => !line.startsWith('#'));
      const first = events.filter(isTold).filter(({ connection }) => connection === own);
      expect(lines).toEqual(first.map(({ line }) => line));
      const { events: back, notes } = readCapture(file());
      expect(notes).toEqual([]);
      const plain = (event: LogEvent) =>
        'bytes' in event ? { ...event, bytes: Uint8Array.from(event.bytes) } : event;
      expect(back.slice(1)).toEqual(events.slice(1).map(plain));
    });

    test.skipIf(isTsharkMissing)('opens the visit in Wireshark’s eyes', async () => {
      const path = join(folder, 'replayed.pcapng');
      writeFileSync(path, file());
      const [visit] = await decryptedByTshark(path, 2);
      const [opened] = openedConnections(events, 'site');
      expect(visit?.data['client-to-server'].toString()).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
      expect(visit?.data).toEqual(opened?.data);
    });
  });
});
