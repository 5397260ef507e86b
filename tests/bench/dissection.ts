import { Command } from 'commander';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionId, LogEvent } from '#contract';
import { explainMessage } from '#folds/explain.ts';
import { WireConnection } from '#folds/wire-connection.ts';
import { captureFile } from '../../proxy/pcapng/capture-file.ts';
import { cpuSeconds } from './cpu.ts';
import { beginning, labCapture, type Part } from './lab-capture.ts';
import { median } from './measures.ts';

/** How fast something was done, by the clock and by what it cost. */
interface Speed {
  readonly megabytesPerSecond: number;
  readonly megabytesPerCpuSecond: number;
  readonly messagesPerSecond?: number;
}

interface Row {
  readonly what: string;
  readonly bytes: number;
  readonly speed: Speed | undefined;
}

const flags = new Command('bench dissection')
  .description(
    'Measures how fast a capture of 56 MB is dissected, to summaries and to full labelled trees, next to tshark on the\n' +
      'same bytes in the same run. Prints medians; trust ratios within one run.',
  )
  .option('--rounds <n>', 'rounds; 5 are the least that a median should rest on', '5')
  .option('--json', 'print JSON')
  .parse()
  .opts<{ readonly rounds: string; readonly json?: boolean }>();

const rounds = Number(flags.rounds);
// The compiler needs to see the code at work, and that does not count.
const warmUps = 4;
const parts = await labCapture();
const whole: Part = {
  name: 'all of it',
  bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
  events: parts.flatMap(({ events }) => events),
};

const rows: Row[] = [whole, ...parts].flatMap((part) => [
  { what: `summaries: ${part.name}`, bytes: part.bytes, speed: measured(part, () => summarize(part.events)) },
  { what: `full trees: ${part.name}`, bytes: part.bytes, speed: measured(part, () => explain(part.events)) },
]);
const witness = tsharkSpeed(whole);
for (const [name, speed] of Object.entries(witness)) rows.push({ what: name, bytes: whole.bytes, speed });
console.log(flags.json ? JSON.stringify({ rounds, node: process.version, rows }) : table(rows));

/** Cuts everything into messages with titles; returns how many. */
function summarize(events: readonly LogEvent[]): number {
  let messages = 0;
  eachConnection(events, (connection) => (messages += connection.messages.length));
  return messages;
}

/** The same, with the whole labelled tree of every message. */
function explain(events: readonly LogEvent[]): number {
  let messages = 0;
  eachConnection(events, (connection) => {
    for (const message of connection.messages) {
      if (explainMessage(message).field.range.end > 0) messages += 1;
    }
  });
  return messages;
}

/** Follows connections and forgets each when it is over, as one does who reads through a file. */
function eachConnection(events: readonly LogEvent[], done: (connection: WireConnection) => void): void {
  const open = new Map<ConnectionId, WireConnection>();
  let order = 0;
  const nextOrder = (): number => order++;
  for (const event of events) {
    if (event.type === 'connection-opened') open.set(event.connection, new WireConnection(event));
    else if (event.type === 'bytes-captured') open.get(event.connection)?.capture(event, nextOrder);
    else if (event.type === 'connection-closed') {
      const connection = open.get(event.connection);
      if (!connection) continue;
      connection.close(event, nextOrder);
      done(connection);
      open.delete(event.connection);
    }
  }
}

function measured({ bytes, name }: Part, work: () => number): Speed {
  const seconds: number[] = [];
  const cpu: number[] = [];
  let messages = 0;
  for (let round = -warmUps; round < rounds; round += 1) {
    const start = performance.now();
    const cpuStart = process.cpuUsage();
    messages = work();
    const { user, system } = process.cpuUsage(cpuStart);
    if (round < 0) continue;
    seconds.push((performance.now() - start) / 1000);
    cpu.push((user + system) / 1e6);
  }
  console.error(`${name}: ${messages} messages`);
  const took = median(seconds);
  return {
    megabytesPerSecond: bytes / 1e6 / took,
    megabytesPerCpuSecond: bytes / 1e6 / median(cpu),
    messagesPerSecond: messages / took,
  };
}

/** The same bytes as a pcapng file, with headers around them, which are not counted. */
function tsharkSpeed({ events, bytes }: Part): Readonly<Record<string, Speed>> {
  if (spawnSync('tshark', ['-v']).status !== 0) {
    console.error('tshark is not installed and not measured');
    return {};
  }
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-bench-'));
  try {
    const file = join(folder, 'capture.pcapng');
    writeFileSync(file, Buffer.concat([...captureFile([beginning(), ...events])]));
    console.error(`a file of ${(statSync(file).size / 1e6).toFixed(1)} MB`);
    const fields = [
      'tls.record.content_type',
      'tls.handshake.type',
      'http.request.uri',
      'http.response.code',
    ];
    const speed = (args: readonly string[]): Speed => {
      const start = performance.now();
      const cpuStart = cpuSeconds(process.pid) ?? NaN;
      const { status, stderr } = spawnSync('tshark', ['-r', file, '-n', ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      if (status !== 0) throw new Error(`tshark: ${String(stderr)}`);
      return {
        megabytesPerSecond: bytes / 1e6 / ((performance.now() - start) / 1000),
        megabytesPerCpuSecond: bytes / 1e6 / ((cpuSeconds(process.pid) ?? NaN) - cpuStart),
      };
    };
    return {
      'tshark summaries': speed([]),
      'tshark -T fields': speed(['-T', 'fields', ...fields.flatMap((field) => ['-e', field])]),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function table(all: readonly Row[]): string {
  const head = ['', 'bytes', 'MB/s', 'MB/CPU s', 'messages/s'];
  const cells = all.map(({ what, bytes, speed }) => [
    what,
    `${(bytes / 1e6).toFixed(1)} MB`,
    speed?.megabytesPerSecond.toFixed(1) ?? '–',
    speed?.megabytesPerCpuSecond.toFixed(1) ?? '–',
    speed?.messagesPerSecond?.toFixed(0) ?? '',
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return [head, ...cells].map(line).join('\n');
}
