import type { ExperimentProgress } from '#contract';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createAuthority } from '../../../certs/authority.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { acceptedPorts } from '../../../proxy/capture/port-pair.ts';
import type { ExperimentContext, ExperimentLab } from '../../../proxy/experiments/experiment.ts';
import { createRelay } from '../../../proxy/relay/relay.ts';

export interface SiteOfATest {
  /** Called when a connection has ended, before the next begins. */
  readonly ended?: (site: { setTicketKeys(keys: Buffer): void; logOut(): void }) => void;
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Whether it waits for another call on the same connection. */
  readonly keepsAlive?: boolean;
  /** Whether the site tells the keys of its end. */
  readonly tellsKeys?: boolean;
}

export interface OwnLab {
  readonly context: ExperimentContext;
  readonly told: Omit<ExperimentProgress, 'id'>[];
  close(): Promise<void>;
}

/** A log, a relay and a site that misbehaves as a test wants, under whatever name an experiment asks for. */
export async function openOwnLab(
  site: SiteOfATest = {},
  signal = new AbortController().signal,
): Promise<OwnLab> {
  const authority = await createAuthority();
  const { keyPem, certificatePem } = await authority.issue({ names: ['piggypay.test', 'tls12.test'] });
  let isLoggedIn = true;
  const { maxVersion = 'TLSv1.3', ended, tellsKeys = true, keepsAlive = true } = site;
  const server = createServer(
    { key: keyPem, cert: certificatePem, maxVersion, keepAliveTimeout: 60_000 },
    (request, response) => {
      if (!keepsAlive) response.setHeader('Connection', 'close');
      response.statusCode = isLoggedIn ? 200 : 401;
      response.end(JSON.stringify(request.method === 'POST' ? { token: 'a-token' } : {}));
    },
  );
  const open = new Set<Socket>();
  const log = new CaptureLog();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      ended?.({ setTicketKeys: (keys) => server.setTicketKeys(keys), logOut: () => (isLoggedIn = false) });
    });
  });
  if (tellsKeys)
    server.on('keylog', (line: Buffer, socket) => {
      const connection = log.connectionOfUpstreamPorts(acceptedPorts(socket));
      if (connection === undefined) return;
      log.append({ type: 'secrets-logged', vantage: 'site', connection, line: line.toString().trimEnd() });
    });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay = createRelay(log);
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const route = { name: 'piggypay.test', port: 443, tls: true, address: target };
  const door = await relay.open(route, 'scripted-victim');
  log.begin({ routes: [] });

  const told: Omit<ExperimentProgress, 'id'>[] = [];
  const lab: ExperimentLab = {
    log,
    door: () => door,
    authorityPem: authority.certificatePem,
    persona: { name: 'Nobody', mobile: '1', password: '2' },
    connectionOf: (ports) => log.connectionOfClientPorts(ports),
    privateKeyOf: () => Promise.resolve(keyPem),
    openAt: () => [...open].flatMap((socket) => log.connectionOfUpstreamPorts(acceptedPorts(socket)) ?? []),
    cut: (connection) => relay.drop(connection),
    isStepping: () => false,
  };
  const progress: ExperimentContext['progress'] = (done, doing) => void told.push({ done, doing });
  return {
    context: { lab, signal, progress },
    told,
    async close() {
      await relay.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
