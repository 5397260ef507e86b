import type { ConnectionId } from '#contract';

/** Whether the certificate check is open, and for which connection. */
export class CertificateState {
  isOpen = $state(false);
  /** Nothing chosen: the newest. */
  connection = $state<ConnectionId>();

  open(connection?: ConnectionId): void {
    this.connection = connection;
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
  }

  /** Another capture knows none of these connections. */
  clear(): void {
    this.connection = undefined;
  }
}
