import { hex } from '#dissectors/text.ts';
import { joined } from '#keys/bytes.ts';
import {
  cutKeyBlock,
  extendedMasterSecret12,
  type KeyBlock,
  keyBlock12,
  keyBlockLength,
  masterSecret12,
  type Randoms,
  verifyData12,
} from '#keys/schedule/key-block-12.ts';
import type { SpokenMessage } from '#keys/schedule/spoken-handshake.ts';
import {
  CERTIFICATE_VERIFY,
  CLIENT,
  CLIENT_KEY_EXCHANGE,
  FINISHED,
  type SeenHandshake,
  SERVER,
} from './seen-handshake.ts';
import { BOTH_ENDS, EVERYBODY, type StepDraft, type StepList, type Way } from './step-list.ts';

interface Shape12 {
  readonly isResumed: boolean;
  /** Both ends agreed to derive the master secret from the handshake (RFC 7627). */
  readonly isExtended: boolean;
}

const RANDOMS = ['client-random', 'server-random'] as const;

/** The master secret, the key block and what it is cut into, and both Finished (RFC 5246, 6.3, 7.4.9 and 8.1). */
export function addSecrets12(seen: SeenHandshake, steps: StepList, shape: Shape12): void {
  const said = clearMessages(seen, shape.isResumed);
  steps.add('hellos', {
    id: 'handshake-messages',
    name: 'handshake_messages',
    about: 'Every handshake message before the first Finished, all of them in clear.',
    held: EVERYBODY,
    value: joined(...said.map(({ bytes }) => bytes)),
    source: 'captured',
    places: said.flatMap((message) => seen.parts(message).whole.places),
    rfc: 'RFC 5246, 7.4.9',
  });
  if (shape.isExtended && !shape.isResumed)
    steps.add('schedule', {
      id: 'session-hash',
      name: 'session_hash',
      formula: 'Hash(handshake_messages up to the ClientKeyExchange, it included)',
      ways: [{ from: ['handshake-messages'] }],
      value: seen.message(CLIENT_KEY_EXCHANGE, CLIENT)?.message.transcript,
      whyUnknown: 'Part of the handshake is not in the capture.',
      rfc: 'RFC 7627, 3',
    });
  addMasterSecret(seen, steps, shape);
  addKeyBlock(seen, steps);
  addBothFinished(seen, steps, said);
}

function clearMessages(seen: SeenHandshake, isResumed: boolean): readonly SpokenMessage[] {
  const start = seen.messages.indexOf(seen.clientHello.message);
  const last = isResumed
    ? seen.messages.findLastIndex(({ wasSealed }) => !wasSealed)
    : seen.messages.findLastIndex(
        ({ type, direction }) =>
          direction === CLIENT && (type === CLIENT_KEY_EXCHANGE || type === CERTIFICATE_VERIFY),
      );
  const end = last === -1 ? seen.messages.length : last + 1;
  return seen.messages.slice(start, end).filter(({ wasSealed }) => !wasSealed);
}

function addMasterSecret(seen: SeenHandshake, steps: StepList, shape: Shape12): void {
  const told = seen.secret('CLIENT_RANDOM');
  const draft = {
    id: 'master-secret',
    name: 'master_secret',
    told,
    whyUnknown: seen.whyNoSecret('CLIENT_RANDOM'),
  };
  if (shape.isResumed) {
    const earlier = told && seen.told?.connectionWithMaster(told.bytes, hex(seen.clientRandom));
    steps.add('schedule', {
      ...draft,
      about: 'Carried over from an earlier connection: nothing was exchanged for it in this one.',
      held: BOTH_ENDS,
      ...(told &&
        earlier !== undefined && {
          sent: { what: `the master secret of connection ${earlier}`, bytes: told.bytes },
        }),
      rfc: 'RFC 5246, 7.3',
    });
    return;
  }
  const { suite } = seen;
  const way: Way = shape.isExtended
    ? {
        from: ['pre-master-secret', 'session-hash'],
        compute: (secret, hash) => secret && hash && extendedMasterSecret12(suite, secret, hash),
      }
    : {
        from: ['pre-master-secret', ...RANDOMS],
        compute: (secret, client, server) =>
          secret && client && server && masterSecret12(suite, secret, { client, server }),
      };
  steps.add('schedule', {
    ...draft,
    formula: shape.isExtended
      ? 'PRF(pre_master_secret, "extended master secret", session_hash)[0..47]'
      : 'PRF(pre_master_secret, "master secret", client_random + server_random)[0..47]',
    ways: [way],
    rfc: shape.isExtended ? 'RFC 7627, 4' : 'RFC 5246, 8.1',
  });
}

