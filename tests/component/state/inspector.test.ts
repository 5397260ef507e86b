import { expect, test } from 'vitest';
import type { MessageRow } from '#folds/inspector/shapes.ts';
import { Inspector } from '../../../dashboard/src/lib/state/inspector.svelte.ts';
import { Desk } from '../../../dashboard/src/worker/desk.ts';
import type { FromWorker, ToWorker } from '../../../dashboard/src/worker/messages.ts';
import { TestEvents } from '../support/events.ts';

const NEVER = (): boolean => false;

/** The inspector and its worker's desk in one thread; what they say crosses as it would between two. */
class Table {
  readonly events = new TestEvents();
  readonly inspector: Inspector;
  readonly posted: FromWorker[] = [];
  readonly asked: ToWorker[] = [];
  readonly #desk: Desk;
  #applied = 0;
  #now = 0;

  constructor() {
    let listen: (message: FromWorker) => void = () => undefined;
    this.#desk = new Desk({
      post: (message, transfer) => {
        const crossed = structuredClone(message, { transfer });
        this.posted.push(crossed);
        listen(crossed);
      },
      now: () => this.#now,
    });
    this.inspector = new Inspector((listener) => {
      listen = listener;
      return { post: (message) => this.asked.push(structuredClone(message)), stop: () => undefined };
    });
  }

  /** Lets the worker hear what it was asked, take in what was captured, and answer. */
  settle(isOver = NEVER): this {
    for (const message of this.asked.splice(0)) this.#desk.receive(message);
    for (const event of this.events.all.slice(this.#applied)) this.#desk.apply(event);
    this.#applied = this.events.all.length;
    this.#now += 100;
    this.#desk.work(isOver, true);
    return this;
  }
}

/** Three requests with their answers on connection 1. */
function threeFlows(): Table {
  const table = new Table();
  table.events.open(1, 80);
  for (const name of ['one', 'two', 'three']) table.events.flow(1, `/${name}`);
  table.inspector.open();
  table.inspector.show(0, 10);
  return table.settle();
}

function titles({ rows }: Inspector): readonly string[] {
  return rows.rows.map(({ title }) => title);
}

test('shows the list, the connections and the hosts once it is opened', () => {
  const { inspector } = threeFlows();
  expect(inspector).toMatchObject({ isOpen: true, total: 6, matching: 6, isCatchingUp: false });
  expect(titles(inspector)).toEqual(['GET /one', '200 OK', 'GET /two', '200 OK', 'GET /three', '200 OK']);
  expect(inspector.connections).toMatchObject([{ connection: 1, messages: 6, lane: 'http' }]);
  expect(inspector.hosts).toEqual(['piggypay.test']);
});

test('says nothing while nothing changes, and nothing to a closed inspector', () => {
  const table = threeFlows();
  const before = table.posted.length;
  table.settle();
  expect(table.posted).toHaveLength(before);
  table.inspector.close();
  table.settle();
  table.events.flow(1, '/four');
  table.settle();
  expect(table.posted).toHaveLength(before);
  table.inspector.open();
  table.settle();
  expect(table.inspector.total).toBe(8);
});

test('follows what arrives, and loads the rows that come on screen', () => {
  const table = threeFlows();
  for (let count = 0; count < 500; count++) table.events.flow(1, `/${String(count)}`);
  table.settle();
  expect(table.inspector.total).toBe(1006);
  table.inspector.show(900, 920);
  table.settle();
  const { from, rows } = table.inspector.rows;
  expect(from).toBeLessThanOrEqual(900);
  expect(rows[900 - from]?.title).toBe('GET /447');
  expect(from + rows.length).toBeGreaterThanOrEqual(920);
});

test('asks for rows again before the loaded ones are used up, and not before that', () => {
  const table = threeFlows();
  table.inspector.show(200, 220);
  table.settle();
  table.inspector.show(201, 221);
  expect(table.asked).toEqual([]);
  table.inspector.show(270, 290);
  expect(table.asked).toMatchObject([{ type: 'show' }]);
});

test('filters, and shows no row of the list before', () => {
  const table = threeFlows();
  table.inspector.setFilter({ text: 'GET' });
  expect(table.inspector).toMatchObject({ matching: 0, isCatchingUp: true, rows: { rows: [] } });
  table.settle();
  expect(titles(table.inspector)).toEqual(['GET /one', 'GET /two', 'GET /three']);
  expect(table.inspector).toMatchObject({ total: 6, matching: 3, isCatchingUp: false });
});

test('shows what a long filter has found so far', () => {
  const table = threeFlows();
  for (let count = 0; count < 500; count++) table.events.flow(1, `/${String(count)}`);
  table.settle();
  table.inspector.setFilter({ text: 'GET' });
  table.settle(() => true);
  expect(table.inspector.isCatchingUp).toBe(true);
  expect(table.inspector.matching).toBeGreaterThan(0);
  expect(table.inspector.matching).toBeLessThan(503);
  while (table.inspector.isCatchingUp) table.settle(() => true);
  expect(table.inspector.matching).toBe(503);
});

test('ignores what was told of an earlier filter', () => {
  const table = threeFlows();
  table.inspector.setFilter({ text: 'one' });
  table.inspector.setFilter({ text: 'two' });
  const [first, second] = table.asked.splice(0);
  if (first) table.asked.push(first);
  table.settle();
  expect(table.inspector.matching).toBe(0);
  if (second) table.asked.push(second);
  table.settle();
  expect(titles(table.inspector)).toEqual(['GET /two']);
});

test('selects a row at once, and has it taken apart with bytes of its own', () => {
  const table = threeFlows();
  table.inspector.select(2);
  expect(table.inspector.selectedIndex).toBe(2);
  table.settle();
  expect(table.inspector.selected?.title).toBe('GET /two');
  const [wire] = table.inspector.dissections ?? [];
  expect(wire?.field.name).toBe('http');
  expect(wire?.bytes.byteLength).toBe(wire?.bytes.buffer.byteLength);
  expect(table.inspector.focus).toBeUndefined();
  table.inspector.select(99);
  expect(table.inspector.selectedIndex).toBe(2);
});

test('keeps the selection through a filter that it passes, and drops it through one that it does not', () => {
  const table = threeFlows();
  table.inspector.select(2);
  table.settle();
  table.inspector.setFilter({ text: 'GET' });
  expect(table.inspector.selected?.title).toBe('GET /two');
  table.settle();
  expect(table.inspector.selectedIndex).toBe(1);
  table.inspector.setFilter({ text: 'two' });
  table.settle();
  expect(table.inspector.selectedIndex).toBe(0);
  table.inspector.setFilter({ text: '/two' });
  table.settle();
  expect(table.inspector.selectedIndex).toBe(0);
  table.inspector.setFilter({ text: 'three' });
  table.settle();
  expect(table.inspector).toMatchObject({
    selected: undefined,
    selectedIndex: undefined,
    dissections: undefined,
  });
});

test('takes a selected message apart again while it grows', () => {
  const table = threeFlows();
  table.events.bytes(1, 'client-to-server', 'POST /slow HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc');
  table.settle();
  table.inspector.select(6);
  table.settle();
  expect(table.inspector.selected?.complete).toBe(false);
  table.events.bytes(1, 'client-to-server', 'def');
  table.settle();
  expect(table.inspector.selected?.complete).toBe(true);
  expect(table.inspector.dissections?.[0]?.bytes).toHaveLength(48);
});

test('opens at a stretch of a message, whatever was filtered, and points at it once', () => {
  const table = threeFlows();
  table.inspector.setFilter({ text: 'nothing' });
  const request = table.events.request('/one').length;
  const at = { connection: 1, direction: 'client-to-server', start: request + 4, end: request + 8 } as const;
  table.inspector.open(at);
  table.settle();
  expect(table.inspector.filter).toEqual({});
  expect(table.inspector.selected?.title).toBe('GET /two');
  expect(table.inspector.selectedIndex).toBe(2);
  expect(table.inspector.focus).toEqual({ range: { start: 4, end: 8 }, turn: 1 });
  table.inspector.open(at);
  table.settle();
  expect(table.inspector.focus?.turn).toBe(2);
  table.inspector.select(0);
  table.settle();
  expect(table.inspector.focus).toBeUndefined();
});

test('waits for a message that has not reached the worker yet', () => {
  const table = threeFlows();
  const start = ['/one', '/two', '/three'].reduce((sum, path) => sum + table.events.request(path).length, 0);
  table.inspector.open({ connection: 1, direction: 'client-to-server', start, end: start + 1 });
  table.settle();
  expect(table.inspector.selected).toBeUndefined();
  table.events.flow(1, '/late');
  table.settle();
  expect(table.inspector.selected?.title).toBe('GET /late');
});

test('starts over with a new epoch', () => {
  const table = threeFlows();
  table.inspector.select(1);
  table.settle();
  table.events.startOver(2000).open(1, 443);
  table.settle();
  expect(table.inspector).toMatchObject({ total: 0, matching: 0, selected: undefined, rows: { rows: [] } });
  expect(table.inspector.connections).toMatchObject([{ connection: 1, messages: 0, lane: 'https' }]);
});

test('selects the row that was seen, though the list has moved since', () => {
  const table = threeFlows();
  const seen: MessageRow | undefined = table.inspector.rows.rows[2];
  table.events.evict(1, 'client-to-server', 0, table.events.request('/one').length);
  table.inspector.select(2);
  table.settle();
  expect(table.inspector.selected?.key).toBe(seen?.key);
  expect(table.inspector.selectedIndex).toBe(1);
});
