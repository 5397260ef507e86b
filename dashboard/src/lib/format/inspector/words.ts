import type { ConnectionRow, MessageRow } from '#folds/inspector/shapes.ts';

/** How protocols, lanes, openers and times read in the inspector. */
export const PROTOCOLS: Readonly<Record<MessageRow['protocol'], string>> = {
  http1: 'HTTP',
  tls: 'TLS',
  websocket: 'WebSocket',
  dns: 'DNS',
  unknown: 'unknown',
};

export const LANES: Readonly<Record<MessageRow['lane'], string>> = {
  http: 'HTTP',
  https: 'HTTPS',
  other: 'other',
};

export const OPENERS: Readonly<Record<ConnectionRow['opener'], string>> = {
  'scripted-victim': 'scripted victim',
  'demo-browser': 'demo browser',
  stranger: 'the stranger',
  other: 'some program',
};

/** `12.345`: seconds since the capture began. */
export function seconds(nanoseconds: number): string {
  return (nanoseconds / 1e9).toFixed(3);
}

/** What a person may type to find a connection: everything that its entry shows. */
export function connectionText(row: ConnectionRow): string {
  const server = `${row.server.name}:${String(row.server.port)}`;
  return `${server} #${String(row.connection)} ${OPENERS[row.opener]} ${row.transport} ${LANES[row.lane]}`;
}
