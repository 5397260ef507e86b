import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { type Authority, createAuthority } from '../../../certs/authority.ts';
import type { ExplicitProxy } from '../../../proxy/interception/explicit-proxy.ts';
import type { ImpersonationPlan, Reading, Sight } from '../../../proxy/interception/messages.ts';
import { startProxy } from './harness.ts';

export const NAME = 'own.test';

/** A site over HTTPS, and a stranger in its place whose CA whoever asks here trusts. */
export interface ImpersonatedSite {
  readonly site: https.Server;
  readonly proxy: ExplicitProxy;
  readonly strangersCa: string;
  readonly readings: Reading[];
  readonly sights: Sight[];
  /** Connections that the site has seen. */
  dials(): number;
  /** A connection to the stranger, once TLS is set up. */
  connect(): Promise<TLSSocket>;
  port(): number;
  /** Ends the stranger's stay, so that all that was read has been told. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function impersonateSite(rewrite?: ImpersonationPlan['rewrite']): Promise<ImpersonatedSite> {
  const [lab, stranger]: Authority[] = await Promise.all([
    createAuthority([NAME]),
    createAuthority([NAME], 'stranger CA'),
  ]);
  if (!lab || !stranger) throw new Error('no authorities');
  const leaf = await lab.issue({ names: [NAME] });
  const forged = await stranger.issue({ names: [NAME] });
  let dials = 0;
  const site = https.createServer({ key: leaf.keyPem, cert: leaf.certificatePem });
  site.on('connection', (socket: Socket) => {
    dials += 1;
    socket.on('error', () => undefined);
  });
  await once(site.listen(0, '127.0.0.1'), 'listening');
  const { proxy } = await startProxy({});
  const readings: Reading[] = [];
  const sights: Sight[] = [];
  const secure = {
    ...{ key: forged.keyPem, certificate: forged.certificatePem, authority: lab.certificatePem },
    onward: (site.address() as AddressInfo).port,
  };
  const impersonation = await proxy.impersonate(
    { name: NAME, port: 443, secure, ...(rewrite && { rewrite }) },
    (reading) => readings.push(reading),
    (sight) => sights.push(sight),
  );
  return {
    ...{ site, proxy, readings, sights, strangersCa: stranger.certificatePem },
    dials: () => dials,
    port: () => impersonation.port,
    async connect() {
      const to = { host: '127.0.0.1', port: impersonation.port, servername: NAME };
      const socket = tls.connect({ ...to, ca: stranger.certificatePem });
      await once(socket, 'secureConnect');
      return socket.on('error', () => undefined);
    },
    stop: () => impersonation.stop(),
    async close() {
      await impersonation.stop();
      await proxy.close();
      site.closeAllConnections();
      site.close();
    },
  };
}

/** All that comes until the connection is over. */
export async function restOf(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
  return Buffer.concat(chunks).toString('latin1');
}

export function textOf(readings: readonly Reading[], direction: Reading['direction']): string {
  return readings
    .filter((reading) => reading.direction === direction && reading.after === undefined)
    .map(({ bytes }) => Buffer.from(bytes, 'base64').toString('latin1'))
    .join('');
}
