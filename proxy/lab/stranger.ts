import { type Authority, createAuthority } from '../../certs/authority.ts';
import { selfSignLeaf } from '../../certs/signing.ts';
import { allAttacks } from '../attacks/all.ts';
import type { AttackLab } from '../attacks/attack.ts';
import { Attacks } from '../attacks/attacks.ts';
import { Impostor } from '../attacks/impostor.ts';
import { NameForger } from '../attacks/name-forger.ts';
import { Stripping, type StrippingOptions } from '../attacks/stripping.ts';
import type { CaptureLog } from '../capture/log.ts';
import type { ExplicitProxy } from '../interception/explicit-proxy.ts';
import type { Relay, RelayRoute } from '../relay/relay.ts';
import type { UdpTap } from '../relay/udp-tap.ts';
import { SITE_NAME, type Sites } from './sites.ts';

/** Answers look-ups before the resolver does, and leads to copies of the site that are the stranger's own. */
export function nameForger(log: CaptureLog, relay: Relay, resolverTap: UdpTap): NameForger {
  return new NameForger({
    log,
    answerFirst: (forger) => resolverTap.answerFirst(forger),
    makeCertificate: () => selfSignLeaf([SITE_NAME]),
    cut: (connection) => relay.drop(connection),
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
  readonly proxy: ExplicitProxy;
  readonly forger: NameForger;
  readonly visit: StrippingOptions['visit'];
}

/** All that the stranger does besides listening, at work in this lab; `changed` when what is said of it has changed. */
export function strangersAttacks(lab: AttackLab, changed: () => void, tools: StrangersTools): Attacks {
  const { authority, sites, relay, proxy, forger, visit } = tools;
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
    leadAway: (lead) => lab.leadAway(lead),
    cut: (connection) => relay.drop(connection),
    answerFor: (plan, read, see) => proxy.impersonate(plan, read, see),
  });
  const bankOf = (host: string) => {
    const bank = sites.banks.find(({ name }) => name === host);
    if (!bank) throw new Error(`there is no bank ${host}`);
    return bank;
  };
  const stripping = new Stripping({
    log: lab.log,
    openOnward: async (host) => {
      const address = { host: '127.0.0.1', port: bankOf(host).httpsPort };
      return relay.open({ name: host, port: 443, tls: true, address, hop: 'onward' }, 'stranger');
    },
    answerFor: (plan, read) => proxy.impersonate(plan, read),
    cut: (connection) => relay.drop(connection),
    handled: (host) => bankOf(host).handled(),
    visit,
  });
  return new Attacks(lab, allAttacks(impostor, forger, stripping), changed);
}
