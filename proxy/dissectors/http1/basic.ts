import type { ByteReader } from '../byte-reader.ts';
import { fromBase64 } from '../content/base64.ts';
import { latin1, utf8 } from '../text.ts';
import { headerMeaning } from './header-meanings.ts';

/** `Basic ` and a name and a password in base64, which is no encryption (RFC 7617, 2). */
export function readBasic(reader: ByteReader): void {
  reader.describe({ value: latin1(reader.ahead()), meaning: headerMeaning('authorization') ?? '' });
  reader.text(5, 'plainsight.http.auth_scheme', 'Scheme');
  reader.opaque(1, 'plainsight.separator', 'Separator');
  const credentials = fromBase64(latin1(reader.ahead()).trim());
  if (credentials === undefined)
    reader.malformed(reader.remaining, 'Not base64.', 'http.authbasic', 'Credentials');
  else
    reader.decoded(
      reader.remaining,
      'http.authbasic',
      'Credentials',
      utf8(credentials),
      'Name and password in base64, which anybody can undo.',
    );
}
