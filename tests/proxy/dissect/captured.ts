import type { LogEvent } from '#contract';
import type { VectorChunk } from '../../vectors/vector.ts';
import { MILLISECOND } from '../folds/events.ts';

/** What passed over one connection, as a list of chunks. */
export interface Passed {
  readonly chunks: readonly VectorChunk[];
  readonly port: number;
  /** Told by the site, if it is. */
  readonly keyLog?: string;
}

/** A capture of these connections, one after the other; every event is a millisecond after the last. */
export function captured(passed: readonly Passed[]): readonly LogEvent[] {
  const events: LogEvent[] = [];
  const numbered = () => ({ epoch: 1000, seq: events.length + 1, time: events.length * MILLISECOND });
  const wire = () => ({ ...numbered(), vantage: 'wire' as const });
  events.push({
    ...wire(),
    type: 'epoch-started',
    wallClock: '2026-11-22T00:00:00Z',
    routes: [],
    source: 'live',
  });
  for (const [index, { chunks, port, keyLog }] of passed.entries()) {
    const place = { hop: 'cafe' as const, connection: index + 1 };
    events.push({
      ...{ ...wire(), ...place, type: 'connection-opened', transport: 'tcp', opener: 'other' },
      client: { address: '127.0.0.1', port: 50_001 + index },
      server: { name: 'own.test', port, address: '127.0.0.1' },
    });
    const offsets = { 'client-to-server': 0, 'server-to-client': 0 };
    for (const { direction, bytes } of chunks) {
      events.push({
        ...wire(),
        ...place,
        type: 'bytes-captured',
        direction,
        offset: offsets[direction],
        bytes,
      });
      offsets[direction] += bytes.length;
    }
    for (const line of keyLog?.trim().split('\n') ?? [])
      events.push({ ...numbered(), type: 'secrets-logged', vantage: 'site', connection: index + 1, line });
    events.push({ ...wire(), ...place, type: 'connection-closed', by: 'client', how: 'end' });
  }
  return events;
}

export function textChunk(direction: VectorChunk['direction'], text: string): VectorChunk {
  return { direction, bytes: new TextEncoder().encode(text) };
}
