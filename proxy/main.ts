import type { Lab } from '#contract';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../certs/authority.ts';
import { openPrivateFolder } from '../certs/private-folder.ts';
import { PERSONA } from '../demo-sites/piggypay/persona.ts';
import { AttackGate } from './attacks/attack-gate.ts';
import type { Attacks } from './attacks/attacks.ts';
import { CaptureLog } from './capture/log.ts';
import { openDoors, type Doors } from './doors.ts';
import { Experiments } from './experiments/experiments.ts';
import { FindingsReader } from './feed/findings.ts';
import { startFeed, type Feed } from './feed/server.ts';
import { ExplicitProxy } from './interception/explicit-proxy.ts';
import { Closers } from './lab/closers.ts';
import { SiteEars } from './lab/site-ears.ts';
import { RESOLVER_NAME, startSites } from './lab/sites.ts';
import { nameForger, strangersAttacks } from './lab/stranger.ts';
import { demoBrowser, errandsOf, scriptedVictim, type VictimsSurroundings } from './lab/victims.ts';
import { Detours } from './relay/detours.ts';
import { inTurn } from './relay/gates-in-turn.ts';
import { createRelay } from './relay/relay.ts';
import { openUdpTap } from './relay/udp-tap.ts';
import { type OwnRoute, RouteError } from './routes.ts';
import { Stepper } from './stepping/stepper.ts';
import type { DemoBrowser } from './victim/browser.ts';
import { findBrowser } from './victim/find-browser.ts';

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

const usualProxyPort = 8888;
const root = join(import.meta.dirname, '..');

