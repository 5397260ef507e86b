import { cpuSeconds } from './cpu.ts';
import { connections, fetchBody, handshakes, keepAlive, latencies } from './loads.ts';
import type { Origin, Subject } from './subjects.ts';

/** What is measured, by the name under which it is printed; a rate or a cost as the unit says. */
export const measures = {
  body: { label: '256 MiB body', unit: 'MB/s', better: 'higher' },
  bodyCpu: { label: '256 MiB body', unit: 'CPU s/GB', better: 'lower' },
  keepAlive: { label: 'keep-alive', unit: 'requests/s', better: 'higher' },
  keepAliveCpu: { label: 'keep-alive', unit: 'CPU µs/request', better: 'lower' },
  latencyMedian: { label: 'added latency p50', unit: 'ms', better: 'lower' },
  latencyTail: { label: 'added latency p99', unit: 'ms', better: 'lower' },
  connections: { label: 'new connections', unit: '/s', better: 'higher' },
  connectionsCpu: { label: 'new connections', unit: 'CPU µs each', better: 'lower' },
  handshakes: { label: 'TLS handshakes', unit: '/s', better: 'higher' },
  memory: { label: 'after 10,000 exchanges of 2 KB', unit: 'KB kept an exchange', better: 'lower' },
  memoryBeyondBytes: { label: '… beyond the bytes', unit: 'KB an exchange', better: 'lower' },
  memoryFlat: { label: '… once the log evicts', unit: 'KB an exchange', better: 'lower' },
} as const satisfies Record<string, { label: string; unit: string; better: 'higher' | 'lower' }>;

export type MeasureName = keyof typeof measures;
export type Figures = Partial<Record<MeasureName, number>>;

const bodyBytes = 256 * 1024 * 1024;
const keepAliveRequests = 16_000;
const latencyRequests = 2000;
const newConnections = 800;
const tlsHandshakes = 160;

/** One round of one subject. The latencies are whole round trips; what is added is told by the direct ones. */
export async function measureRound(subject: Subject, origin: Origin): Promise<Figures> {
  const body = await timed(subject, () => fetchBody(subject, bodyBytes));
  const alive = await timed(subject, () => keepAlive(subject, keepAliveRequests, 16, 200));
  const times = await latencies(subject, latencyRequests);
  const opened = await timed(subject, () => connections(subject, newConnections, 8));
  const shaken = await timed(subject, () => handshakes(subject, origin.certificate, tlsHandshakes, 4));
  return {
    body: bodyBytes / 1e6 / body.seconds,
    ...cost('bodyCpu', body.cpu, bodyBytes / 1e9),
    keepAlive: keepAliveRequests / alive.seconds,
    ...cost('keepAliveCpu', alive.cpu, keepAliveRequests / 1e6),
    latencyMedian: quantile(times, 0.5),
    latencyTail: quantile(times, 0.99),
    connections: newConnections / opened.seconds,
    ...cost('connectionsCpu', opened.cpu, newConnections / 1e6),
    handshakes: tlsHandshakes / shaken.seconds,
  };
}

/** What a fresh subject keeps of exchanges; `evicting` says that it records, so that its bound can be passed. */
export async function measureMemory(subject: Subject, evicting: boolean): Promise<Figures> {
  const { memory } = subject;
  if (memory === undefined) return {};
  const count = 10_000;
  // The first requests are about compiled code and grown tables, not about exchanges.
  await keepAlive(subject, 2000, 4, 2048);
  const before = await memory();
  await keepAlive(subject, count, 4, 2048);
  const kept = ((await memory()) - before) / count;
  if (!evicting) return { memory: kept / 1000 };
  await keepAlive(subject, 3 * count, 4, 2048);
  const full = await memory();
  await keepAlive(subject, 3 * count, 4, 2048);
  const flat = ((await memory()) - full) / (3 * count);
  return { memory: kept / 1000, memoryBeyondBytes: (kept - exchangeBytes) / 1000, memoryFlat: flat / 1000 };
}

// Head of the origin's answer, body, and the request that asked for it.
const exchangeBytes = 78 + 2048 + 74;

async function timed(
  subject: Subject,
  work: () => Promise<void>,
): Promise<{ readonly seconds: number; readonly cpu: number | undefined }> {
  const cpuBefore = cpuOf(subject);
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const cpuAfter = cpuOf(subject);
  return {
    seconds,
    cpu: cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore,
  };
}

function cpuOf(subject: Subject): number | undefined {
  if (subject.pids.length === 0) return undefined;
  let total = 0;
  for (const pid of subject.pids) {
    const seconds = cpuSeconds(pid);
    if (seconds === undefined) return undefined;
    total += seconds;
  }
  return total;
}

function cost(name: MeasureName, cpu: number | undefined, units: number): Figures {
  return cpu === undefined ? {} : { [name]: cpu / units };
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? NaN;
}

export function median(values: readonly number[]): number {
  const ascending = [...values].sort((left, right) => left - right);
  return quantile(ascending, 0.5);
}
