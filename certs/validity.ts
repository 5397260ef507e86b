const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
// Virtual machines and just-woken laptops can have clocks that differ a little between programs.
const BACKDATED = 10 * MINUTE;

/** From when until when a certificate counts, both included (RFC 5280, 4.1.2.5). */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** When a leaf counts: now, for a week; for six days until yesterday; for six days from tomorrow on. */
export type LeafPeriod = 'present' | 'past' | 'future';

const LEAF_DAYS: Readonly<Record<LeafPeriod, readonly [from: number, until: number]>> = {
  present: [0, 7],
  past: [-7, -1],
  future: [1, 7],
};

/** Of a CA: from before the earliest leaf it may sign, which has expired, to two weeks from now. */
export function authorityValidity(): Validity {
  return fromDayToDay(-8, 14);
}

/** Of a leaf, within the validity of its signer; never more than seven days. */
export function leafValidity(period: LeafPeriod, signer: Validity): Validity {
  const { notBefore, notAfter } = fromDayToDay(...LEAF_DAYS[period]);
  return { notBefore, notAfter: notAfter < signer.notAfter ? notAfter : signer.notAfter };
}

/** Days counted from now. Certificates count in whole seconds, and the period includes its last one. */
function fromDayToDay(from: number, until: number): Validity {
  const first = Math.floor((Date.now() - BACKDATED + from * DAY) / 1000) * 1000;
  return { notBefore: new Date(first), notAfter: new Date(first + (until - from) * DAY - 1000) };
}
