import type { LaneView, MessageView } from '#folds/view.ts';

/** A text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `17 03 03` as bytes. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.trim().split(/\s+/), (pair) => Number.parseInt(pair, 16));
}

/** An HTTP request on connection 1 that starts its stream, but for what a test says otherwise. */
export function message(changes: Partial<MessageView> = {}): MessageView {
  const place = { connection: 1, direction: 'client-to-server' as const, start: 0, end: 100, ...changes };
  return {
    key: `${String(place.connection)}:${place.direction}:${String(place.start)}`,
    time: 0,
    protocol: 'http1',
    kind: 'request',
    title: 'POST /api/v1/login',
    sealed: false,
    complete: true,
    ...place,
    ...changes,
  };
}

/** A lane before anything crossed it, but for what a test says otherwise. */
export function lane(changes: Partial<LaneView> = {}): LaneView {
  const verdict = { searchedBytes: 0, encodings: ['plain', 'url', 'base64', 'hex'] as const, found: 0 };
  return {
    messages: [],
    connections: [],
    bytes: 0,
    evictedBytes: 0,
    password: verdict,
    mobile: verdict,
    hits: [],
    findings: [],
    ...changes,
  };
}

export const PERSONA = { name: 'Asha', mobile: '9800000012', password: 'monsoon-42' };
