import { encode } from 'dns-packet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogEvent } from '#contract';
import { selfSignLeaf } from '../../../certs/signing.ts';
import { NameForger, type NameForgerOptions } from '../../../proxy/attacks/name-forger.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

type Answering = Parameters<NameForgerOptions['answerFirst']>[0];

const message = (type: 'query' | 'response', id: number) =>
  encode({ type, id, questions: [{ type: 'A', name: 'piggypay.test' }] });

let log: CaptureLog;
let answering: Answering | undefined;
let opened: number[];
let forger: NameForger;
beforeEach(() => {
  log = new CaptureLog();
  log.begin({ routes: [] });
  opened = [];
  forger = new NameForger({
    log,
    answerFirst: (given) => {
      answering = given;
      return () => (answering = undefined);
    },
    makeCertificate: () => selfSignLeaf(['piggypay.test']),
    openDoor: (port) => {
      opened.push(port);
      return opened.length > 3 ? Promise.reject(new Error('no more doors')) : Promise.resolve(40_000 + port);
    },
  });
});
afterEach(() => forger.close());

const deeds = (): readonly LogEvent[] => log.after(0).filter(({ type }) => type === 'attack-acted');

test('leads nowhere until it has lied, and then to the copy of that lane, opened once', async () => {
  expect(forger.door('127.0.0.66', 80)).toBeUndefined();
  (await forger.begin('http')).stop();
  (await forger.begin('http')).stop();
  expect(opened).toEqual([80]);
  expect([80, 443].map((port) => forger.door('127.0.0.66', port))).toEqual([40_080, undefined]);
  (await forger.begin('https')).stop();
  expect(forger.door('127.0.0.66', 443)).toBe(40_443);
  expect(forger.door('127.0.0.67', 80)).toBeUndefined();
  expect(answering).toBeUndefined();
});

test('tells of a forged answer when the true one with its ID has come, else at the end', async () => {
  const lie = await forger.begin('http');
  const answerTo = (id: number) => new Uint8Array(answering?.answer(message('query', id), 5) ?? []);
  const [first, second] = [answerTo(1), answerTo(2)];
  expect(answering?.answer(Buffer.from('no DNS'), 5)).toBeUndefined();
  const late = message('response', 2);
  answering?.overtaken({ connection: 6, offset: 0, bytes: late });
  expect(deeds()).toEqual([]);
  answering?.overtaken({ connection: 5, offset: 94, bytes: late });
  const base = { attack: 'forge-name', connection: 5, direction: 'server-to-client' };
  expect(deeds()).toMatchObject([{ ...base, offset: 94, before: new Uint8Array(late), after: second }]);
  answering?.overtaken({ connection: 5, offset: 200, bytes: late });
  expect(deeds().length).toBe(1);
  lie.stop();
  expect(deeds()[1]).toMatchObject({ ...base, after: first });
  expect(deeds()[1]).not.toHaveProperty('before');
});

test('tells a later capture nothing of an earlier one', async () => {
  const lie = await forger.begin('http');
  answering?.answer(message('query', 1), 5);
  log.begin({ routes: [] });
  lie.stop();
  expect(deeds()).toEqual([]);
});

test('a door that could not be opened is tried again the next time', async () => {
  opened = [1, 2, 3];
  await expect(forger.begin('http')).rejects.toThrow('no more doors');
  expect(answering).toBeUndefined();
  opened = [];
  (await forger.begin('http')).stop();
  expect(opened).toEqual([80]);
});

test('in wait, it leads the browser away on both lanes and breaks off what it has open, until it is stopped', async () => {
  const cut: number[] = [];
  const waiting = new NameForger({
    log,
    answerFirst: (given) => {
      answering = given;
      return () => (answering = undefined);
    },
    makeCertificate: () => selfSignLeaf(['piggypay.test']),
    openDoor: () => Promise.resolve(1),
    cut: (connection) => cut.push(connection),
  });
  const browser = { name: 'piggypay.test', opener: 'demo-browser' } as const;
  for (const { name, opener } of [
    browser,
    browser,
    { ...browser, opener: 'scripted-victim' } as const,
    { ...browser, name: 'other.test' },
  ])
    log.append({
      ...{ type: 'connection-opened', vantage: 'wire', hop: 'cafe', transport: 'tcp', opener },
      ...{ connection: log.nextConnection(), client: { address: '127.0.0.1', port: 1 } },
      server: { name, port: 80, address: '127.0.0.1:1' },
    });
  log.append({
    ...{ type: 'connection-closed', vantage: 'wire', hop: 'cafe', connection: 2, by: 'client', how: 'end' },
  });
  const led = new Set<string>();
  try {
    const ambush = await waiting.lieInWait(({ name, port, openers }) => {
      const lead = `${openers.join()} to ${name}:${port}`;
      led.add(lead);
      return () => void led.delete(lead);
    });
    expect([...led]).toEqual(['demo-browser to piggypay.test:80', 'demo-browser to piggypay.test:443']);
    expect(answering).toBeDefined();
    expect(cut).toEqual([1]);
    ambush.stop();
    expect([led.size, answering]).toEqual([0, undefined]);
  } finally {
    await waiting.close();
  }
});
