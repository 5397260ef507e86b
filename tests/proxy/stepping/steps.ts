import type { HeldUnit, Lab, Stepping, SteppingLane } from '#contract';
import { TestViewer } from '../../support/viewer.ts';

/** Presses the buttons of a lab in a process of its own, as a script does. */
export class Steps {
  readonly viewer: TestViewer;
  readonly #lab: Lab;
  #latest: Stepping | undefined;
  #wake: (() => void)[] = [];

  constructor(lab: Lab) {
    this.#lab = lab;
    this.viewer = new TestViewer(lab);
    this.viewer.socket.on('stepping', (stepping) => {
      this.#latest = stepping;
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  /** JSON in and out. A call that nobody waits for any more, since the test has failed, fails unheard. */
  call(
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }> {
    const answer = this.#ask(method, path, body);
    answer.catch(() => undefined);
    return answer;
  }

  async #ask(method: string, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.#lab.dashboard}/api/stepping${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.#lab.token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  async mode(mode: 'live' | 'step', lane?: SteppingLane): Promise<Stepping> {
    return (await this.call('PUT', '', { mode, ...(lane && { lane }) })).body as Stepping;
  }

  async state(): Promise<Stepping> {
    return (await this.call('GET', '')).body as Stepping;
  }

  async next(lane?: SteppingLane): Promise<Stepping> {
    return (await this.call('POST', '/next', lane && { lane })).body as Stepping;
  }

  /** The next unit of a lane, once there is one. */
  async waiting(lane: SteppingLane): Promise<HeldUnit> {
    for (;;) {
      const told = this.#latest;
      const held = (await this.state()).held.find((unit) => unit.lane === lane);
      if (held) return held;
      await this.#changed(told);
    }
  }

  /** Lets unit after unit of a lane through until `work` is done; what each of them was. */
  async until<Answer>(
    lane: SteppingLane,
    work: Promise<Answer>,
  ): Promise<{ units: HeldUnit[]; answer: Answer }> {
    const units: HeldUnit[] = [];
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
      for (const wake of this.#wake.splice(0)) wake();
    });
    // Whoever waits for it below hears of it; nobody does once a step has failed.
    done.catch(() => undefined);
    while (!isDone) {
      const told = this.#latest;
      const held = (await this.state()).held.find((unit) => unit.lane === lane);
      if (held) {
        units.push(held);
        await this.next(lane);
      } else if (!isDone) await Promise.race([this.#changed(told), done]);
    }
    return { units, answer: await done };
  }

  close(): void {
    this.viewer.close();
  }

  /** Resolves once the lab has told of another state than this one, which may be old news by now. */
  async #changed(before: Stepping | undefined): Promise<void> {
    while (this.#latest === before) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }
}
