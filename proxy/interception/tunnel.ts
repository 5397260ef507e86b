import type { RefusalReason } from '#contract';
import { connect, type Socket } from 'node:net';
import { resetNow, resetWhenWritten, whenSurelyEnded } from '../relay/socket-end.ts';
import { readFirstWords, type FirstWords } from './first-words.ts';
import type { EngineLimits, EngineRoute, Refusal } from './messages.ts';
import { refusalText } from './refusal-text.ts';

export interface TunnelPlan {
  readonly client: Socket;
  /** What came right behind the CONNECT request. */
  readonly head: Buffer;
  readonly route: EngineRoute;
  readonly limits: EngineLimits;
  readonly refused: (refusal: Omit<Refusal, 'target'>) => void;
}

// A fatal alert, unrecognized_name (RFC 6066, 3; RFC 8446, 6.2), in a record of its own.
const unrecognizedName = Buffer.from('15030300020270', 'hex');
// A ClientHello is at most a few kilobytes; post-quantum key shares and padding included.
const longestFirstWords = 64 << 10;

/**
 * Answers a CONNECT and carries its bytes to the relay's door, untouched. Before the first of them goes on, the name
 * they say (a ClientHello's server name, an HTTP request's Host) must be the one that was asked for: later requests
 * on the same connection are the site's own affair, as they are without a proxy.
 */
export function openTunnel({ client, head, route, limits, refused }: TunnelPlan): void {
  const authority = `${route.name}:${route.port}`;
  let held = head;
  let site: Socket | undefined;
  client.on('error', () => site && resetWhenWritten(site));
  client.once('close', () => {
    // What was ended in order may still be on its way.
    if (site && !site.writableEnded) resetNow(site);
  });
  client.setTimeout(limits.idleMilliseconds, () => {
    resetNow(client);
    if (site) resetNow(site);
  });
  const patience = setTimeout(() => refuse('too-slow'), limits.headerMilliseconds);
  client.once('close', () => clearTimeout(patience));
  client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  // On these ports the client speaks first, and what it says decides whether anything is dialled at all.
  if (route.port !== 80 && route.port !== 443) site = dial();
  client.on('data', listen);
  client.on('end', leave);
  judge();

  function listen(chunk: Buffer): void {
    held = Buffer.concat([held, chunk]);
    judge();
  }

  function judge(): void {
    const words = readFirstWords(held, authority);
    const isTooLong = held.length > (isTls(held) ? longestFirstWords : limits.headerBytes);
    if (words === 'incomplete' && !isTooLong) return;
    if (words === 'incomplete' || words === 'malformed') refuse('malformed', words);
    else {
      const other = words.names.find((name) => name !== authority);
      if (other === undefined) goOn();
      else refuse('names-disagree', words, other);
    }
  }

  function goOn(): void {
    stopListening();
    const to = (site ??= dial());
    if (held.length > 0) to.write(held);
    client.pipe(to, { end: false });
    client.on('end', () => whenSurelyEnded(client, () => to.end()));
  }

  function refuse(reason: RefusalReason, words: FirstWords = 'incomplete', name?: string): void {
    stopListening();
    const isHttp = typeof words === 'object' && words.protocol === 'http';
    // Inside an answer of the site a second one would be read as part of it.
    const isSilent = reason === 'too-slow' || (site?.bytesRead ?? 0) > 0;
    const status = isHttp && !isSilent ? 421 : undefined;
    refused({
      reason,
      ...(status === undefined ? {} : { status }),
      ...(name === undefined ? {} : { name }),
    });
    if (site) resetNow(site);
    if (isSilent) resetNow(client);
    else if (status !== undefined) client.end(refusalText(status, reason));
    else if (isTls(held)) client.end(unrecognizedName);
    else client.end();
    // Read on until the client has taken in why, so that what it still sends does not turn the answer into a reset.
    client.resume();
    client.setTimeout(limits.headerMilliseconds);
  }

  // Half a ClientHello and then the end: there is nothing to judge, and so nothing goes on.
  function leave(): void {
    stopListening();
    if (site) resetNow(site);
    client.end();
  }

  function stopListening(): void {
    clearTimeout(patience);
    client.pause();
    client.off('data', listen);
    client.off('end', leave);
  }

  function dial(): Socket {
    const dialled = connect({ host: '127.0.0.1', port: route.listen, allowHalfOpen: true, noDelay: true });
    dialled.on('error', () => resetWhenWritten(client));
    dialled.on('end', () => whenSurelyEnded(dialled, () => client.end()));
    dialled.once('close', () => {
      if (!client.writableEnded) resetNow(client);
    });
    dialled.pipe(client, { end: false });
    return dialled;
  }
}

function isTls(bytes: Buffer): boolean {
  return bytes[0] === 0x16;
}
