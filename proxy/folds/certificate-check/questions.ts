import { versionName } from '#dissectors/tls/names.ts';
import { TLS_1_2 } from '#dissectors/tls/versions.ts';
import type { CertificateCase } from './certificate-case.ts';
import { type CertificateFacts, shortName } from './certificate-facts.ts';
import type { ChainPath } from './chain-path.ts';
import { bad, type Finding, good, open } from './check-line.ts';
import { forbiddenName, matchingName } from './host-names.ts';

// OpenSSL counts RSA of 1023 bits as the 80 bits of security that it asks for; 1024 is what everybody says.
const FEWEST_RSA_BITS = 1023;
const TODAYS_RSA_BITS = 2048;
const BROKEN_HASHES = /^(md[25]|sha1|dsa-with-SHA1|ecdsa-with-SHA1)/i;

export function versionFinding({ version, alert, verdict }: CertificateCase): Finding {
  if (version !== undefined) {
    const name = versionName(version);
    return version >= TLS_1_2 || version >> 8 === 0x7f
      ? good(name, 'The hellos settled it before any certificate was shown.')
      : bad(name, 'Clients of today give up versions before TLS 1.2.');
  }
  if (alert !== undefined)
    return bad(`Alert: ${alert}`, 'The handshake ended before a version was settled; no certificate came.');
  return verdict?.isSatisfied === false
    ? bad(verdict.code, 'The handshake ended before a version was settled.')
    : open('No ServerHello was captured.', 'Without it, the version is not known.');
}

export function chainFinding({ certificates, ends }: ChainPath, areTrustedKnown: boolean): Finding {
  const names = certificates.map((each, at) => (at === 0 ? ownName(each) : shortName(each.subject)));
  const value = names.join(' ← signed by ');
  if (!areTrustedKnown) return open(value, 'Whom this client trusts, it did not tell.');
  if (ends === 'trusted') return good(value, 'The last of them is on the list of those the victim trusts.');
  if (ends === 'missing') {
    const issuer = shortName(certificates.at(-1)?.issuer ?? '');
    return bad(value, `Its issuer, ${issuer}, was not sent and is not on the victim’s list.`);
  }
  return certificates.length === 1
    ? bad(
        `${value} ← signed by itself`,
        'It vouches for itself, which anybody can do, and it is not on the victim’s list.',
      )
    : bad(value, 'The last of them vouches for itself, and is not on the victim’s list.');
}

export function nameFinding(host: string, leaf: CertificateFacts): Finding {
  const names = [...leaf.dnsNames, ...leaf.addresses];
  const value = `asked for ${host}; certificate is for ${names.join(', ') || 'no name at all'}`;
  return matchingName(host, leaf) === undefined
    ? bad(value, 'Somebody proved who they are, but not that they are the one who was asked for.')
    : good(value, 'Only these names count; a common name in the subject does not.');
}

export function datesFinding(at: number, { certificates }: ChainPath): Finding {
  for (const [index, each] of certificates.entries()) {
    const { notBefore, notAfter } = each;
    const who = index === 0 ? 'the certificate' : shortName(each.subject);
    if (notBefore === undefined || notAfter === undefined)
      return bad('no dates that can be read', `The dates of ${who} are not in the form of the rule.`);
    const value = `${day(notBefore)} to ${day(notAfter)}; it was ${day(at)}`;
    if (at < notBefore) return bad(value, `It is too early for ${who}.`);
    // The last second counts as a whole.
    if (at >= notAfter + 1000) return bad(value, `It is too late for ${who}.`);
  }
  const [leaf] = certificates;
  return good(
    `${day(leaf?.notBefore ?? 0)} to ${day(leaf?.notAfter ?? 0)}; it was ${day(at)}`,
    'Also for those who vouch for it. The clock is that of the machine which captured.',
  );
}

export function keyFinding({ certificates }: ChainPath): Finding {
  const [leaf] = certificates;
  const value = certificates.map(({ key }) => key.kind).join(' ← ');
  for (const { key, signature } of certificates) {
    if (key.rsaBits !== undefined && key.rsaBits < FEWEST_RSA_BITS)
      return bad(key.kind, 'RSA of less than 1024 bits can be broken, and then anybody can be this site.');
    if (BROKEN_HASHES.test(signature.algorithm))
      return bad(signature.algorithm, 'Signatures over such a hash can be forged.');
  }
  const bits = leaf?.key.rsaBits;
  return bits !== undefined && bits < TODAYS_RSA_BITS
    ? good(value, 'Accepted, though public authorities sign for 2048 bits and more only.')
    : good(`${value}; ${leaf?.signature.algorithm ?? ''}`, 'Nobody is known to be able to break these.');
}

export function constraintsFinding({ certificates }: ChainPath): Finding {
  const [leaf] = certificates;
  if (!leaf) return open('no certificate', 'None came.');
  const strange = certificates.find(({ notUnderstood }) => notUnderstood.length > 0);
  if (strange)
    return bad(
      strange.notUnderstood.join(', '),
      'It is marked as critical, and this check does not know it.',
    );
  const purposes = leaf.purposes?.join(', ') ?? 'any purpose';
  if (leaf.purposes && !leaf.purposes.some((each) => each === 'serverAuth' || each === 'anyExtendedKeyUsage'))
    return bad(purposes, 'It is not for servers.');
  for (const [at, issuer] of certificates.entries()) {
    const why = at === 0 ? undefined : refusalOf(issuer, certificates.slice(0, at));
    if (why) return why;
  }
  const issuer = certificates[1];
  const authority = issuer ? `, by an authority${extent(issuer)}` : '';
  return good(
    `for servers (${purposes})${authority}`,
    issuer
      ? 'Whoever vouches for it may do so for this name.'
      : 'No authority vouches for it that could be asked.',
  );
}

/** Why this authority may not vouch for those below it. */
function refusalOf(issuer: CertificateFacts, below: readonly CertificateFacts[]): Finding | undefined {
  const who = shortName(issuer.subject);
  if (!issuer.isAuthority) return bad(who, 'It is no authority, so it may not vouch for others.');
  if (issuer.usages && !issuer.usages.includes('keyCertSign'))
    return bad(issuer.usages.join(', '), `The key of ${who} is not for signing certificates.`);
  if (issuer.pathLength !== undefined && below.length - 1 > issuer.pathLength)
    return bad(
      `at most ${issuer.pathLength} authorities below ${who}`,
      `There are ${below.length - 1} of them.`,
    );
  const [leaf] = below;
  const forbidden = leaf && issuer.constraints && forbiddenName(leaf, issuer.constraints);
  return forbidden === undefined
    ? undefined
    : bad(`${forbidden}, signed by ${who}`, 'That name is outside what this authority may sign for.');
}

function extent({ constraints }: CertificateFacts): string {
  const count = constraints?.permitted.filter(({ kind }) => kind === 'dns').length ?? 0;
  return count === 0 ? '' : ` for ${count} names`;
}

function ownName(leaf: CertificateFacts): string {
  return leaf.dnsNames[0] ?? leaf.addresses[0] ?? shortName(leaf.subject);
}

/** `2026-11-22 05:31 UTC` */
function day(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
