import { type Authority, createAuthority } from '../../certs/authority.ts';
import { selfSignLeaf } from '../../certs/signing.ts';
import { allAttacks } from '../attacks/all.ts';
import type { AttackLab } from '../attacks/attack.ts';
import { Attacks } from '../attacks/attacks.ts';
import { Impostor } from '../attacks/impostor.ts';
import { NameForger } from '../attacks/name-forger.ts';
import type { CaptureLog } from '../capture/log.ts';
import type { ExplicitProxy } from '../interception/explicit-proxy.ts';
import type { Detours } from '../relay/detours.ts';
import type { Relay, RelayRoute } from '../relay/relay.ts';
import type { UdpTap } from '../relay/udp-tap.ts';
import { SITE_NAME, type Sites } from './sites.ts';

/** Answers look-ups before the resolver does, and leads to copies of the site that are the stranger's own. */
export function nameForger(log: CaptureLog, relay: Relay, resolverTap: UdpTap): NameForger {
  return new NameForger({
    log,
    answerFirst: (forger) => resolverTap.answerFirst(forger),
    makeCertificate: () => selfSignLeaf([SITE_NAME]),
    openDoor: (port, targetPort) => {
      const address = { host: '127.0.0.1', port: targetPort };
      return relay.open({ name: SITE_NAME, port, tls: port === 443, address }, 'scripted-victim');
    },
  });
}

export interface StrangersTools {
  readonly authority: Authority;
  readonly sites: Sites;
  readonly relay: Relay;
  readonly detours: Detours;
  readonly proxy: ExplicitProxy;
  readonly forger: NameForger;
}

/** All that the stranger does besides listening, at work in this lab. */
export function strangersAttacks(lab: AttackLab, tools: StrangersTools): Attacks {
  const { authority, sites, relay, detours, proxy, forger } = tools;
  const onward: RelayRoute = {
    ...{ name: SITE_NAME, port: 443, tls: true },
    address: { host: '127.0.0.1', port: sites.site.httpsPort },
    hop: 'onward',
  };
  const impostor = new Impostor({
    log: lab.log,
    labAuthority: authority.certificatePem,
    siteCertificate: sites.leaf.certificatePem,
    makeAuthority: () => createAuthority([SITE_NAME], 'stranger CA'),
    openOnward: () => relay.open(onward, 'stranger'),
    leadAway: (detour) => detours.open(detour),
    answerFor: (plan, read) => proxy.impersonate(plan, read),
  });
  return new Attacks(lab, allAttacks(impostor, forger));
}
