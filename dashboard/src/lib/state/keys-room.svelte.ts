import type { ConnectionId } from '#contract';

export type KeysTab = 'key-origin' | 'ledger' | 'experiments' | 'key-pairs' | 'stolen-key';

/** Whether the room of the keys is open, at which tab, and whose keys are looked at. */
export class KeysRoomState {
  isOpen = $state(false);
  tab = $state<KeysTab>('key-origin');
  /** Nothing chosen: the newest. */
  connection = $state<ConnectionId>();

  /** Where it was left; `connection` goes to where the keys of that one come from. */
  open(connection?: ConnectionId): void {
    if (connection !== undefined) {
      this.connection = connection;
      this.tab = 'key-origin';
    }
    this.isOpen = true;
  }

  show(tab: KeysTab): void {
    this.tab = tab;
  }

  choose(connection: ConnectionId): void {
    this.connection = connection;
  }

  close(): void {
    this.isOpen = false;
  }

  /** Another capture knows none of these connections. */
  clear(): void {
    this.connection = undefined;
  }
}
