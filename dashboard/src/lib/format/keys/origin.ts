import type {
  KeyOrigin,
  Knower,
  OriginEntry,
  OriginStage,
  OriginStep,
} from '#folds/key-origin/key-origin.ts';
import { OPENERS } from '../inspector/words.ts';
import { counted } from '../quantity.ts';

export const STAGES: readonly OriginStage[] = ['hellos', 'exchange', 'schedule', 'traffic', 'signature'];

export const STAGE_TITLES: Readonly<Record<OriginStage, string>> = {
  hellos: 'Both hellos, in clear',
  exchange: 'The shared secret',
  schedule: 'The schedule: one secret becomes many',
  traffic: 'The keys that seal the records',
  signature: 'The certificate’s key only signs',
};

export const KNOWERS: readonly Knower[] = ['victim', 'site', 'stranger'];

/** One step across the whole width, or what each direction has of its own side by side. */
export type OriginRow =
  | { readonly kind: 'one'; readonly step: OriginStep }
  | { readonly kind: 'two'; readonly client: OriginStep; readonly server: OriginStep };

/** The resolver's keys are no part of the story; among all others the newest are looked at first. */
export function newestOrigin(entries: readonly OriginEntry[]): OriginEntry | undefined {
  return entries.findLast(({ host }) => host !== 'resolver.test') ?? entries.at(-1);
}

export function entryLine({ connection, host, version, opener, tellsPrivateHalf }: OriginEntry): string {
  const cards = tellsPrivateHalf ? ', open cards' : '';
  return `${host} · ${version} · connection ${String(connection)}, ${OPENERS[opener]}${cards}`;
}

/** Whose keys are lent, and whether that says anything of this connection. */
export function lentLine({ by, hasTold }: NonNullable<KeyOrigin['lent']>): string {
  return hasTold
    ? `lent by the ${by}, on this screen only`
    : `the ${by} lends its keys, and told none of this connection`;
}

/** Both ends computed a secret from key shares, and it is not known here. */
export function isSecretUnknown({ exchange, steps }: KeyOrigin): boolean {
  if (exchange !== '(EC)DHE') return false;
  return steps.some(({ id, value }) => SECRETS.has(id) && !value);
}

/** What comes out of the key shares, in TLS 1.3 and before. */
const SECRETS: ReadonlySet<string> = new Set(['shared-secret', 'pre-master-secret']);

/**
 * The steps of a stage in their order. Those of client and server that follow each other and are of the same kind
 * stand side by side, where the first of them stands.
 */
export function originRows(steps: readonly OriginStep[]): readonly OriginRow[] {
  const rows: OriginRow[] = [];
  let run: OriginStep[] = [];
  const settle = (): void => {
    const taken = new Set<OriginStep>();
    for (const step of run) {
      if (taken.has(step)) continue;
      const other = run.find(({ id }) => id === twinOf(step.id));
      const [client, server] = step.id.startsWith('client-') ? [step, other] : [other, step];
      if (other) taken.add(other);
      rows.push(client && server ? { kind: 'two', client, server } : { kind: 'one', step });
    }
    run = [];
  };
  for (const step of steps) {
    if (twinOf(step.id) === undefined) {
      settle();
      rows.push({ kind: 'one', step });
    } else run.push(step);
  }
  settle();
  return rows;
}

/** `server-write-key` of `client-write-key` and the other way round. */
function twinOf(id: string): string | undefined {
  if (id.startsWith('client-')) return `server-${id.slice('client-'.length)}`;
  return id.startsWith('server-') ? `client-${id.slice('server-'.length)}` : undefined;
}

/** What the exchange is, as far as this connection shows it. */
export function exchangeSentences({ exchange, version }: KeyOrigin): readonly string[] {
  const clear =
    'Both hellos are plaintext: not a sealed handshake protects the secret, the mathematics does.';
  if (exchange === 'static RSA')
    return [
      'The victim makes a 48-byte pre-master secret and encrypts it with the public key of the certificate.',
      'Whoever gets the private key, today or in ten years, opens what was recorded.',
    ];
  if (exchange === 'resumption')
    return [
      'Resumed: the master secret is that of an earlier connection, the randoms are new.',
      'Both hellos are plaintext; a ticket in one opens only with the site’s ticket key.',
    ];
  if (exchange === 'PSK')
    return [
      'Resumed with a secret from an earlier connection, and no key shares: no forward secrecy.',
      'Both hellos are plaintext; a ticket in one opens only with the site’s ticket key.',
    ];
  const both =
    version === 'TLS 1.3'
      ? 'Both sides send a key share in the clear and compute the same secret; the certificate’s key only signs.'
      : 'Both sides send a public value in the clear and compute the same secret; the certificate’s key only signs.';
  if (exchange === 'PSK with (EC)DHE')
    return [
      'Resumed with a secret from an earlier connection, which vouches for the site: no certificate crosses.',
      'Both sides send a key share in the clear as well: so that secret alone does not give the keys.',
      clear,
    ];
  return [both, clear];
}

/** With static RSA the key of the certificate does something else, and the other way round. */
export function signatureTitle({ exchange }: KeyOrigin): string {
  if (exchange === 'static RSA') return 'The certificate’s key decrypts here; it signs nothing';
  return exchange === '(EC)DHE' ? STAGE_TITLES.signature : 'The certificate’s key has no part in this';
}

/** One session, one key? Counted from what an end told, where a key is lent. */
export function trafficSentence({ version, steps }: KeyOrigin): string {
  if (version !== 'TLS 1.3')
    return 'Separate keys for each direction, cut from one block that both ends compute from the master secret and both randoms.';
  const told = steps.filter(isInKeyLog).length;
  const lines = told > 0 ? counted(told, 'line') : 'usually five lines';
  return `Separate keys for each direction, and for handshake and data: ${lines} in the key log of this one connection.`;
}

/** Told as it is, or told and computed as well. */
function isInKeyLog({ stage, source, agreesWith }: OriginStep): boolean {
  const how = source === 'computed' ? agreesWith?.what.replace('what was ', '') : source;
  return stage === 'schedule' && how?.startsWith('told by') === true;
}
