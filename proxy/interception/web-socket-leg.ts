import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { pairsOf, valuesOf } from './headers.ts';
import type { ImpersonationPlan } from './messages.ts';

export interface WebSocketLegPlan {
  /** The victim's, inside its TLS where it speaks TLS. */
  readonly client: Socket;
  readonly request: IncomingMessage;
  /** What came right behind the request. */
  readonly head: Buffer;
  readonly name: string;
  readonly secure: Pick<NonNullable<ImpersonationPlan['secure']>, 'onward' | 'authority'>;
  readonly idleMilliseconds: number;
  /** Told of the connection to the site before it is used. */
  readonly dialled: (site: TLSSocket) => void;
  /** Ends the victim's connection in a way that nobody takes for an end. */
  readonly reset: () => void;
}

/** Whether a request asks for a WebSocket (RFC 6455, 4.2.1) and for nothing else. */
export function asksForWebSocket({ method, httpVersion, rawHeaders }: IncomingMessage): boolean {
  const protocols = valuesOf(rawHeaders, 'upgrade').map((value) => value.trim().toLowerCase());
  const hasBody = ['content-length', 'transfer-encoding'].some(
    (name) => valuesOf(rawHeaders, name).length > 0,
  );
  return method === 'GET' && httpVersion === '1.1' && !hasBody && protocols.join() === 'websocket';
}

/**
 * Passes the request for a WebSocket on to the site, and from then on everything in both directions as it comes: frames
 * are the two ends' own affair, and the answer too, whether it switches protocols or refuses to.
 */
export function openWebSocketLeg(plan: WebSocketLegPlan): void {
  const { client, request, head, name, secure, idleMilliseconds, dialled, reset } = plan;
  const site = connect({
    ...{ host: '127.0.0.1', port: secure.onward, servername: name, ca: secure.authority },
    ...{ rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] },
  });
  dialled(site);
  const idle = () => {
    site.destroy();
    reset();
  };
  for (const side of [site, client]) side.setTimeout(idleMilliseconds, idle);
  site.on('error', reset);
  client.on('error', () => site.destroy());
  client.once('close', () => site.destroy());
  site.once('close', () => {
    if (!client.writableEnded) reset();
  });
  site.write(headOf(request), 'latin1');
  if (head.length > 0) site.write(head);
  client.pipe(site);
  site.pipe(client);
}

function headOf({ method = 'GET', url = '/', rawHeaders }: IncomingMessage): string {
  const lines = pairsOf(rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