/** In the order in which the block is cut; the length says whether the suite has a use for it. */
const PARTS: readonly (readonly [id: string, name: string, part: keyof KeyBlock])[] = [
  ['client-write-mac-key', 'client_write_MAC_key', 'clientMacKey'],
  ['server-write-mac-key', 'server_write_MAC_key', 'serverMacKey'],
  ['client-write-key', 'client_write_key', 'clientKey'],
  ['server-write-key', 'server_write_key', 'serverKey'],
  ['client-write-iv', 'client_write_IV', 'clientVector'],
  ['server-write-iv', 'server_write_IV', 'serverVector'],
];

function addKeyBlock({ suite }: SeenHandshake, steps: StepList): void {
  const length = keyBlockLength(suite);
  steps.add('schedule', {
    id: 'key-block',
    name: 'key_block',
    formula: `PRF(master_secret, "key expansion", server_random + client_random)[0..${length - 1}]`,
    ways: [
      {
        from: ['master-secret', ...RANDOMS],
        compute: (master, client, server) =>
          master && client && server && keyBlock12(suite, master, { client, server } satisfies Randoms),
      },
    ],
    rfc: 'RFC 5246, 6.3',
  });
  const lengths = cutKeyBlock(suite, new Uint8Array(length));
  let at = 0;
  for (const [id, name, part] of PARTS) {
    const size = lengths[part].length;
    if (size === 0) continue;
    steps.add('traffic', {
      id,
      name,
      formula: `key_block[${at}..${at + size - 1}]`,
      ways: [{ from: ['key-block'], compute: (block) => block && cutKeyBlock(suite, block)[part] }],
      rfc: 'RFC 5246, 6.3',
    });
    at += size;
  }
}

/** Each covers all before it, so the second one the first. */
function addBothFinished(seen: SeenHandshake, steps: StepList, said: readonly SpokenMessage[]): void {
  const all = ([CLIENT, SERVER] as const).flatMap(
    (direction) => seen.message(FINISHED, direction)?.message ?? [],
  );
  const [first, second] = all.sort((one, other) => seen.messages.indexOf(one) - seen.messages.indexOf(other));
  const isServerFirst = first
    ? first.direction === SERVER
    : !said.some(({ type }) => type === CLIENT_KEY_EXCHANGE);
  const [one, other] = isServerFirst ? (['server', 'client'] as const) : (['client', 'server'] as const);
  addFinished(seen, steps, one, first, {
    from: ['handshake-messages'],
    value: first ? seen.transcriptBefore(first) : said.at(-1)?.transcript,
  });
  addFinished(seen, steps, other, second, {
    from: ['handshake-messages', `${one}-finished`],
    value: seen.transcriptBefore(second),
  });
}

function addFinished(
  seen: SeenHandshake,
  steps: StepList,
  end: 'client' | 'server',
  finished: SpokenMessage | undefined,
  { from, value }: Way & Pick<StepDraft, 'value'>,
): void {
  const who = end === 'client' ? 'victim' : 'site';
  steps.add('schedule', {
    id: `${end}-finished-hash`,
    name: `Hash(handshake_messages before the ${end} Finished)`,
    ways: [{ from }],
    value,
    whyUnknown: 'It covers a Finished that is sealed or not in the capture.',
    rfc: 'RFC 5246, 7.4.9',
  });
  steps.add('traffic', {
    id: `${end}-finished`,
    name: `verify_data of the ${end} Finished`,
    formula: `PRF(master_secret, "${end} finished", Hash(handshake_messages))[0..11]`,
    about: 'Proof that its sender has the same secret and saw the same handshake.',
    ways: [
      {
        from: ['master-secret', `${end}-finished-hash`],
        compute: (master, transcript) =>
          master && transcript && verifyData12(seen.suite, master, end, transcript),
      },
    ],
    sent: finished && { what: `the Finished that the ${who} sent`, bytes: finished.bytes.subarray(4) },
    ...(finished && { places: seen.parts(finished).whole.places }),
    rfc: 'RFC 5246, 7.4.9',
  });
}
