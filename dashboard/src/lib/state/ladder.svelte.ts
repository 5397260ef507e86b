import type { ConnectionId } from '#contract';

/** What stands beside what: the crossings of the newest login, two versions of TLS, or what somebody chose. */
export type LadderMode = 'login' | 'versions' | 'own';
export type LadderSide = 'left' | 'right';
export type LadderPair = Readonly<Partial<Record<LadderSide, ConnectionId>>>;

/** Whether the ladders are open, and of which connections. */
export class LadderState {
  isOpen = $state(false);
  mode = $state<LadderMode>('login');
  /** Chosen by hand; counts in mode `own`. */
  own = $state.raw<LadderPair>({});

  open(): void {
    this.isOpen = true;
  }

  /** Opens with these connections. */
  show(pair: LadderPair): void {
    this.own = pair;
    this.mode = 'own';
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
  }

  compare(mode: 'login' | 'versions'): void {
    this.mode = mode;
  }

  /** Puts a connection on a side; `shown` is what stands there by now, and the other side keeps it. */
  choose(side: LadderSide, connection: ConnectionId, shown: LadderPair): void {
    this.own = { ...shown, [side]: connection };
    this.mode = 'own';
  }

  /** Another capture knows none of these connections. */
  clear(): void {
    this.mode = 'login';
    this.own = {};
  }
}
