import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '#contract';
import { startChild, supervise, type Child } from './child.ts';
import { attachViewer } from './viewer.ts';

export interface Origin {
  readonly plain: number;
  readonly tls: number;
  readonly certificate: string;
}

/** One way to the origin: the ports to connect to, and the processes whose CPU the way costs. */
export interface Subject {
  readonly name: string;
  readonly plain: number;
  readonly tls: number;
  readonly pids: readonly number[];
  /** Asks for the memory held, in bytes; absent where that cannot be asked. */
  readonly memory?: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export type SubjectName = 'direct' | 'pipe' | 'socat' | 'relay' | 'plainsight';

export async function startOrigin(): Promise<{
  readonly origin: Origin;
  readonly stop: () => Promise<void>;
}> {
  const child = startChild('origin.ts');
  const [origin] = (await once(child.process, 'message')) as [Origin];
  return { origin, stop: () => child.stop() };
}

/** Starts a way to the origin; undefined when this machine has no such tool. */
export async function startSubject(name: SubjectName, origin: Origin): Promise<Subject | undefined> {
  switch (name) {
    case 'direct':
      return { name, ...origin, pids: [], stop: () => Promise.resolve() };
    case 'pipe':
      return startRelay(name, 'pipe-relay.ts', origin);
    case 'relay':
      return startRelay(name, 'recording-relay.ts', origin);
    case 'plainsight':
      return startProgram(name, origin);
    case 'socat':
      return startSocat(name, origin);
  }
}

async function startRelay(name: string, file: string, origin: Origin): Promise<Subject> {
  const child = startChild(file, [String(origin.plain), String(origin.tls)]);
  const [[plain, tls]] = (await once(child.process, 'message')) as [[number, number]];
  return { name, plain, tls, pids: [child.pid], memory: () => memoryOf(child), stop: () => child.stop() };
}

/** The whole program with a dashboard attached. */
async function startProgram(name: string, origin: Origin): Promise<Subject> {
  const root = join(import.meta.dirname, '../..');
  const flags = ['--expose-gc', '--import', 'tsx', '--import', join(import.meta.dirname, 'probe.ts')];
  const routes = [
    ['--route', `bench.test:80=127.0.0.1:${origin.plain}`],
    ['--route', `bench.test:443=127.0.0.1:${origin.tls}`],
  ];
  const program = [join(root, 'bin/plainsight.mjs'), '--no-open', '--json', '--port', '0', ...routes.flat()];
  const started = spawn(process.execPath, [...flags, ...program], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const child = supervise(started);
  let printed = '';
  for await (const chunk of started.stdout ?? []) {
    printed += String(chunk);
    if (printed.includes('\n')) break;
  }
  const lab = JSON.parse(printed) as Lab;
  const listen = (port: number): number =>
    lab.routes.find((route) => route.name === 'bench.test' && route.port === port)?.listen ?? 0;
  const detach = await attachViewer(lab);
  return {
    name,
    plain: listen(80),
    tls: listen(443),
    pids: [child.pid],
    memory: () => memoryOf(child),
    stop: async () => {
      await detach();
      await child.stop();
    },
  };
}

async function startSocat(name: string, origin: Origin): Promise<Subject | undefined> {
  if (spawnSync('socat', ['-V']).status !== 0) return undefined;
  const children: Child[] = [];
  const start = async (target: number): Promise<number> => {
    const port = await freePort();
    const listen = `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork,backlog=512,nodelay`;
    const args = [listen, `TCP:127.0.0.1:${target},nodelay`];
    children.push(supervise(spawn('socat', args, { stdio: 'ignore' })));
    await untilListening(port);
    return port;
  };
  const plain = await start(origin.plain);
  const tls = await start(origin.tls);
  const stop = async (): Promise<void> => {
    for (const child of children) await child.stop();
  };
  return { name, plain, tls, pids: children.map(({ pid }) => pid), stop };
}

async function memoryOf(child: Child): Promise<number> {
  const { heapUsed, external } = (await child.ask('memory')) as { heapUsed: number; external: number };
  return heapUsed + external;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (outcome) return;
    await delay(20);
  }
  throw new Error(`nothing listens on port ${port}`);
}
