import { latin1 } from '../text.ts';
import { type DerReader, SEQUENCE } from './der.ts';

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** From when until when a certificate counts (RFC 5280, 4.1.2.5); answers `from to until`, as far as readable. */
export function readValidity(der: DerReader): string {
  let line = '';
  der.structure(SEQUENCE, 'x509af.validity_element', 'Validity', () => {
    const from = readTime(der, 'x509af.notBefore', 'Not before');
    const until = readTime(der, 'x509af.notAfter', 'Not after');
    line = `${from ?? '?'} to ${until ?? '?'}`;
    der.reader.describe({ value: line });
  });
  return line;
}

/**
 * The date of a UTCTime (`YYMMDDHHMMSSZ`, years 1950 to 2049) or a GeneralizedTime (`YYYYMMDDHHMMSSZ`) in ISO 8601;
 * undefined when it is none in the only form that certificates may use (RFC 5280, 4.1.2.5.1 and 4.1.2.5.2).
 */
export function isoDate(text: string): string | undefined {
  const match = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return undefined;
  const [, year = '', month, day, hour, minute, second] = match;
  const century = year.length === 4 ? '' : Number(year) < 50 ? '20' : '19';
  const iso = `${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const time = Date.parse(iso);
  // The 31st of February would otherwise pass as a day of March.
  return Number.isNaN(time) || new Date(time).toISOString() !== iso.replace('Z', '.000Z') ? undefined : iso;
}

function readTime(der: DerReader, name: string, label: string): string | undefined {
  const tag = der.isNext(GENERALIZED_TIME) ? GENERALIZED_TIME : UTC_TIME;
  let iso: string | undefined;
  der.structure(tag, name, label, () => {
    const size = der.remaining;
    const text = latin1(der.reader.ahead(Math.min(size, 32)));
    iso = isoDate(text);
    const leaf = tag === UTC_TIME ? 'x509af.utcTime' : 'x509af.generalizedTime';
    if (iso === undefined)
      der.reader.malformed(size, 'No date in the form of RFC 5280.', leaf, 'Date and time');
    else {
      der.reader.decoded(size, leaf, 'Date and time', text, iso);
      der.reader.describe({ value: iso });
    }
  });
  return iso;
}
