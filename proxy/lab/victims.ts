import type { BrowserStatus, ChatAnswer, ConnectionId, LoginAnswer } from '#contract';
import type { Authority } from '../../certs/authority.ts';
import type { NameForger } from '../attacks/name-forger.ts';
import { untilClosed } from '../capture/closing.ts';
import type { CaptureLog } from '../capture/log.ts';
import type { Doors } from '../doors.ts';
import { BrowserKeys } from '../victim/browser-keys.ts';
import { DemoBrowser } from '../victim/browser.ts';
import { patienceWhile } from '../victim/patience.ts';
import { ScriptedVictim } from '../victim/scripted.ts';
import { RESOLVER_NAME, SITE_NAME, type Sites } from './sites.ts';

export interface VictimsSurroundings {
  readonly log: CaptureLog;
  readonly authority: Authority;
  readonly sites: Sites;
  readonly doors: readonly Doors[];
  readonly doorFor: (name: string, port: number) => Doors | undefined;
  /** Of the tap before the resolver. */
  readonly resolverPort: number;
  readonly forger: NameForger;
  /** Whether the relay holds what crosses, until somebody lets it through. */
  readonly isStepping: () => boolean;
}

/** The victim that needs nothing installed: what it enters, sees and keeps of its keys, it tells the log. */
export function scriptedVictim(surroundings: VictimsSurroundings): ScriptedVictim {
  const { log, authority, doorFor, resolverPort, forger, isStepping } = surroundings;
  return new ScriptedVictim({
    resolverPort,
    authorityPem: authority.certificatePem,
    resolverName: RESOLVER_NAME,
    door: (name, port) => doorFor(name, port)?.ports['scripted-victim'],
    doorAt: (address, port) => forger.door(address, port),
    connectionOf: (ports) => log.connectionOfClientPorts(ports),
    patience: patienceWhile(isStepping),
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
}

/** The victim's errands as everybody else sends it on them: each is answered once the log has all of its connections. */
export function errandsOf(victim: ScriptedVictim, log: CaptureLog) {
  async function logged<Answer>(
    answering: Promise<Answer>,
    connections: (answer: Answer) => readonly ConnectionId[],
  ): Promise<Answer> {
    const answer = await answering;
    await untilClosed(log, connections(answer));
    return answer;
  }
  return {
    login: (...given: Parameters<ScriptedVictim['login']>) => logged(victim.login(...given), onBothLanes),
    loginHashed: (...given: Parameters<ScriptedVictim['loginHashed']>) =>
      logged(victim.loginHashed(...given), onBothLanes),
    transfer: (...given: Parameters<ScriptedVictim['transfer']>) =>
      logged(victim.transfer(...given), onBothLanes),
    browse: (...given: Parameters<ScriptedVictim['browse']>) => logged(victim.browse(...given), onBothLanes),
    chat: (...given: Parameters<ScriptedVictim['chat']>) => logged(victim.chat(...given), onBothLanes),
    visit: (...given: Parameters<ScriptedVictim['visit']>) =>
      logged(victim.visit(...given), ({ connections }) => connections),
  };
}

function onBothLanes({ http, https }: LoginAnswer | ChatAnswer): readonly ConnectionId[] {
  return [http?.connection, https?.connection].filter((connection) => connection !== undefined);
}

export interface DemoBrowsersOptions {
  /** Undefined when none is installed. */
  readonly path: string | undefined;
  /** Where its profiles are made. */
  readonly folder: string;
  readonly changed: (status: BrowserStatus) => void;
}

/** The user's own browser with a profile of its own, in which the lab's names lead to the relay and nothing else anywhere. */
export function demoBrowser(surroundings: VictimsSurroundings, options: DemoBrowsersOptions): DemoBrowser {
  const { log, authority, sites, doors } = surroundings;
  const browserKeys = new BrowserKeys(log);
  return new DemoBrowser({
    ...options,
    authorityPem: authority.certificatePem,
    leafPem: sites.leaf.certificatePem,
    // It asks no resolver, so that door stays shut to it.
    doors: doors
      .filter(({ route }) => route.name !== RESOLVER_NAME)
      .map(({ route: { name, port }, ports }) => ({ name, port, listen: ports['demo-browser'] })),
    addresses: [`http://${SITE_NAME}`, `https://${SITE_NAME}`],
    keyLogged: (line) => browserKeys.tell(line),
  });
}
