import type { BrowserStatus, ChatAnswer, ConnectionId, Lab, LoginAnswer } from '#contract';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../certs/authority.ts';
import { openPrivateFolder } from '../certs/private-folder.ts';
import { selfSignLeaf } from '../certs/signing.ts';
import { startCertificateHosts } from '../demo-sites/certificate-hosts/certificate-hosts.ts';
import { PERSONA } from '../demo-sites/piggypay/persona.ts';
import { startPiggyPay } from '../demo-sites/piggypay/piggypay.ts';
import { startHttpsResolver } from '../demo-sites/resolver/over-https.ts';
import { startResolver } from '../demo-sites/resolver/over-udp.ts';
import { allAttacks } from './attacks/all.ts';
import { AttackGate } from './attacks/attack-gate.ts';
import { Attacks } from './attacks/attacks.ts';
import { Impostor } from './attacks/impostor.ts';
import { NameForger } from './attacks/name-forger.ts';
import { untilClosed } from './capture/closing.ts';
import { CaptureLog } from './capture/log.ts';
import { openerOf } from './capture/openers.ts';
import { openDoors, type Doors } from './doors.ts';
import { Experiments } from './experiments/experiments.ts';
import { FindingsReader } from './feed/findings.ts';
import { startFeed, type Feed } from './feed/server.ts';
import { ExplicitProxy } from './interception/explicit-proxy.ts';
import { Detours } from './relay/detours.ts';
import { inTurn } from './relay/gates-in-turn.ts';
import { createRelay, type RelayRoute } from './relay/relay.ts';
import { openUdpTap } from './relay/udp-tap.ts';
import { RouteError, type OwnRoute, victimHosts } from './routes.ts';
import { asEvent, type SiteWord } from './site-events.ts';
import { Stepper } from './stepping/stepper.ts';
import { BrowserKeys } from './victim/browser-keys.ts';
import { DemoBrowser } from './victim/browser.ts';
import { findBrowser } from './victim/find-browser.ts';
import { patienceWhile } from './victim/patience.ts';
import { ScriptedVictim } from './victim/scripted.ts';

export interface LabOptions {
  readonly port: number;
  readonly strictPort: boolean;
  /** Of the explicit proxy, 0 for any; without one, the usual port or the next free one. */
  readonly proxyPort?: number | undefined;
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
const usualProxyPort = 8888;
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
    const proxy = new ExplicitProxy({
      port: options.proxyPort ?? usualProxyPort,
      strictPort: options.proxyPort !== undefined,
      avoidPort: options.port,
      gaveUp: (sentence) => process.stderr.write(`plainsight: ${sentence}\n`),
    });
    closers.push(() => proxy.close());
    const [authority, proxyPort] = await Promise.all([createAuthority(), proxy.start()]);
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
    const hostOf = (host: string) => certificateHosts.hosts.find(({ name }) => name === host);
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
    const attackGate = new AttackGate(log);
    // What an attack has changed is then held like any other bytes.
    const detours = new Detours();
    const relay = createRelay(log, { gate: inTurn(attackGate, stepper), detours });
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
    proxy.route(routes);
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
    const nameForger = new NameForger({
      log,
      answerFirst: (forger) => resolverTap.answerFirst(forger),
      makeCertificate: () => selfSignLeaf([siteName]),
      openDoor: (port, targetPort) => {
        const address = { host: '127.0.0.1', port: targetPort };
        return relay.open({ name: siteName, port, tls: port === 443, address }, 'scripted-victim');
      },
    });
    closers.push(() => nameForger.close());

