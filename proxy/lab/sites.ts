import type { Authority } from '../../certs/authority.ts';
import { type RunningBank, startBanks } from '../../demo-sites/bank-redirect/banks.ts';
import { startCertificateHosts } from '../../demo-sites/certificate-hosts/certificate-hosts.ts';
import { type PiggyPay, startPiggyPay } from '../../demo-sites/piggypay/piggypay.ts';
import { startHttpsResolver } from '../../demo-sites/resolver/over-https.ts';
import { startResolver } from '../../demo-sites/resolver/over-udp.ts';
import type { VictimHost } from '#contract';
import type { PortPair } from '../capture/port-pair.ts';
import { type OwnRoute, victimHosts } from '../routes.ts';
import type { SiteWord } from '../site-events.ts';
import type { Closers } from './closers.ts';

export const SITE_NAME = 'piggypay.test';
export const RESOLVER_NAME = 'resolver.test';

export interface SitesOptions {
  readonly authority: Authority;
  /** The user's own, which are looked up like the lab's. */
  readonly routes: readonly OwnRoute[];
  /** Hears of the site itself and of the resolver. */
  readonly hear: (word: SiteWord) => void;
  /** Hears of the hosts whose certificates are refused, as they are to be. */
  readonly hearHosts: (word: SiteWord) => void;
  readonly closers: Closers;
}

/** Everything that is visited: PiggyPay, the hosts with something about their certificates, the banks, the resolver. */
export interface Sites {
  readonly site: PiggyPay;
  /** The site's own certificate and key (PEM). */
  readonly leaf: { readonly keyPem: string; readonly certificatePem: string };
  /** Where all of it listens, in the order of the routes. */
  readonly own: readonly OwnRoute[];
  /** Sites that lead from HTTP to HTTPS. */
  readonly banks: readonly RunningBank[];
  readonly resolverPort: number;
  /** Where the victim can log in. */
  readonly hosts: readonly VictimHost[];
  /** PKCS #8 PEM of a host's key; undefined where there is no such host. */
  privateKeyOf(host: string): Promise<string | undefined>;
  /** Those of the connections that are open at a host over HTTPS. */
  portsAt(host: string): readonly PortPair[] | undefined;
  /** Back to as it was at the start. */
  reset(): Promise<void>;
}

/** Starts all of them on 127.0.0.1. */
export async function startSites(options: SitesOptions): Promise<Sites> {
  const { authority, routes, hear, hearHosts, closers } = options;
  const leaf = await authority.issue({ names: [SITE_NAME] });
  const site = await startPiggyPay({
    tls: { key: leaf.keyPem, cert: leaf.certificatePem },
    report: hear,
  });
  closers.add(() => site.close());
  const certificateHosts = await startCertificateHosts({ authority, site, report: hearHosts });
  closers.add(() => certificateHosts.close());
  const banks = await startBanks({ authority, site, report: hearHosts });
  closers.add(() => banks.close());
  const others = [...certificateHosts.hosts, ...banks.hosts];
  const hostOf = (host: string) => others.find(({ name }) => name === host);
  const names = new Map(
    [{ name: SITE_NAME }, { name: RESOLVER_NAME }, ...others, ...routes].map(({ name }) => [
      name,
      '127.0.0.1',
    ]),
  );
  const resolverLeaf = await authority.issue({ names: [RESOLVER_NAME] });
  const httpsResolver = await startHttpsResolver({
    tls: { key: resolverLeaf.keyPem, cert: resolverLeaf.certificatePem },
    names,
    report: hear,
  });
  closers.add(() => httpsResolver.close());
  const resolver = await startResolver({ names });
  closers.add(() => resolver.close());
  const address = '127.0.0.1';
  return {
    site,
    leaf,
    own: [
      { name: SITE_NAME, port: 80, address, addressPort: site.httpPort },
      { name: SITE_NAME, port: 443, address, addressPort: site.httpsPort },
      { name: RESOLVER_NAME, port: 443, address, addressPort: httpsResolver.port },
      ...certificateHosts.hosts.map(({ name, port }) => ({ name, port: 443, address, addressPort: port })),
      ...banks.hosts.flatMap(({ name, httpPort, httpsPort }) => [
        { name, port: 80, address, addressPort: httpPort },
        { name, port: 443, address, addressPort: httpsPort },
      ]),
    ],
    banks: banks.hosts,
    resolverPort: resolver.port,
    hosts: victimHosts(
      SITE_NAME,
      others.map((host) => ({ isGood: true, ...host })),
    ),
    privateKeyOf: async (host) => (host === SITE_NAME ? leaf.keyPem : hostOf(host)?.privateKey()),
    portsAt: (host) => (host === SITE_NAME ? site.securePorts() : hostOf(host)?.ports()),
    async reset() {
      await site.reset();
      httpsResolver.dropConnections();
      certificateHosts.dropConnections();
      banks.reset();
    },
  };
}
