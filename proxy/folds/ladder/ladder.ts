import type { AttackActed, ConnectionClosed, Opener } from '#contract';
import { versionName } from '#dissectors/tls/names.ts';
import type { ConnectionView, StreamRange } from '../view.ts';
import type { WireConnection } from '../wire-connection.ts';
import { handshakeFacts, type HandshakeFacts } from './handshake-facts.ts';
import { withRivals } from './rivals.ts';
import { isLookup, lookupDrafts, type Lookup } from './lookup.ts';
import { type RoundTrips, roundTripsOf } from './round-trips.ts';
import type { Actor, Draft, LadderStep, ToldFailure } from './step.ts';
import { stepsFrom } from './steps.ts';
import { TlsDrafts } from './tls-drafts.ts';

/** One connection as a sequence diagram, with the look-up that it began with. */
export interface Ladder {
  readonly connection: ConnectionView;
  readonly client: Actor;
  readonly server: Actor;
  /** `HTTP`, `TLS 1.3`, `TLS` before a version was agreed on, `DNS`, `unknown`. */
  readonly protocol: string;
  readonly steps: readonly LadderStep[];
  /** Messages beyond those that are drawn. */
  readonly omitted: number;
  /** The log has dropped some of its bytes. */
  readonly hasLostBytes: boolean;
  readonly roundTrips: RoundTrips;
  /** Nanoseconds from the first step to the first byte of a request. */
  readonly untilRequest?: number;
  /** A TLS handshake that went on with what was agreed on earlier; absent before that can be told. */
  readonly resumed?: boolean;
}

/** What is known of a connection besides what its wire shows. */
export interface Surroundings {
  readonly lookup?: Lookup | undefined;
  /** Stretches that have not been let through. */
  readonly held?: readonly StreamRange[];
  /** What the ends said of this connection: drawn beside the wire, with the badge of who said it. */
  readonly told?: readonly ToldFailure[];
  /** It led elsewhere than to its site: the stranger answers it itself. */
  readonly isLedAway?: boolean;
  /** What the stranger told of look-ups that it answered in the resolver's place. */
  readonly forged?: readonly AttackActed[];
}

// More than anybody reads as a diagram; the inspector lists the rest.
const MOST_STEPS = 500;

/** The steps of a connection, from what a tap saw of it; what its ends told stands among them and says so. */
export function ladderOf(wire: WireConnection, surroundings: Surroundings = {}): Ladder {
  const { lookup, held = [], told = [], isLedAway = false, forged = [] } = surroundings;
  const facts = handshakeFacts(wire.messages);
  const { drafts, omitted, preShared } = draftsOf(wire, facts);
  const client = CLIENTS[wire.opening.opener];
  const server = isLedAway ? 'stranger' : isLookup(wire) ? 'resolver' : 'site';
  const asked = lookup ? withRivals(lookupDrafts(lookup), lookup.connection, forged) : [];
  const steps = stepsFrom(withRivals(drafts, wire, forged), {
    ...{ client, server, held, told, lookup: asked },
    ...{ site: wire.opening.server.name, isAgreed: facts.finished },
  });
  const first = steps[0];
  const request = steps.find(({ holds, phase }) => phase !== 'lookup' && holds.includes('request'));
  const resumed = preShared ?? facts.resumed;
  return {
    ...{ connection: wire.view(), client, server, protocol: protocolOf(wire), steps, omitted },
    ...{ hasLostBytes: wire.hasLostBytes, roundTrips: roundTripsOf(wire, facts, lookup) },
    ...(first && request ? { untilRequest: request.time - first.time } : {}),
    ...(resumed === undefined ? {} : { resumed }),
  };
}

/** `TLS 1.3`, `HTTP` …, as far as is known by now. */
export function protocolOf({ messages }: WireConnection): string {
  const version = messages.find(({ message }) => message.tls?.version !== undefined)?.message.tls?.version;
  if (version !== undefined) return versionName(version);
  const protocols = new Set(messages.map(({ message }) => message.protocol));
  if (protocols.has('tls')) return 'TLS';
  if (protocols.has('websocket')) return 'WebSocket';
  if (protocols.has('http1')) return 'HTTP';
  return protocols.has('dns') ? 'DNS' : 'unknown';
}

const CLIENTS: Readonly<Record<Opener, Actor>> = {
  'scripted-victim': 'victim',
  'demo-browser': 'victim',
  stranger: 'stranger',
  other: 'program',
};

interface Drawn {
  readonly drafts: readonly Draft[];
  readonly omitted: number;
  readonly preShared: boolean | undefined;
}

function draftsOf(wire: WireConnection, facts: HandshakeFacts): Drawn {
  const { messages, closed, opening } = wire;
  const tls = new TlsDrafts(messages, facts);
  let drawn = 0;
  for (const message of messages) {
    if (tls.drafts.length >= MOST_STEPS) break;
    tls.add(message);
    drawn += 1;
  }
  const isTcp = opening.transport === 'tcp';
  const drafts = [
    ...(isTcp ? [connectDraft(opening.time)] : []),
    ...tls.drafts,
    ...(isTcp && closed ? [endDraft(closed)] : []),
  ];
  return { drafts, omitted: messages.length - drawn, preShared: tls.preShared };
}

const NOT_CAPTURED = {
  ...{ sharesRecord: false, sealed: false, complete: true, holds: [], messages: [] },
  evidence: 'not captured',
} as const;

function connectDraft(time: number): Draft {
  const detail = 'SYN, SYN-ACK, ACK';
  return {
    ...NOT_CAPTURED,
    kind: 'connect',
    direction: 'client-to-server',
    title: 'TCP connect',
    detail,
    time,
    topic: 'connect',
  };
}

function endDraft({ by, how, error, time }: ConnectionClosed): Draft {
  const titles = { end: 'Connection closed', reset: 'Connection reset', error: 'Connection failed' };
  const direction = by === 'client' ? 'client-to-server' : 'server-to-client';
  return {
    ...{ ...NOT_CAPTURED, kind: 'end', title: titles[how], time },
    ...(by === 'relay' ? {} : { direction }),
    topic: how === 'end' ? 'end' : `end-${how}`,
    ...(error === undefined ? {} : { detail: error }),
  };
}
