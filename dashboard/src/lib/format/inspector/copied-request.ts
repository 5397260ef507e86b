import type { Route } from '#contract';
import { findFields } from '#dissectors/byte-reader.ts';
import type { Dissection } from '#dissectors/field.ts';
import type { ConnectionRow } from '#folds/inspector/shapes.ts';
import { curlCommand, type RequestPlace } from './curl.ts';

/** How a live lab is reached from this machine: the relay's ports, and the path of the CA to trust. */
export interface LabReach {
  readonly routes: readonly Route[];
  readonly ca: string;
}

/**
 * The curl command line that sends the request which a dissection holds to the lab again, or why there is none. It
 * leads to the relay on loopback whatever the name says; where the lab has no way there, no command is given.
 */
export function curlOf(
  dissection: Dissection,
  connection: ConnectionRow | undefined,
  reach: LabReach | undefined,
): { readonly command: string } | { readonly refusal: string } {
  const request = findFields(dissection.field, 'http').find(({ children }) =>
    children?.some(({ name }) => name === 'http.request'),
  );
  if (!connection || !request) return NOT_WHOLE;
  if (!reach) return { refusal: 'There is no lab behind this; a command would lead out of this machine' };
  // What was read without a key was sent without one, whatever the port is called.
  const scheme = dissection.source === 'decrypted' ? 'https' : 'http';
  const { name, port } = connection.server;
  const route = reach.routes.find((one) => one.name === name && one.port === port);
  if (!route)
    return { refusal: 'The lab has no route to this host; a command would lead out of this machine' };
  const { start, end } = request.range;
  const place: RequestPlace = { scheme, name, port, listen: route.listen, ca: reach.ca };
  const command = curlCommand(dissection.bytes.subarray(start, end), place);
  return command === undefined ? NOT_WHOLE : { command };
}

const NOT_WHOLE = { refusal: 'This is not a whole request that could be sent again' };
