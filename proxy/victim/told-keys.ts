import type { TLSSocket } from 'node:tls';

/** Tells each line of a connection's key log, as a browser writes it to its SSLKEYLOGFILE, without the line's end. */
export function tellKeys(socket: TLSSocket, tell: (line: string) => void): void {
  socket.on('keylog', (line: Buffer) => {
    tell(line.toString('latin1').trimEnd());
  });
}
