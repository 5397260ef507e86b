import type { Lab, LogEvent } from '#contract';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface LabProcess {
  readonly lab: Lab;
  readonly process: ChildProcess;
  /** Everything it printed so far, stdout and stderr. */
  printed(): string;
  /** A call with the token; JSON in and out. One that nobody waits for any more, since the test has failed, fails unheard. */
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  events(after?: number): Promise<LogEvent[]>;
  /** SIGTERM, then waits for the end; gives the exit code. */
  stop(): Promise<number | null>;
}

/** The real program in a process of its own, on free ports, ready when this resolves. */
export async function startLabProcess(args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<LabProcess> {
  // Many labs at once would use up the ports that are tried unless told.
  const proxyPort = env['PLAINSIGHT_PROXY_PORT'] === undefined ? ['--proxy-port', '0'] : [];
  const child = spawn(
    process.execPath,
    [join(root, 'bin/plainsight.mjs'), '--json', '--no-open', '--port', '0', ...proxyPort, ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  // A test that fails before it stops its lab must not leave it running.
  process.once('exit', () => child.kill());
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const lab = await new Promise<Lab>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('\n')) resolve(JSON.parse(stdout.split('\n', 1)[0] ?? '') as Lab);
    });
    child.once('exit', (code) => reject(new Error(`the lab ended with ${code}: ${stderr}`)));
  });

  const ask: LabProcess['call'] = async (method, path, body) => {
    const response = await fetch(lab.dashboard + path, {
      method,
      headers: { Authorization: `Bearer ${lab.token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const call: LabProcess['call'] = (...request) => {
    const answer = ask(...request);
    answer.catch(() => undefined);
    return answer;
  };

  return {
    lab,
    process: child,
    printed: () => stdout + stderr,
    call,
    async events(after = 0) {
      const response = await fetch(`${lab.dashboard}/api/events?after=${after}`, {
        headers: { Authorization: `Bearer ${lab.token}` },
      });
      const lines = (await response.text()).split('\n').filter((line) => line !== '');
      return lines.map((line) => {
        const event = JSON.parse(line) as Record<string, unknown>;
        if (typeof event['bytes'] === 'string')
          event['bytes'] = new Uint8Array(Buffer.from(event['bytes'], 'base64'));
        return event as unknown as LogEvent;
      });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit') as Promise<[number | null]>;
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}

/** The bytes of one direction of one connection, put together from the log; throws on a hole. */
export function capturedBytes(events: readonly LogEvent[], connection: number, direction: string): Buffer {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const event of events) {
    if (event.type !== 'bytes-captured' || event.connection !== connection || event.direction !== direction)
      continue;
    if (event.offset !== offset)
      throw new Error(`a hole at ${offset}: the next chunk begins at ${event.offset}`);
    chunks.push(event.bytes);
    offset += event.bytes.length;
  }
  return Buffer.concat(chunks);
}
