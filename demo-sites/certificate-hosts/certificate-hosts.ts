import type { Authority } from '../../certs/authority.ts';
import { Listener } from '../listener.ts';
import { type PiggyPay, SERVER_LIMITS } from '../piggypay/piggypay.ts';
import type { PortPair } from '../ports.ts';
import type { Report } from '../told.ts';
import { CERTIFICATE_HOSTS, type CertificateHost } from './hosts.ts';
import { makeCertificate } from './make-certificate.ts';
import { PatientServer } from './patient-server.ts';

export interface CertificateHostsOptions {
  readonly authority: Pick<Authority, 'issue'>;
  /** Whose pages and logins the hosts serve, and who counts their requests. */
  readonly site: Pick<PiggyPay, 'serve'>;
  /** Told of the handshakes; of requests and logins the site tells. */
  readonly report: Report;
}

export interface RunningHost extends CertificateHost {
  readonly port: number;
  /** PEM of the key that its certificate is about; made now where nobody has visited it yet. */
  privateKey(): Promise<string>;
  /** Those of the connections that are open now. */
  ports(): readonly PortPair[];
}

export interface CertificateHosts {
  readonly hosts: readonly RunningHost[];
  dropConnections(): void;
  close(): Promise<void>;
}

/** Starts a server on 127.0.0.1 for each of the hosts. Each makes its certificate when it is first visited. */
export async function startCertificateHosts(options: CertificateHostsOptions): Promise<CertificateHosts> {
  const listeners: Listener[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    const hosts = await Promise.all(
      CERTIFICATE_HOSTS.map(async (host) => {
        const server = serverOf(host, options);
        const listener = new Listener(server);
        listener.reportHandshakes(options.report);
        listeners.push(listener);
        return {
          ...host,
          port: await listener.listen(0),
          privateKey: async () => (await server.secrets()).key,
          ports: () => listener.ports,
        };
      }),
    );
    return {
      hosts,
      dropConnections: () => {
        for (const listener of listeners) listener.dropConnections();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function serverOf(host: CertificateHost, { authority, site }: CertificateHostsOptions): PatientServer {
  const { name, certificate, speaks } = host;
  const server = new PatientServer({ ...SERVER_LIMITS, ALPNProtocols: ['http/1.1'] }, async () => {
    const { keyPem, certificatePem } = await makeCertificate(authority, certificate, name);
    return { key: keyPem, cert: certificatePem, ...speaks };
  });
  site.serve(server);
  return server;
}
