import type { Authority } from '../../certs/authority.ts';
import { PatientServer } from '../certificate-hosts/patient-server.ts';
import { Listener } from '../listener.ts';
import { type PiggyPay, SERVER_LIMITS } from '../piggypay/piggypay.ts';
import type { PortPair } from '../ports.ts';
import type { Report } from '../told.ts';
import { type Handled, HandledOverHttps } from './handled.ts';
import { BANK_HOSTS, type BankHost } from './hosts.ts';
import { redirectToHttps } from './redirect.ts';

export interface BanksOptions {
  readonly authority: Pick<Authority, 'issue'>;
  /** Whose pages and logins the banks serve over HTTPS, and who counts those requests. */
  readonly site: Pick<PiggyPay, 'serve'>;
  /** Told of the handshakes and of the redirects; of other requests and of logins the site tells. */
  readonly report: Report;
}

export interface RunningBank extends BankHost {
  readonly httpPort: number;
  readonly httpsPort: number;
  handled(): Handled;
  /** PEM of the key that its certificate is about; made now where nobody has visited it yet. */
  privateKey(): Promise<string>;
  /** Those of the connections that are open over HTTPS now. */
  ports(): readonly PortPair[];
}

export interface Banks {
  readonly hosts: readonly RunningBank[];
  /** Back to as it was at the start: nothing is counted, no connection is open. */
  reset(): void;
  close(): Promise<void>;
}

/** Starts the banks on 127.0.0.1: over HTTP a redirect, over HTTPS a site with a login. */
export async function startBanks(options: BanksOptions): Promise<Banks> {
  const listeners: Listener[] = [];
  const counts: { reset(): void }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    const hosts = await Promise.all(BANK_HOSTS.map((host) => start(host)));
    return {
      hosts,
      reset: () => {
        for (const listener of listeners) listener.dropConnections();
        for (const count of counts) count.reset();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }

  async function start(host: BankHost): Promise<RunningBank> {
    const redirecting = redirectToHttps(host.name, options.report);
    const handled = new HandledOverHttps();
    const secureServer = serverOf(host, handled, options);
    const [plain, secure] = [new Listener(redirecting.server), new Listener(secureServer)];
    secure.reportHandshakes(options.report);
    listeners.push(plain, secure);
    counts.push(redirecting.count, handled);
    const [httpPort, httpsPort] = await Promise.all([plain.listen(0), secure.listen(0)]);
    return {
      ...host,
      ...{ httpPort, httpsPort },
      handled: () => ({
        ...{ overHttp: redirecting.count.handled, overHttps: handled.requests, logins: handled.logins },
      }),
      privateKey: async () => (await secureServer.secrets()).key,
      ports: () => secure.ports,
    };
  }
}

function serverOf(
  { name, strictTransport }: BankHost,
  handled: HandledOverHttps,
  { authority, site }: BanksOptions,
): PatientServer {
  const server = new PatientServer({ ...SERVER_LIMITS, ALPNProtocols: ['http/1.1'] }, async () => {
    const { keyPem, certificatePem } = await authority.issue({ names: [name] });
    return { key: keyPem, cert: certificatePem, minVersion: 'TLSv1.2' };
  });
  handled.count(server);
  if (strictTransport !== undefined)
    server.on('request', (_request, response) =>
      response.setHeader('Strict-Transport-Security', strictTransport),
    );
  site.serve(server);
  return server;
}
