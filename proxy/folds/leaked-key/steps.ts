import { versionName } from '#dissectors/tls/names.ts';
import type { PrivateKeyReading } from '#keys/rsa-private-key.ts';
import type { HandshakeFacts } from './handshake-facts.ts';
import type { LeakStep } from './leak-case.ts';
import type { OpenedRecords } from './opened-records.ts';
import type { StolenSecret } from './stolen-secrets.ts';

/** All that the steps of one connection are told from. */
export interface Found {
  readonly host: string;
  readonly key: PrivateKeyReading;
  readonly facts: HandshakeFacts;
  /** Of RSA keys. */
  readonly secret?: StolenSecret;
  readonly records: OpenedRecords;
  /** Whether the key is the other half of the certificate's; undefined where no certificate is known. */
  readonly isOtherHalf?: boolean;
  readonly isCertificateOnWire: boolean;
  /** The master secret against a line that an end told. */
  readonly compared?: { readonly isEqual: boolean; readonly toldBy: 'victim' | 'site' };
}

const TLS_1_3 = 0x0304;
const WITH_KEY = 'computed with the leaked key';

/** The same steps for every connection; from the first that stops on, none is done. */
export function leakSteps(found: Found): readonly LeakStep[] {
  const steps = [
    keyStep(found),
    exchangeStep(found),
    preMasterStep(found),
    masterStep(found),
    recordsStep(found),
    loginStep(found),
    keyLogStep(found),
  ];
  const end = steps.findIndex(({ state }) => state === 'stops');
  return steps.map((step, at) => (end === -1 || at <= end ? step : { ...step, state: 'not-reached' }));
}

function keyStep({ host, key, isOtherHalf, isCertificateOnWire, facts }: Found): LeakStep {
  const about = {
    id: 'key',
    title: 'The stolen key',
    rfc: 'RFC 5280, 4.1.2.7',
    source: 'leaked by the site',
  } as const;
  if (key.kind === 'none') return { ...about, state: 'stops', says: key.why };
  const comparedWith = {
    what: 'the certificate',
    source: isCertificateOnWire ? ('captured' as const) : ('told by the victim' as const),
  };
  if (isOtherHalf === false)
    return {
      ...{ ...about, state: 'stops', comparedWith },
      says: `It is another key, that of another certificate of ${host}: not the private half of the public key in the one that the site showed here.`,
    };
  if (isOtherHalf)
    return {
      ...{ ...about, state: 'done', comparedWith },
      says: 'It is the private half of the public key in the certificate that the site showed.',
    };
  const why = facts.exchange === 'resumption' ? ': it took up an earlier session' : '';
  return { ...about, state: 'done', says: `This connection shows no certificate to hold it against${why}.` };
}

function exchangeStep({ facts, secret }: Found): LeakStep {
  const about = { id: 'exchange', title: 'On the wire', source: 'captured' } as const;
  const { exchange, keyExchange, shares, server } = facts;
  if (exchange === 'static RSA' && keyExchange)
    return {
      ...{ ...about, state: 'done', rfc: 'RFC 5246, 7.4.7.1', places: keyExchange.places },
      ...(secret?.encrypted ? { value: secret.encrypted } : {}),
      says: 'ClientKeyExchange: the victim made a secret and encrypted it with the site’s public key.',
    };
  if (exchange === '(EC)DHE' && shares.length > 0) {
    const is13 = server.version === TLS_1_3;
    return {
      ...{
        ...about,
        state: 'done',
        places: shares,
        rfc: is13 ? 'RFC 8446, 4.2.8' : 'RFC 5246, 7.4.3 and 7.4.7',
      },
      says: 'Public values in clear, from each end its own. Nothing was encrypted with the site’s public key.',
    };
  }
  if (exchange === 'resumption')
    return secret?.begunOn === undefined
      ? {
          ...{ ...about, state: 'stops', rfc: 'RFC 5246, 7.3' },
          says: 'It took up a session whose beginning is not in the capture, or did not open.',
        }
      : {
          ...{ ...about, state: 'done', rfc: 'RFC 5246, 7.3' },
          says: `No key exchange: it took up the session of connection ${secret.begunOn}, with the same master secret.`,
        };
  return {
    ...about,
    state: 'stops',
    says: 'The message that the secret would be in is not in the capture, or of a kind that is not undone here.',
  };
}

