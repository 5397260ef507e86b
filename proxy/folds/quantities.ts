import type { WireConnection } from './wire-connection.ts';

/** `1.2 kB out · 6.0 kB in`, seen from the client. */
export function sizeText(connection: WireConnection): string {
  const out = bytesText(connection.store('client-to-server').end);
  return `${out} out · ${bytesText(connection.store('server-to-client').end)} in`;
}

/** `12 ms`; below ten milliseconds with one decimal. */
export function durationText(nanoseconds: number): string {
  const milliseconds = nanoseconds / 1e6;
  if (milliseconds >= 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds >= 10 ? Math.round(milliseconds) : milliseconds.toFixed(1)} ms`;
}

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
