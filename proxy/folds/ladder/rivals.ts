import type { AttackActed } from '#contract';
import { findFields } from '#dissectors/byte-reader.ts';
import { explainMessage } from '../explain.ts';
import type { WireConnection } from '../wire-connection.ts';
import type { Draft, Rival } from './step.ts';

const TOPICS: Readonly<Record<Rival, string>> = { forged: 'dns-forged', overtaken: 'dns-late' };

/**
 * Tells apart the two answers to a look-up that the stranger answered before the resolver, by its own word on what it
 * sent and what came after that. `wire` is the connection that the drafts are of.
 */
export function withRivals(
  drafts: readonly Draft[],
  wire: WireConnection,
  forged: readonly AttackActed[],
): readonly Draft[] {
  const own = forged.filter(({ connection }) => connection === wire.id);
  if (own.length === 0) return drafts;
  return drafts.map((draft) => {
    const rival = rivalOf(draft, wire, own);
    if (rival === undefined) return draft;
    const address = addressIn(draft, wire);
    return { ...draft, rival, topic: TOPICS[rival], ...(address === '' ? {} : { detail: address }) };
  });
}

function rivalOf({ place }: Draft, wire: WireConnection, own: readonly AttackActed[]): Rival | undefined {
  if (place?.direction !== 'server-to-client') return undefined;
  if (own.some(({ offset }) => offset === place.start)) return 'overtaken';
  // The log says what was forged, not where it stands.
  const { bytes } = wire.slice(place);
  return own.some(({ after }) => after !== undefined && isSame(after, bytes)) ? 'forged' : undefined;
}

/** What the two tell apart. */
function addressIn({ messages: [key = ''] }: Draft, wire: WireConnection): string {
  const message = wire.byKey(key);
  const fields = message ? findFields(explainMessage(message).field, 'dns.a') : [];
  return fields.flatMap(({ value }) => (typeof value === 'string' ? [value] : [])).join(', ');
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
