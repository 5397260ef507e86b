import { expect, test } from 'vitest';
import { failuresOf } from '../../../dashboard/src/lib/format/failures.ts';

const expired = { connection: 4, site: 'expired.test', code: 'CERT_HAS_EXPIRED', message: 'expired' };
const own = { connection: 2, site: 'piggypay.test', code: 'ECONNRESET', message: 'reset' };
const unjoined = { code: 'ERR_SSL', message: 'bad record' };

test('a lane speaks of the failures of its own site, and not of those of another', () => {
  const failures = failuresOf({ site: 'piggypay.test', handshakeFailures: [expired, own] });
  expect(failures).toEqual(['ECONNRESET: reset']);
});

test('one that was not joined to a connection says so', () => {
  const failures = failuresOf({ site: 'piggypay.test', handshakeFailures: [unjoined] });
  expect(failures).toEqual(['ERR_SSL: bad record (it was not told on which connection)']);
});

test('where no site is shown, a failure names its own', () => {
  const failures = failuresOf({ site: undefined, handshakeFailures: [expired] });
  expect(failures).toEqual(['CERT_HAS_EXPIRED: expired (at expired.test)']);
});
