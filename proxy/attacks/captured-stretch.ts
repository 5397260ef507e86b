import type { ConnectionOpened, Direction, LogEvent } from '#contract';

/** `[start, end)` of a direction of a connection, a copy; undefined where some of it is missing from these events. */
export function stretch(
  events: readonly LogEvent[],
  { connection }: Pick<ConnectionOpened, 'connection'>,
  direction: Direction,
  start: number,
  end: number,
): Buffer | undefined {
  const whole = Buffer.alloc(end - start);
  let at = start;
  for (const event of events) {
    if (at >= end) break;
    if (event.type !== 'bytes-captured' || event.connection !== connection) continue;
    const { offset, bytes } = event;
    if (event.direction !== direction || offset > at || offset + bytes.length <= at) continue;
    const to = Math.min(end, offset + bytes.length);
    whole.set(bytes.subarray(at - offset, to - offset), at - start);
    at = to;
  }
  return at >= end ? whole : undefined;
}
