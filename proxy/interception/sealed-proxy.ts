import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Proxy } from 'http-mitm-proxy';

export type Context = Parameters<Proxy['_onRequest']>[0];
export type Next = Parameters<Proxy['_onRequest']>[1];

/**
 * http-mitm-proxy with the entrances shut that cannot be made safe: none of the code behind them ever runs, whatever
 * is sent and whoever calls. What is left of it carries one HTTP request that somebody else has accepted.
 */
export class SealedProxy extends Proxy {
  // The library's would make a folder with a CA in it, choke on one of another kind, and hang on a busy port.
  override listen(): never {
    throw new Error('the engine is opened with open()');
  }

  // The rest of the library's CONNECT: it dials 0.0.0.0, or makes a server for whatever name was asked for.
  override _onHttpServerConnectData(_request: IncomingMessage, socket: Duplex): void {
    socket.destroy();
  }

  // File names made from what the wire says: there are none.
  override onCertificateRequired(_host: string, callback: (error: Error, files: never) => void): void {
    callback(new Error('no certificates here'), undefined as never);
  }

  override onCertificateMissing(_context: unknown, _files: unknown, callback: (error: Error) => void): void {
    callback(new Error('no certificates here'));
  }

  override _createHttpsServer(): never {
    throw new Error('no TLS server here');
  }

  // Reads the target's port out of Host, and ends the process when there is none.
  override _onWebSocketServerConnect(_isTls: boolean, socket: { terminate(): void }): void {
    socket.terminate();
  }
}
