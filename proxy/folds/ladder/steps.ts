import type { Direction } from '#contract';
import { overlaps } from '../held.ts';
import type { StreamRange } from '../view.ts';
import { sentenceOn } from './sentences.ts';
import type { Actor, Draft, LadderStep, Phase, ToldFailure } from './step.ts';

const LOOKUP: Phase = 'lookup';
const RESOLVER: Actor = 'resolver';

interface Setting {
  readonly client: Actor;
  readonly server: Actor;
  /** The name of the site that the connection was opened to. */
  readonly site: string;
  readonly held: readonly StreamRange[];
  readonly told: readonly ToldFailure[];
  readonly lookup: readonly Draft[];
  /** Whether a TLS handshake came through, or there was none to come through. */
  readonly isAgreed: boolean;
}

/** Puts drafts in order: who, in which phase, how long after the step before, and in words. */
export function stepsFrom(drafts: readonly Draft[], setting: Setting): readonly LadderStep[] {
  const phased = [
    ...setting.lookup.map((draft) => ({ draft, phase: LOOKUP, server: RESOLVER })),
    ...withPhases(drafts, setting.isAgreed).map(({ draft, phase }) => ({
      draft,
      phase,
      server: setting.server,
    })),
  ];
  for (const failure of setting.told) {
    const at = phased.findIndex(({ draft }) => draft.time > failure.time);
    const before = phased.at(at === -1 ? -1 : Math.max(0, at - 1));
    const word = { draft: wordDraft(failure), phase: before?.phase ?? 'handshake', server: setting.server };
    phased.splice(at === -1 ? phased.length : at, 0, word);
  }
  let before = phased[0]?.draft.time ?? 0;
  return phased.map(({ draft, phase, server }, index) => {
    const elapsed = Math.max(0, draft.time - before);
    before = draft.time;
    return stepFrom(draft, { ...setting, server }, { phase, elapsed, index });
  });
}

interface Placed {
  readonly phase: Phase;
  readonly elapsed: number;
  readonly index: number;
}

function stepFrom(draft: Draft, setting: Setting, { phase, elapsed, index }: Placed): LadderStep {
  const { topic, direction, name, ...said } = draft;
  const { from, to } = endsOf({ ...said, direction }, setting);
  const { client, server, site, held } = setting;
  const key = said.place
    ? `${said.place.connection}:${said.place.direction}:${said.place.start}`
    : `${said.kind}:${said.kind === 'word' ? index : ''}`;
  return {
    ...said,
    ...{ key, phase, elapsed, from, to },
    held: said.place !== undefined && overlaps(held, said.place),
    sentence: sentenceOn(topic, { client, server, sender: from, site: name ?? site, detail: said.detail }),
  };
}

function endsOf(
  {
    kind,
    direction,
    evidence,
    rival,
  }: Pick<Draft, 'kind' | 'evidence' | 'rival'> & { direction: Direction | undefined },
  { client, server }: Setting,
): { from: Actor; to: Actor } {
  if (kind === 'word') {
    const who = evidence === 'told by the site' ? server : client;
    return { from: who, to: who };
  }
  if (direction === undefined) return { from: 'stranger', to: client === 'stranger' ? server : client };
  if (rival === 'forged') return { from: 'stranger', to: client };
  return direction === 'client-to-server' ? { from: client, to: server } : { from: server, to: client };
}

function wordDraft({ vantage, time, code, message }: ToldFailure): Draft {
  return {
    ...{ kind: 'word', title: code, detail: message, time, topic: 'word', complete: true, holds: [] },
    ...{ messages: [], sharesRecord: false, sealed: false, evidence: `told by the ${vantage}` },
  };
}

/** In the order of the phases: what has come to requests does not go back to its handshake. */
function withPhases(drafts: readonly Draft[], isAgreed: boolean): readonly { draft: Draft; phase: Phase }[] {
  const lastOfHandshake = lastHandshake(drafts, isAgreed);
  const phased = drafts.map((draft, index) => ({ draft, phase: phaseOf(draft, index, lastOfHandshake) }));
  // A connection ends with its goodbyes, and they are not answers to anything.
  for (let index = phased.length - 1; index > lastOfHandshake; index--) {
    const entry = phased[index];
    if (entry?.draft.kind !== 'alert' && entry?.draft.kind !== 'end') break;
    entry.phase = 'end';
  }
  return phased;
}

function phaseOf({ kind }: Draft, index: number, lastOfHandshake: number): Phase {
  if (kind === 'connect') return 'connect';
  if (kind === 'end') return 'end';
  if (kind === 'lookup') return 'lookup';
  return index <= lastOfHandshake ? 'handshake' : 'exchange';
}

function lastHandshake(drafts: readonly Draft[], isAgreed: boolean): number {
  const isLater = ({ kind, topic }: Draft) =>
    (kind === 'data' && topic !== 'early-data') || kind === 'message';
  const firstLater = drafts.findIndex(isLater);
  const before = firstLater === -1 ? drafts : drafts.slice(0, firstLater);
  return before.findLastIndex(
    ({ kind }) => kind === 'handshake' || kind === 'change-cipher' || (!isAgreed && kind === 'alert'),
  );
}
