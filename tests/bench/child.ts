import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Sends a message and resolves with the next one that comes back. */
  ask(message: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts one of the files beside this one in a process of its own, with an IPC channel. */
export function startChild(file: string, args: readonly string[] = []): Child {
  return supervise(
    spawn(process.execPath, ['--expose-gc', '--import', 'tsx', join(import.meta.dirname, file), ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
}

export function supervise(child: ChildProcess): Child {
  const { pid } = child;
  if (pid === undefined) throw new Error(`${child.spawnfile} did not start`);
  const killChild = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killChild);
  return {
    process: child,
    pid,
    async ask(message) {
      const answer = once(child, 'message');
      child.send(message as object);
      return ((await answer) as [unknown])[0];
    },
    async stop() {
      process.off('exit', killChild);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