/** Puts the lab together: the only place that knows all its parts. */
export async function startLab(options: LabOptions): Promise<RunningLab> {
  const folder = await openPrivateFolder();
  const closers = new Closers();
  closers.add(() => {
    folder.remove();
  });
  try {
    return await compose();
  } catch (error) {
    await closers.closeAll();
    throw error;
  }

  async function compose(): Promise<RunningLab> {
    const log = new CaptureLog();
    // These come later, and those before them speak through them.
    const parts: { feed?: Feed; browser?: DemoBrowser; attacks?: Attacks } = {};
    const proxy = new ExplicitProxy({
      port: options.proxyPort ?? usualProxyPort,
      strictPort: options.proxyPort !== undefined,
      avoidPort: options.port,
      // Before the capture has begun, there is nothing that it could be a part of.
      refused: (refusal) => {
        if (log.epoch !== 0) log.append({ type: 'request-refused', vantage: 'wire', ...refusal });
      },
      gaveUp: (sentence) => {
        process.stderr.write(`plainsight: ${sentence}\n`);
        // Where their visitors are led, nobody stands any more.
        void parts.attacks?.abandon();
      },
    });
    closers.add(() => proxy.close());
    const [authority, proxyPort] = await Promise.all([createAuthority(), proxy.start()]);
    const ca = await folder.write('plainsight-lab-ca.pem', authority.certificatePem);
    const ears = new SiteEars(log, () => {
      parts.browser?.certificateRefused().catch((error: unknown) => {
        process.emitWarning(`the demo browser could not be started again: ${String(error)}`);
      });
    });
    const sites = await startSites({
      ...{ authority, routes: options.routes, closers },
      hear: ears.hear,
      hearHosts: ears.note,
    });

    const stepper = new Stepper(log, () => parts.feed?.viewers.noteStepping());
    const attackGate = new AttackGate(log);
    // What an attack has changed is then held like any other bytes.
    const detours = new Detours();
    const relay = createRelay(log, { gate: inTurn(attackGate, stepper), detours });
    closers.add(() => relay.close());
    const doors: Doors[] = [];
    for (const own of [...sites.own, ...options.routes]) {
      if (doors.some(({ route }) => route.name === own.name && route.port === own.port))
        throw new RouteError(`${own.name}:${own.port} is there already: it is a site of the lab.`);
      doors.push(await openDoors(relay, own));
    }
    const routes = doors.map(({ route }) => route);
    proxy.route(routes);
    const doorFor = (name: string, port: number) =>
      doors.find(({ route }) => route.name === name && route.port === port);

    const resolverTap = await openUdpTap(log, {
      name: RESOLVER_NAME,
      port: 53,
      targetPort: sites.resolverPort,
      opener: 'scripted-victim',
    });
    closers.add(() => resolverTap.close());
    const forger = nameForger(log, relay, resolverTap);
    closers.add(() => forger.close());

    const surroundings: VictimsSurroundings = {
      ...{ log, authority, sites, doors, doorFor, forger },
      resolverPort: resolverTap.port,
      isStepping: () => stepper.isStepping,
    };
    const victim = scriptedVictim(surroundings);
    const errands = errandsOf(victim, log);
    const browser = demoBrowser(surroundings, {
      path: findBrowser(options.browser),
      folder: folder.path,
      changed: (status) => parts.feed?.tellBrowserStatus(status),
    });
    parts.browser = browser;
    closers.add(() => browser.close());

    const experiments = new Experiments(
      {
        log,
        door: (name, port) => doorFor(name, port)?.ports['scripted-victim'],
        authorityPem: authority.certificatePem,
        persona: PERSONA,
        connectionOf: (ports) => log.connectionOfClientPorts(ports),
        privateKeyOf: (host) => sites.privateKeyOf(host),
        openAt: (host) => sites.portsAt(host)?.flatMap((ports) => log.connectionOfUpstreamPorts(ports) ?? []),
        cut: (connection) => relay.drop(connection),
        isStepping: () => stepper.isStepping,
      },
      (progress) => parts.feed?.viewers.tellExperiment(progress),
    );
    closers.add(() => experiments.abandon());

    log.begin({ routes });
    const findings = new FindingsReader(log);
    const attacks = strangersAttacks(
      {
        ...{ log, persona: PERSONA, books: sites.site.counters, gate: attackGate },
        authorityPem: authority.certificatePem,
        victim: errands,
        findings: () => findings.read(),
        door: (name, port) => doorFor(name, port)?.ports.stranger,
        connectionOf: (ports) => log.connectionOfClientPorts(ports),
        cut: (connection) => relay.drop(connection),
        leadAway: (lead) => detours.open(lead),
        demoBrowser: {
          isRunning: () => browser.status.running,
          trustToo: (pem) => browser.trustToo(pem),
        },
        padding: sites.site.padding,
        isStepping: () => stepper.isStepping,
      },
      () => parts.feed?.viewers.noteAttacks(),
      { ...{ authority, sites, relay, proxy, forger }, visit: errands.visit },
    );
    parts.attacks = attacks;
    closers.add(() => Promise.all([attacks.abandon(), victim.abandon()]));
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
          hosts: sites.hosts,
        }),
        login: errands.login,
        chat: errands.chat,
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
        // Measured would be what the stranger has changed here too.
        async runAttack(id, under) {
          experiments.assertIdle();
          return attacks.run(id, under);
        },
        async armAttack(id, under) {
          experiments.assertIdle();
          return attacks.arm(id, under);
        },
        disarmAttack: (id) => attacks.disarm(id),
        openBrowser: () => browser.open(),
        closeBrowser: () => browser.close(),
        async reset() {
          const epoch = await attacks.whileSuspended(async () => {
            await Promise.all([attacks.abandon(), experiments.abandon(), victim.abandon()]);
            await relay.dropConnections();
            await sites.reset();
            resolverTap.dropExchanges();
            findings.forget();
            return log.begin({ routes });
          });
          await browser.restart();
          return { epoch };
        },
      },
    });
    closers.add(() => parts.feed?.close());
    refuseOwnPorts(options.routes, [
      parts.feed.port,
      proxyPort,
      ...doors.flatMap(({ ports }) => Object.values(ports)),
    ]);

    return {
      lab: lab(),
      close: () => closers.closeAll(),
      abandon() {
        browser.killNow();
        folder.remove();
      },
    };
  }
}

// A route that leads back into the lab would let the relay dial its own dashboard, or itself for ever.
function refuseOwnPorts(routes: readonly OwnRoute[], ownPorts: readonly number[]): void {
  const back = routes.find(({ addressPort }) => ownPorts.includes(addressPort));
  if (back)
    throw new RouteError(
      `${back.name}:${back.port} leads to port ${back.addressPort}, which is the lab's own.`,
    );
}

function version(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
