import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { openUdpTap, type UdpTap, type UdpTapPlan } from '../../../proxy/relay/udp-tap.ts';
import { LogReader } from './harness.ts';

let log: CaptureLog;
let reader: LogReader;
let resolver: Socket;
let sockets: Socket[];
let tap: UdpTap | undefined;

beforeEach(async () => {
  log = new CaptureLog();
  log.begin({ routes: [] });
  reader = new LogReader(log);
  sockets = [];
  tap = undefined;
  resolver = await socket();
  resolver.on('message', (question: Buffer, from) =>
    resolver.send(`answer to ${String(question)}`, from.port, from.address),
  );
});

afterEach(async () => {
  await tap?.close();
  for (const each of sockets) each.close();
});

async function socket(): Promise<Socket> {
  const created = createSocket('udp4');
  created.bind(0, '127.0.0.1');
  await once(created, 'listening');
  sockets.push(created);
  return created;
}

async function open(plan: Partial<UdpTapPlan> = {}): Promise<UdpTap> {
  tap = await openUdpTap(log, {
    name: 'resolver.test',
    port: 53,
    targetPort: resolver.address().port,
    opener: 'scripted-victim',
    // None ends by itself while a test is at it, unless that is what it is about.
    answeredMilliseconds: 60_000,
    idleMilliseconds: 60_000,
    ...plan,
  });
  return tap;
}

async function ask(from: Socket, port: number, question: string): Promise<string> {
  from.send(question, port, '127.0.0.1');
  return String((await once(from, 'message'))[0]);
}

it('carries questions and answers, and logs each client port as one exchange', async () => {
  const { port } = await open();
  const victim = await socket();
  expect(await ask(victim, port, 'one')).toBe('answer to one');
  expect(await ask(victim, port, 'two')).toBe('answer to two');
  expect(log.after(1)).toMatchObject([
    {
      type: 'connection-opened',
      hop: 'resolver',
      connection: 1,
      transport: 'udp',
      client: { address: '127.0.0.1', port: victim.address().port },
      server: { name: 'resolver.test', port: 53, address: `127.0.0.1:${resolver.address().port}` },
      opener: 'scripted-victim',
    },
    { direction: 'client-to-server', offset: 0, bytes: Buffer.from('one') },
    { direction: 'server-to-client', offset: 0, bytes: Buffer.from('answer to one') },
    { direction: 'client-to-server', offset: 3, bytes: Buffer.from('two') },
    { direction: 'server-to-client', offset: 13, bytes: Buffer.from('answer to two') },
  ]);
});

it('ends an exchange whose question nobody answers, and begins another when its client asks again', async () => {
  const { port } = await open({ idleMilliseconds: 5 });
  resolver.removeAllListeners('message');
  const victim = await socket();
  victim.send('one', port, '127.0.0.1');
  expect(await reader.closedConnections(1)).toMatchObject([{ connection: 1, by: 'relay', how: 'end' }]);
  victim.send('two', port, '127.0.0.1');
  await reader.closedConnections(2);
  expect(reader.opened.map(({ connection }) => connection)).toEqual([1, 2]);
});

it('ends an exchange soon after its last answer, and not while another question of it waits', async () => {
  const { port } = await open({ answeredMilliseconds: 5 });
  resolver.removeAllListeners('message');
  const asked: RemoteInfo[] = [];
  resolver.on('message', (_question, from) => asked.push(from));
  const answer = (place: number, text: string) =>
    resolver.send(text, asked[place]?.port ?? 0, asked[place]?.address);
  const [patient, other] = [await socket(), await socket()];
  for (const question of ['one', 'two']) patient.send(question, port, '127.0.0.1');
  await expect.poll(() => asked.length).toBe(2);
  const first = once(patient, 'message');
  answer(0, 'answer to one');
  await first;
  // Answered later, and over sooner.
  other.send('three', port, '127.0.0.1');
  await expect.poll(() => asked.length).toBe(3);
  answer(2, 'answer to three');
  expect(await reader.closedConnections(1)).toMatchObject([{ connection: 2, by: 'relay', how: 'end' }]);
  const second = once(patient, 'message');
  answer(1, 'answer to two');
  expect(String((await second)[0])).toBe('answer to two');
  expect(await reader.closedConnections(2)).toMatchObject([{ connection: 2 }, { connection: 1 }]);
});

