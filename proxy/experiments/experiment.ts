import type { ConnectionId, ExperimentInfo, ExperimentRun, Measures, Persona } from '#contract';
import type { CaptureLog } from '../capture/log.ts';
import type { PortPair } from '../capture/port-pair.ts';

/** What an experiment may use of the lab. What it sends crosses the relay, as all that the victim sends. */
export interface ExperimentLab {
  readonly log: CaptureLog;
  /** The relay's loopback port for the scripted victim; undefined when the lab has no such site. */
  door(name: string, port: number): number | undefined;
  /** PEM of the only CA the victim trusts. */
  readonly authorityPem: string;
  readonly persona: Persona;
  connectionOf(ports: PortPair | undefined): ConnectionId | undefined;
  /** PKCS #8 PEM of the key that a host's certificate is about; undefined of a host that has none here. */
  privateKeyOf(host: string): Promise<string | undefined>;
  /** The connections that the site itself has open for this host over TLS; undefined of a host that is not here. */
  openAt(host: string): readonly ConnectionId[] | undefined;
  /** The stranger cuts a connection: both ends get a reset. */
  cut(connection: ConnectionId): void;
  /** Whether the relay holds what crosses, until somebody lets it through. */
  isStepping(): boolean;
}

export interface ExperimentContext {
  readonly lab: ExperimentLab;
  /** Aborted by a reset and at the end of the lab; whatever was opened is then to be closed. */
  readonly signal: AbortSignal;
  /** Tells how far it has come, between 0 and 1, and what is done now, in a few words. */
  progress(done: number, doing: string, measures?: Measures): void;
}

/** Something that is tried on the live lab at the press of a button, and measured. */
export interface Experiment extends ExperimentInfo {
  /** Rejects when it could not be done; nothing may be left open then. */
  run(context: ExperimentContext): Promise<Omit<ExperimentRun, 'id'>>;
}
