import { joined } from '#keys/bytes.ts';
import { finishedKey, verifyData } from '#keys/schedule/key-schedule-13.ts';
import type { SpokenMessage } from '#keys/schedule/spoken-handshake.ts';
import type { SeenHandshake } from './seen-handshake.ts';
import type { StepList } from './step-list.ts';

const HASHED = 'RFC 8446, 4.4.1';
const SEALED = 'It covers messages that are sealed or not in the capture.';

/** What one end said under its handshake key before its Finished. */
export function addFlight(
  seen: SeenHandshake,
  steps: StepList,
  end: 'client' | 'server',
  flight: readonly SpokenMessage[],
  isAuthenticated: boolean,
): void {
  const server = isAuthenticated ? 'EncryptedExtensions...CertificateVerify' : 'EncryptedExtensions';
  steps.add('traffic', {
    id: `${end}-flight`,
    name: end === 'server' ? server : 'what the client says before its Finished',
    formula: `AEAD-Decrypt(${end}_handshake_write_key, nonce, additional_data, records)`,
    about: 'Sealed on the wire: whoever has the key of this direction can read it.',
    ways: [{ from: [`${end}-handshake-key`, `${end}-handshake-iv`], opens: true }],
    ...(flight.length > 0 && {
      value: joined(...flight.map(({ bytes }) => bytes)),
      source: 'decrypted with a lent key' as const,
      places: flight.flatMap((message) => seen.parts(message).whole.places).filter(isFirst),
    }),
    whyUnknown: 'It is sealed, and no lent key opens it, or it is not in the capture.',
    rfc: 'RFC 8446, 5.2',
  });
}

function isFirst<Place extends { readonly start: number }>(
  place: Place,
  at: number,
  all: readonly Place[],
): boolean {
  return all.findIndex(({ start }) => start === place.start) === at;
}

/** A hash over the messages of these steps; its value comes with the messages. */
export function addHash(
  steps: StepList,
  id: string,
  name: string,
  value: Uint8Array | undefined,
  from: readonly string[],
): void {
  steps.add('schedule', { id, name, ways: [{ from }], value, whyUnknown: SEALED, rfc: HASHED });
}

/** What an end proves at the end of its flight; `said` are the ids of the messages before it. */
export function addFinished(
  seen: SeenHandshake,
  steps: StepList,
  end: 'client' | 'server',
  finished: SpokenMessage | undefined,
  said: readonly string[],
): void {
  const { suite } = seen;
  const who = end === 'client' ? 'victim' : 'site';
  const covers = `Transcript-Hash(ClientHello...before ${end} Finished)`;
  addHash(steps, `${end}-flight-hash`, covers, seen.transcriptBefore(finished), said);
  steps.add('traffic', {
    id: `${end}-finished-key`,
    name: `finished_key of the ${end}`,
    formula: `HKDF-Expand-Label(${end}_handshake_traffic_secret, "finished", "", ${suite.hash.outputLen})`,
    ways: [
      {
        from: [`${end}-handshake-traffic-secret`],
        compute: (secret) => secret && finishedKey(suite, secret),
      },
    ],
    rfc: 'RFC 8446, 4.4.4',
  });
  steps.add('traffic', {
    id: `${end}-finished`,
    name: `verify_data of the ${end} Finished`,
    formula: `HMAC(finished_key, ${covers})`,
    about: 'Proof that its sender has the same secret and saw the same handshake.',
    ways: [
      {
        from: [`${end}-finished-key`, `${end}-flight-hash`],
        compute: (key, transcript) => key && transcript && verifyData(suite, key, transcript),
      },
    ],
    sent: finished && { what: `the Finished that the ${who} sent`, bytes: finished.bytes.subarray(4) },
    ...(finished && { places: seen.parts(finished).whole.places }),
    rfc: 'RFC 8446, 4.4.4',
  });
}
