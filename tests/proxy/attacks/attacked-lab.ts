import type { Persona } from '#contract';
import { createAuthority } from '../../../certs/authority.ts';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type PiggyPay, startPiggyPay } from '../../../demo-sites/piggypay/piggypay.ts';
import { startResolver } from '../../../demo-sites/resolver/over-udp.ts';
import { AttackGate } from '../../../proxy/attacks/attack-gate.ts';
import { ATTACKS } from '../../../proxy/attacks/all.ts';
import type { Attack, AttackLab } from '../../../proxy/attacks/attack.ts';
import { Attacks } from '../../../proxy/attacks/attacks.ts';
import { untilClosed } from '../../../proxy/capture/closing.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';
import { FindingsReader } from '../../../proxy/feed/findings.ts';
import { Detours } from '../../../proxy/relay/detours.ts';
import { inTurn } from '../../../proxy/relay/gates-in-turn.ts';
import { createRelay } from '../../../proxy/relay/relay.ts';
import { asEvent } from '../../../proxy/site-events.ts';
import { Stepper } from '../../../proxy/stepping/stepper.ts';
import { ScriptedVictim } from '../../../proxy/victim/scripted.ts';

export interface AttackedLab {
  readonly log: CaptureLog;
  readonly site: PiggyPay;
  readonly victim: ScriptedVictim;
  readonly attacks: Attacks;
  readonly gate: AttackGate;
  readonly stepper: Stepper;
  readonly authorityPem: string;
  /** The relay's port for a lane of PiggyPay, as for a browser. */
  door(lane: 'http' | 'https'): number;
  close(): Promise<void>;
}

/** The parts of the lab that attacks are about, in this process, so that a test reads the site's own books. */
export async function openAttackedLab(
  persona: Persona = PERSONA,
  all: readonly Attack[] = ATTACKS,
): Promise<AttackedLab> {
  const authority = await createAuthority();
  const { keyPem, certificatePem } = await authority.issue({ names: ['piggypay.test', 'tls12.test'] });
  const log = new CaptureLog();
  const site = await startPiggyPay({
    tls: { key: keyPem, cert: certificatePem },
    report: (word) => {
      const connection = log.connectionOfUpstreamPorts(word.ports);
      if (connection !== undefined) log.append(asEvent(word, connection));
    },
  });
  const gate = new AttackGate(log);
  const stepper = new Stepper(log);
  const detours = new Detours();
  const relay = createRelay(log, { gate: inTurn(gate, stepper), detours });
  const open = (port: number, opener: 'scripted-victim' | 'stranger' | 'demo-browser') =>
    relay.open(
      {
        ...{ name: 'piggypay.test', port, tls: port === 443 },
        address: { host: '127.0.0.1', port: port === 443 ? site.httpsPort : site.httpPort },
      },
      opener,
    );
  const doors = {
    'scripted-victim': { 80: await open(80, 'scripted-victim'), 443: await open(443, 'scripted-victim') },
    'demo-browser': { 80: await open(80, 'demo-browser'), 443: await open(443, 'demo-browser') },
    stranger: { 80: await open(80, 'stranger'), 443: await open(443, 'stranger') },
  };
  const doorOf = (opener: keyof typeof doors, port: number) =>
    port === 80 || port === 443 ? doors[opener][port] : undefined;
  const resolver = await startResolver({
    names: new Map([
      ['piggypay.test', '127.0.0.1'],
      ['tls12.test', '127.0.0.1'],
    ]),
  });
  const victim = new ScriptedVictim({
    resolverPort: resolver.port,
    authorityPem: authority.certificatePem,
    resolverName: 'resolver.test',
    door: (_name, port) => doorOf('scripted-victim', port),
    connectionOf: (ports) => log.connectionOfClientPorts(ports),
    entered: (kind, value) => log.append({ type: 'secret-entered', vantage: 'victim', kind, value }),
    certificateReceived: () => undefined,
    keyLogged: () => undefined,
    handshakeFailed: (failure) => log.append({ type: 'handshake-failed', vantage: 'victim', ...failure }),
  });
  log.begin({
    routes: [80, 443].map((port) => ({
      ...{ name: 'piggypay.test', port, tls: port === 443, address: '', listen: 0 },
    })),
  });
  const logged = async <Answer extends { http?: { connection?: number }; https?: { connection?: number } }>(
    answering: Promise<Answer>,
  ) => {
    const answer = await answering;
    const connections = [answer.http?.connection, answer.https?.connection];
    await untilClosed(
      log,
      connections.filter((connection) => connection !== undefined),
    );
    return answer;
  };
  const findings = new FindingsReader(log);
  const lab: AttackLab = {
    ...{ log, persona, authorityPem: authority.certificatePem, books: site.counters, gate },
    victim: {
      login: (request) => logged(victim.login(request)),
      loginHashed: (request) => logged(victim.loginHashed(request)),
      transfer: (request) => logged(victim.transfer(request)),
      browse: (request) => logged(victim.browse(request)),
    },
    findings: () => findings.read(),
    door: (_name, port) => doorOf('stranger', port),
    connectionOf: (ports) => log.connectionOfClientPorts(ports),
    cut: (connection) => relay.drop(connection),
    leadAway: (lead) => detours.open(lead),
    // There is none; whoever comes through its door does so from the test.
    demoBrowser: { isRunning: () => false, trustToo: () => Promise.resolve() },
    padding: site.padding,
    isStepping: () => stepper.isStepping,
  };
  const attacks = new Attacks(lab, all);
  return {
    ...{ log, site, victim, attacks, gate, stepper, authorityPem: authority.certificatePem },
    door: (lane) => doors['demo-browser'][lane === 'http' ? 80 : 443],
    async close() {
      await Promise.all([attacks.abandon(), victim.abandon()]);
      await relay.close();
      await Promise.all([site.close(), resolver.close()]);
    },
  };
}