it('ends all exchanges at a reset, lets nothing of them into the next epoch and goes on serving', async () => {
  const { port, dropExchanges } = await open();
  const victim = await socket();
  await ask(victim, port, 'one');
  dropExchanges();
  expect(reader.closed).toMatchObject([{ connection: 1, by: 'relay', how: 'end' }]);
  log.begin({ routes: [] });
  await ask(victim, port, 'two');
  expect(log.after(0).map(({ type }) => type)).toEqual([
    'epoch-started',
    'connection-opened',
    'bytes-captured',
    'bytes-captured',
  ]);
});

it('serves no more clients at once than it was told', async () => {
  const { port } = await open({ maxClients: 1 });
  const [first, second] = [await socket(), await socket()];
  await ask(first, port, 'one');
  second.send('me too', port, '127.0.0.1');
  // Datagrams of one machine arrive in order: when this one is answered, the other has been dealt with.
  await ask(first, port, 'again');
  expect(reader.opened).toHaveLength(1);
});

it('passes on nothing that does not come from the resolver', async () => {
  const { port } = await open();
  let backPort = 0;
  resolver.on('message', (_question, from) => {
    backPort = from.port;
  });
  const victim = await socket();
  await ask(victim, port, 'one');
  const stranger = await socket();
  stranger.send('forged', backPort, '127.0.0.1');
  expect(await ask(victim, port, 'two')).toBe('answer to two');
  expect(String(reader.stream(1, 'server-to-client').length)).toBe(
    String('answer to oneanswer to two'.length),
  );
});

it.runIf(process.platform === 'linux')('uses sockets of 127.0.0.1 only', async () => {
  const { port } = await open();
  let backPort = 0;
  resolver.on('message', (_question, from) => {
    backPort = from.port;
  });
  await ask(await socket(), port, 'one');
  const rows = ['/proc/net/udp', '/proc/net/udp6'].flatMap((path) => readFileSync(path, 'utf8').split('\n'));
  const addresses = rows.map((row) => (row.trim().split(/\s+/)[1] ?? '').split(':'));
  for (const wanted of [port, backPort]) {
    const found = addresses.filter(([, hex]) => parseInt(hex ?? '', 16) === wanted);
    expect(found.map(([address]) => address)).toEqual(['0100007F']);
  }
});

it('lets somebody answer first, and passes the late answer on as well', async () => {
  const { port, answerFirst } = await open();
  const late: unknown[] = [];
  const stop = answerFirst({
    answer: (question) => (String(Buffer.from(question)) === 'one' ? Buffer.from('a lie') : undefined),
    overtaken: ({ connection, offset, bytes }) => late.push([connection, offset, String(Buffer.from(bytes))]),
  });
  const victim = await socket();
  const got: string[] = [];
  victim.on('message', (datagram: Buffer) => got.push(String(datagram)));
  victim.send('one', port, '127.0.0.1');
  await expect.poll(() => got).toEqual(['a lie', 'answer to one']);
  expect(late).toEqual([[1, 5, 'answer to one']]);
  expect(log.after(2)).toMatchObject([
    { direction: 'client-to-server', offset: 0, bytes: Buffer.from('one') },
    { direction: 'server-to-client', offset: 0, bytes: Buffer.from('a lie') },
    { direction: 'server-to-client', offset: 5, bytes: Buffer.from('answer to one') },
  ]);
  const other = await socket();
  expect(await ask(other, port, 'two')).toBe('answer to two');
  stop();
  expect(await ask(other, port, 'one')).toBe('answer to one');
  expect(late.length).toBe(1);
});

it('has the resolver answer where whoever was to be first fails', async () => {
  const { port, answerFirst } = await open();
  const warnings: string[] = [];
  const warn = ({ message }: Error) => void warnings.push(message);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));
  answerFirst({
    answer: () => {
      throw new Error('no idea');
    },
    overtaken: () => undefined,
  });
  expect(await ask(await socket(), port, 'one')).toBe('answer to one');
  await expect.poll(() => warnings).toContainEqual(expect.stringContaining('no idea'));
});
