import type { Batch, DashboardToServer, Lab, LogEvent, ServerToDashboard } from '#contract';
import { decode } from '@msgpack/msgpack';
import { io, type Socket } from 'socket.io-client';

/** A dashboard without a screen: follows the log over a real socket. */
export class TestViewer {
  readonly socket: Socket<ServerToDashboard, DashboardToServer>;
  readonly events: LogEvent[] = [];
  epoch = 0;
  batches = 0;
  #taken = 0;
  readonly #report: boolean;
  #watchers: (() => void)[] = [];

  constructor(lab: Pick<Lab, 'dashboard' | 'token'>, options: { report?: boolean } = {}) {
    this.#report = options.report ?? true;
    this.socket = io(lab.dashboard, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      // Of hundreds at once on a busy machine the last is let in late, and it does not try again.
      timeout: 90_000,
      extraHeaders: { Authorization: `Bearer ${lab.token}` },
    });
    this.socket.on('connect', () => {
      this.#taken = 0;
      this.socket.emit('follow', { epoch: this.epoch, after: this.events.at(-1)?.seq ?? 0 });
    });
    this.socket.on('batch', (bytes) => this.#take(bytes));
  }

  /** Resolves once `holds` is true of what has arrived. */
  async until(holds: (viewer: TestViewer) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  close(): void {
    this.socket.disconnect();
  }

  #take(bytes: Uint8Array): void {
    const batch = decode(bytes) as Batch;
    if (batch.epoch !== this.epoch) this.events.length = 0;
    this.epoch = batch.epoch;
    this.events.push(...batch.events);
    this.batches += 1;
    this.#taken += bytes.length;
    if (this.#report) this.socket.emit('progress', this.#taken);
    for (const wake of this.#watchers.splice(0)) wake();
  }
}
