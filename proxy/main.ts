import type { BrowserStatus, ChatAnswer, ConnectionId, Lab, LoginAnswer } from '#contract';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../certs/authority.ts';
import { openPrivateFolder } from '../certs/private-folder.ts';
import { startCertificateHosts } from '../demo-sites/certificate-hosts/certificate-hosts.ts';
import { PERSONA } from '../demo-sites/piggypay/persona.ts';
import { startPiggyPay } from '../demo-sites/piggypay/piggypay.ts';
import { startHttpsResolver } from '../demo-sites/resolver/over-https.ts';
import { startResolver } from '../demo-sites/resolver/over-udp.ts';
import { untilClosed } from './capture/closing.ts';
import { CaptureLog } from './capture/log.ts';
import { openerOf } from './capture/openers.ts';
import { openDoors, type Doors } from './doors.ts';
import { FindingsReader } from './feed/findings.ts';
import { startFeed, type Feed } from './feed/server.ts';
import { createRelay } from './relay/relay.ts';
import { openUdpTap } from './relay/udp-tap.ts';
import { RouteError, type OwnRoute, victimHosts } from './routes.ts';
import { asEvent, type SiteWord } from './site-events.ts';
import { Stepper } from './stepping/stepper.ts';
import { DemoBrowser } from './victim/browser.ts';
import { findBrowser } from './victim/find-browser.ts';
import { patienceWhile } from './victim/patience.ts';
import { ScriptedVictim } from './victim/scripted.ts';

export interface LabOptions {
  readonly port: number;
  readonly strictPort: boolean;
  readonly browser: string | undefined;
  readonly routes: readonly OwnRoute[];
}

export interface RunningLab {
  readonly lab: Lab;
  /** Ends everything in order and removes what was temporary. */
  close(): Promise<void>;
  /** The same in no time, for the end of the process: the browser and all private files. */
  abandon(): void;
}

const siteName = 'piggypay.test';
const resolverName = 'resolver.test';
const root = join(import.meta.dirname, '..');

