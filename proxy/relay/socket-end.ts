import type { Socket } from 'node:net';

const nothing = Buffer.alloc(0);

/**
 * Calls `proceed` because `from` has ended, unless it turns out to have been reset.
 *
 * libuv reports a reset that arrives right behind data as a plain end of stream (it takes POLLHUP after a
 * partial read for one). Passed on as an end it would make a cut-off message look complete. A write finds out:
 * on a connection that was reset even an empty one fails, and the socket's `error` event tells of it. Where
 * our own side has ended already nothing can be written, and the reset stays an end.
 */
export function whenSurelyEnded(from: Socket, proceed: () => void): void {
  const unlessReset = (): void => {
    if (from.errored === null) proceed();
  };
  if (from.destroyed || from.writableEnded) {
    unlessReset();
  } else if (from.writableLength > 0) {
    // The pending write finds out by itself, within the same round of the event loop.
    setImmediate(unlessReset);
  } else {
    from.write(nothing, (error) => {
      if (!error) unlessReset();
    });
  }
}

/** Resets the connection as soon as what was written to it has been handed to the system. */
export function resetWhenWritten(socket: Socket): void {
  if (socket.destroyed) return;
  const reset = (): void => {
    socket.resetAndDestroy();
  };
  if (socket.connecting || socket.writableFinished) resetNow(socket);
  // Between the end that was asked for and the end that was sent, libuv refuses a reset.
  else if (socket.writableEnded) socket.once('finish', reset);
  else if (socket.writableLength > 0) socket.write(nothing, reset);
  else reset();
}

/** Resets the connection and drops what was not yet written. */
export function resetNow(socket: Socket): void {
  if (socket.destroyed) return;
  const ending = socket.writableEnded && !socket.writableFinished;
  if (socket.connecting || ending) socket.destroy();
  else socket.resetAndDestroy();
}