    const victim = new ScriptedVictim({
      resolverPort: resolverTap.port,
      authorityPem: authority.certificatePem,
      resolverName,
      door: (name, port) => doorFor(name, port)?.ports['scripted-victim'],
      doorAt: (address, port) => nameForger.door(address, port),
      connectionOf: (localPort) => log.connectionOfClientPort(localPort),
      patience: patienceWhile(() => stepper.isStepping),
      entered: (kind, value) => log.append({ type: 'secret-entered', vantage: 'victim', kind, value }),
      certificateReceived: ({ trustedToo, ...received }) =>
        log.append({
          ...{ type: 'certificate-received', vantage: 'victim' },
          trusted: [authority.certificateDer, ...(trustedToo ? [trustedToo] : [])],
          ...received,
        }),
      keyLogged: (told) => log.append({ type: 'secrets-logged', vantage: 'victim', ...told }),
      handshakeFailed: (failure) => log.append({ type: 'handshake-failed', vantage: 'victim', ...failure }),
    });
    const browserKeys = new BrowserKeys(log);
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
      keyLogged: (line) => browserKeys.tell(line),
    });
    closers.push(() => browser.close());

    const experiments = new Experiments(
      {
        log,
        door: (name, port) => doorFor(name, port)?.ports['scripted-victim'],
        authorityPem: authority.certificatePem,
        persona: PERSONA,
        connectionOf: (localPort) => log.connectionOfClientPort(localPort),
        privateKeyOf: async (host) => (host === siteName ? leaf.keyPem : hostOf(host)?.privateKey()),
        openAt: (host) => {
          const ports = host === siteName ? site.secureRemotePorts() : hostOf(host)?.remotePorts();
          return ports?.flatMap((port) => log.connectionOfUpstreamPort(port) ?? []);
        },
        cut: (connection) => relay.drop(connection),
        isStepping: () => stepper.isStepping,
      },
      (progress) => parts.feed?.viewers.tellExperiment(progress),
    );
    closers.push(() => experiments.abandon());

    log.begin({ routes });
    const findings = new FindingsReader(log);
    const onwardRoute: RelayRoute = {
      ...{ name: siteName, port: 443, tls: true, address: { host: '127.0.0.1', port: site.httpsPort } },
      hop: 'onward',
    };
    const impostor = new Impostor({
      leadAway: (detour) => detours.open(detour),
      ...{ log, labAuthority: authority.certificatePem, siteCertificate: leaf.certificatePem },
      makeAuthority: () => createAuthority([siteName], 'stranger CA'),
      openOnward: () => relay.open(onwardRoute, 'stranger'),
      answerFor: (plan, read) => proxy.impersonate(plan, read),
    });
    const attacks = new Attacks(
      {
        ...{ log, persona: PERSONA, books: site.counters, gate: attackGate },
        authorityPem: authority.certificatePem,
        victim: {
          login: (request) => logged(victim.login(request)),
          loginHashed: (request) => logged(victim.loginHashed(request)),
          transfer: (request, trustedToo) => logged(victim.transfer(request, trustedToo)),
        },
        findings: () => findings.read(),
        door: (name, port) => doorFor(name, port)?.ports.stranger,
        connectionOf: (localPort) => log.connectionOfClientPort(localPort),
        isStepping: () => stepper.isStepping,
      },
      allAttacks(impostor, nameForger),
    );
    closers.push(() => Promise.all([attacks.abandon(), victim.abandon()]));
    const lab = (): Lab => ({
      version: version(),
      epoch: log.epoch,
      dashboard: `http://127.0.0.1:${parts.feed?.port ?? 0}`,
      token: parts.feed?.token ?? '',
      ca,
      proxy: {
        url: `http://127.0.0.1:${proxyPort}`,
        pac: `http://127.0.0.1:${parts.feed?.port ?? 0}/proxy.pac`,
      },
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
        login: (request) => logged(victim.login(request)),
        chat: (request) => logged(victim.chat(request)),
        findings: () => findings.read(),
        stepping: () => stepper.state(),
        setStepping: ({ mode, lane }) => stepper.setMode(mode, lane),
        next: ({ lane }) => stepper.next(lane),
        experiments: () => experiments.list(),
        async runExperiment(id) {
          // Measured would be what the stranger has changed.
          attacks.assertIdle();
          return experiments.run(id);
        },
        attacks: () => attacks.list(),
        runAttack: (id, chosen) => attacks.run(id, chosen),
        armAttack: (id) => attacks.arm(id),
        disarmAttack: (id) => attacks.disarm(id),
        openBrowser: () => browser.open(),
        closeBrowser: () => browser.close(),
        async reset() {
          const epoch = await attacks.whileSuspended(async () => {
            await Promise.all([attacks.abandon(), experiments.abandon(), victim.abandon()]);
            await relay.dropConnections();
            await site.reset();
            httpsResolver.dropConnections();
            certificateHosts.dropConnections();
            resolverTap.dropExchanges();
            findings.forget();
            return log.begin({ routes });
          });
          await browser.restart();
          return { epoch };
        },
      },
    });
    closers.push(() => parts.feed?.close());
    refuseOwnPorts(options.routes, [
      parts.feed.port,
      proxyPort,
      ...doors.flatMap(({ ports }) => Object.values(ports)),
    ]);

    /** The victim's answer, once the log is complete about its connections. */
    async function logged<Answer extends LoginAnswer | ChatAnswer>(
      answering: Promise<Answer>,
    ): Promise<Answer> {
      const answer = await answering;
      await untilClosed(log, connectionsOf(answer));
      return answer;
    }

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