/** Puts the lab together: the only place that knows all its parts. */
export async function startLab(options: LabOptions): Promise<RunningLab> {
  const folder = await openPrivateFolder();
  const closers: (() => unknown)[] = [
    () => {
      folder.remove();
    },
  ];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await compose();
  } catch (error) {
    await close();
    throw error;
  }

  async function compose(): Promise<RunningLab> {
    const authority = await createAuthority();
    const ca = await folder.write('plainsight-lab-ca.pem', authority.certificatePem);
    const leaf = await authority.issue({ names: [siteName] });

    const log = new CaptureLog();
    // The feed comes last, and those before it speak through it.
    const parts: { feed?: Feed } = {};
    const site = await startPiggyPay({
      tls: { key: leaf.keyPem, cert: leaf.certificatePem },
      report: hearSite,
    });
    closers.push(() => site.close());
    const certificateHosts = await startCertificateHosts({ authority, site, report: note });
    closers.push(() => certificateHosts.close());
    const names = new Map(
      [{ name: siteName }, { name: resolverName }, ...certificateHosts.hosts, ...options.routes].map(
        ({ name }) => [name, '127.0.0.1'],
      ),
    );
    const resolverLeaf = await authority.issue({ names: [resolverName] });
    const httpsResolver = await startHttpsResolver({
      tls: { key: resolverLeaf.keyPem, cert: resolverLeaf.certificatePem },
      names,
      report: hearSite,
    });
    closers.push(() => httpsResolver.close());

    const stepper = new Stepper(log, () => parts.feed?.viewers.noteStepping());
    const relay = createRelay(log, { gate: stepper });
    closers.push(() => relay.close());
    const doors: Doors[] = [];
    for (const own of [
      { name: siteName, port: 80, address: '127.0.0.1', addressPort: site.httpPort },
      { name: siteName, port: 443, address: '127.0.0.1', addressPort: site.httpsPort },
      { name: resolverName, port: 443, address: '127.0.0.1', addressPort: httpsResolver.port },
      ...certificateHosts.hosts.map(({ name, port }) => {
        return { name, port: 443, address: '127.0.0.1', addressPort: port };
      }),
      ...options.routes,
    ]) {
      if (doors.some(({ route }) => route.name === own.name && route.port === own.port))
        throw new RouteError(`${own.name}:${own.port} is there already: it is a site of the lab.`);
      doors.push(await openDoors(relay, own));
    }
    const routes = doors.map(({ route }) => route);
    const doorFor = (name: string, port: number) =>
      doors.find(({ route }) => route.name === name && route.port === port);

    const resolver = await startResolver({ names });
    closers.push(() => resolver.close());
    const resolverTap = await openUdpTap(log, {
      name: resolverName,
      port: 53,
      targetPort: resolver.port,
      opener: 'scripted-victim',
    });
    closers.push(() => resolverTap.close());

    const victim = new ScriptedVictim({
      resolverPort: resolverTap.port,
      authorityPem: authority.certificatePem,
      resolverName,
      door: (name, port) => doorFor(name, port)?.ports['scripted-victim'],
      connectionOf: (localPort) => log.connectionOfClientPort(localPort),
      patience: patienceWhile(() => stepper.isStepping),
      entered: (kind, value) => log.append({ type: 'secret-entered', vantage: 'victim', kind, value }),
      certificateReceived: (received) =>
        log.append({
          ...{ type: 'certificate-received', vantage: 'victim', trusted: [authority.certificateDer] },
          ...received,
        }),
      keyLogged: (told) => log.append({ type: 'secrets-logged', vantage: 'victim', ...told }),
      handshakeFailed: (failure) => log.append({ type: 'handshake-failed', vantage: 'victim', ...failure }),
    });
    const browser = new DemoBrowser({
      path: findBrowser(options.browser),
      folder: folder.path,
      authorityPem: authority.certificatePem,
      leafPem: leaf.certificatePem,
      // It asks no resolver, so that door stays shut to it.
      doors: doors
        .filter(({ route }) => route.name !== resolverName)
        .map(({ route, ports }) => ({
          name: route.name,
          port: route.port,
          listen: ports['demo-browser'],
        })),
      addresses: [`http://${siteName}`, `https://${siteName}`],
      changed: (status: BrowserStatus) => parts.feed?.tellBrowserStatus(status),
    });
    closers.push(() => browser.close());

    log.begin({ routes });
    const findings = new FindingsReader(log);
    const lab = (): Lab => ({
      version: version(),
      epoch: log.epoch,
      dashboard: `http://127.0.0.1:${parts.feed?.port ?? 0}`,
      token: parts.feed?.token ?? '',
      ca,
      routes,
    });

    parts.feed = await startFeed({
      log,
      dashboard: join(root, 'dashboard/dist'),
      port: options.port,
      strictPort: options.strictPort,
      commands: {
        lab,
        victim: () => ({
          persona: PERSONA,
          browser: browser.status,
          hosts: victimHosts(siteName, certificateHosts.hosts),
        }),
        async login(request) {
          const answer = await victim.login(request);
          await untilClosed(log, connectionsOf(answer));
          return answer;
        },
        async chat(request) {
          const answer = await victim.chat(request);
          await untilClosed(log, connectionsOf(answer));
          return answer;
        },
        findings: () => findings.read(),
        stepping: () => stepper.state(),
        setStepping: ({ mode, lane }) => stepper.setMode(mode, lane),
        next: ({ lane }) => stepper.next(lane),
        openBrowser: () => browser.open(),
        closeBrowser: () => browser.close(),
        async reset() {
          await victim.abandon();
          await relay.dropConnections();
          await site.reset();
          httpsResolver.dropConnections();
          certificateHosts.dropConnections();
          resolverTap.dropExchanges();
          findings.forget();
          const epoch = log.begin({ routes });
          await browser.restart();
          return { epoch };
        },
      },
    });
    closers.push(() => parts.feed?.close());
    refuseOwnPorts(options.routes, [parts.feed.port, ...doors.flatMap(({ ports }) => Object.values(ports))]);

    /** Answers the connection that the word is about, if it is of this capture. */
    function note(word: SiteWord): ConnectionId | undefined {
      const connection = log.connectionOfUpstreamPort(word.remotePort ?? 0);
      // Of a connection that a reset has ended, or of somebody who came past the relay: not of this capture.
      if (connection !== undefined) log.append(asEvent(word, connection));
      return connection;
    }

    function hearSite(word: SiteWord): void {
      const connection = note(word);
      if (connection === undefined) return;
      if (word.type !== 'handshake-failed' || !refusesOurCertificate(word.code)) return;
      if (openerOf(log, connection) !== 'demo-browser') return;
      browser.certificateRefused().catch((error: unknown) => {
        process.emitWarning(`the demo browser could not be started again: ${String(error)}`);
      });
    }

    return {
      lab: lab(),
      close,
      abandon() {
        browser.killNow();
        folder.remove();
      },
    };
  }
}

function connectionsOf({ http, https }: LoginAnswer | ChatAnswer): readonly ConnectionId[] {
  return [http?.connection, https?.connection].filter((connection) => connection !== undefined);
}

// A route that leads back into the lab would let the relay dial its own dashboard, or itself for ever.
function refuseOwnPorts(routes: readonly OwnRoute[], ownPorts: readonly number[]): void {
  const back = routes.find(({ addressPort }) => ownPorts.includes(addressPort));
  if (back)
    throw new RouteError(
      `${back.name}:${back.port} leads to port ${back.addressPort}, which is the lab's own.`,
    );
}

// The alerts with which a client turns down an issuer it does not know (RFC 8446, 6.2).
function refusesOurCertificate(code: string): boolean {
  return /UNKNOWN_CA|CERTIFICATE_UNKNOWN/.test(code);
}

function version(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