function preMasterStep({ key, facts, secret }: Found): LeakStep {
  const about = { id: 'pre-master', title: 'Pre-master secret', rfc: 'RFC 8017, 7.2.2' } as const;
  const reading = secret?.reading;
  if (reading?.state === 'read') {
    const version = versionName(facts.offered);
    return {
      ...{ ...about, state: 'done', source: WITH_KEY, value: reading.preMaster },
      says: `Decrypted. All checks hold: ${reading.padding} bytes of padding, 48 bytes of secret, ${version} at its front as the ClientHello offered.`,
    };
  }
  if (reading) return { ...about, state: 'stops', says: `It does not decrypt. ${reading.why}` };
  if (facts.exchange !== '(EC)DHE')
    return key.kind === 'EC'
      ? { ...about, state: 'stops', says: 'Nothing was encrypted that an EC key could decrypt.' }
      : { ...about, state: 'stops', says: 'There is nothing to decrypt.' };
  const signed = facts.server.version === TLS_1_3 ? 'CertificateVerify' : 'ServerKeyExchange';
  return {
    ...{ id: 'pre-master', title: 'Shared secret', state: 'stops' },
    rfc: facts.server.version === TLS_1_3 ? 'RFC 8446, 1.2 and 7.4' : 'RFC 8422, 2',
    says: `It came from two private values that were made for this connection alone. Neither crossed the wire, neither follows from the stolen key, and the ends need them no longer. The most that key does here is sign (${signed}), and a signature holds no secret.`,
  };
}

function masterStep({ facts, secret }: Found): LeakStep {
  const about = { id: 'master', title: 'Master secret' } as const;
  if (secret?.master) {
    const how = secret.isExtended
      ? 'From the pre-master secret and a hash of the handshake up to ClientKeyExchange (extended).'
      : 'From the pre-master secret and both randoms, which crossed in clear.';
    const rfc = secret.isExtended ? 'RFC 7627, 4' : 'RFC 5246, 8.1';
    return { ...about, state: 'done', source: WITH_KEY, value: secret.master, says: how, rfc };
  }
  if (secret?.reading?.state === 'read')
    return {
      ...{ ...about, state: 'stops' },
      says: `${versionName(facts.server.version)} with this cipher suite is not undone here.`,
    };
  return { ...about, state: 'not-reached', says: 'Cannot be computed without the secret above.' };
}

function recordsStep({ records: { opened, sealed } }: Found): LeakStep {
  const all = opened + sealed;
  const says = `${opened} of ${all} encrypted ${all === 1 ? 'record' : 'records'} opened.`;
  const about = { id: 'records', title: 'Encrypted records' } as const;
  if (opened === 0) return { ...about, state: 'stops', says };
  return { ...about, state: 'done', source: WITH_KEY, says: `${says} Every tag verified.` };
}

function loginStep({ records: { login, opened } }: Found): LeakStep {
  const about = { id: 'login', title: 'The login' } as const;
  if (login)
    return {
      ...{ ...about, state: 'done', source: WITH_KEY },
      says: `${login.title}: the password stands in it as it was typed.`,
    };
  return opened > 0
    ? { ...about, state: 'done', says: 'No login crossed on this connection.' }
    : { ...about, state: 'not-reached', says: 'Stays sealed.' };
}

function keyLogStep({ compared, secret }: Found): LeakStep {
  const about = { id: 'key-log', title: 'Compared with the key log' } as const;
  if (!secret?.master) return { ...about, state: 'not-reached', says: 'Nothing to compare.' };
  if (!compared)
    return { ...about, state: 'done', says: 'No end told this connection’s secret. None was needed.' };
  const source = `told by the ${compared.toldBy}` as const;
  return compared.isEqual
    ? {
        ...about,
        state: 'done',
        source,
        says: 'The same master secret, byte for byte. It was not used above.',
      }
    : { ...about, state: 'stops', source, says: 'It differs from what the key log has.' };
}
