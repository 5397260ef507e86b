import { findFields } from '#dissectors/byte-reader.ts';
import type { Dissection } from '#dissectors/field.ts';
import type { ConnectionRow } from '#folds/inspector/shapes.ts';
import { curlCommand } from './curl.ts';

/** The curl command line for the request that a dissection holds; undefined where it holds no whole one. */
export function curlOf(dissection: Dissection, connection: ConnectionRow | undefined): string | undefined {
  if (!connection) return undefined;
  const request = findFields(dissection.field, 'http').find(({ children }) =>
    children?.some(({ name }) => name === 'http.request'),
  );
  if (!request) return undefined;
  const { start, end } = request.range;
  // What was read without a key was sent without one, whatever the port is called.
  const scheme = dissection.source === 'decrypted' ? 'https' : 'http';
  return curlCommand(dissection.bytes.subarray(start, end), { ...connection.server, scheme });
}
