import type { Direction, HandshakeFailed } from '#contract';
import type { StreamRange } from '../view.ts';

/** Who an arrow begins or ends at. `stranger`: the relay itself, not what passes through it. */
export type Actor = 'victim' | 'stranger' | 'site' | 'resolver' | 'program';

/** The stretches of a ladder, in the order in which every connection goes through them. */
export type Phase = 'lookup' | 'connect' | 'handshake' | 'exchange' | 'end';
export const PHASES: readonly Phase[] = ['lookup', 'connect', 'handshake', 'exchange', 'end'];

export type StepKind =
  | 'lookup'
  | 'connect'
  | 'handshake'
  | 'change-cipher'
  | 'alert'
  | 'data'
  | 'message'
  | 'bytes'
  | 'end'
  | 'word';

/** `forged` by the stranger in the resolver's place, or the resolver's own, which was `overtaken` by that. */
export type Rival = 'forged' | 'overtaken';

/** How the ladder knows of a step: from captured bytes, from the sockets alone, or because an end told. */
export type Evidence = 'captured' | 'not captured' | 'told by the victim' | 'told by the site';

/** One arrow of a ladder. */
export interface LadderStep {
  /** Stable while the ladder grows, unique within it. */
  readonly key: string;
  readonly kind: StepKind;
  readonly phase: Phase;
  readonly from: Actor;
  readonly to: Actor;
  /** `ClientHello`, `POST /api/v1/login`, `The rest of the handshake` … */
  readonly title: string;
  readonly detail?: string;
  /** The captured bytes, for the inspector; absent where there are none. */
  readonly place?: StreamRange;
  /** Keys of the messages that it is made of, or lies in, as in `MessageView`. */
  readonly messages: readonly string[];
  /** TLS records that it takes. */
  readonly records?: number;
  /** Other arrows lie in the same TLS record. */
  readonly sharesRecord: boolean;
  /** Nanoseconds since the epoch began, of the first byte. */
  readonly time: number;
  /** Nanoseconds since the step before; 0 for the first. */
  readonly elapsed: number;
  /** Its content cannot be read from the wire. */
  readonly sealed: boolean;
  /** What the title rests on where the bytes themselves do not say. */
  readonly guess?: 'by its place' | 'by its size' | 'by its direction';
  /** What became of an answer to a look-up that two gave: the stranger forged this one, or it came after that. */
  readonly rival?: Rival;
  /** The relay has it, and has not let all of it through. */
  readonly held: boolean;
  readonly complete: boolean;
  readonly evidence: Evidence;
  /** What is in it, by the names of the RFCs: what two ladders are compared by. */
  readonly holds: readonly string[];
  /** One sentence in the words of the cast. */
  readonly sentence: string;
}

/** A step before it is known what stands before it. */
export type Draft = Omit<LadderStep, 'key' | 'phase' | 'elapsed' | 'held' | 'from' | 'to' | 'sentence'> & {
  /** Undefined for what is not sent by an end. */
  readonly direction?: Direction;
  /** Which text explains it; see `en/ladder.json`. */
  readonly topic: string;
  /** The name that it asks for or is asked about, where that is not the connection's. */
  readonly name?: string;
};

/** What an end said of a handshake that failed. */
export type ToldFailure = Pick<HandshakeFailed, 'vantage' | 'time' | 'code' | 'message' | 'connection'>;
