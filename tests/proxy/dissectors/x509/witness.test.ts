import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Field } from '#dissectors/field.ts';
import { hex } from '#dissectors/text.ts';
import { explainCertificate } from '#dissectors/x509/certificate.ts';
import { describe, expect, test } from 'vitest';
import { createAuthority } from '../../../../certs/authority.ts';
import { hasTool } from '../../../support/tools.ts';
import { opensslCertificate, RICH } from './certificates.ts';

// What lies before the certificate: Ethernet, IPv4 and TCP, the record, the handshake message, two lengths.
const HEADERS = 54 + 5 + 4 + 3 + 3;

function size(length: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => (length >> (8 * (bytes - 1 - index))) & 0xff);
}

/** The fields that tshark finds in the certificate, as `name start+size`. */
function witness(certificate: Uint8Array): ReadonlySet<string> {
  const list = [...size(certificate.length, 3), ...certificate];
  const message = [11, ...size(list.length + 3, 3), ...size(list.length, 3), ...list];
  const record = Uint8Array.from([22, 3, 3, ...size(message.length, 2), ...message]);
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-witness-'));
  try {
    const [text, file] = [join(folder, 'packet.txt'), join(folder, 'packet.pcap')];
    writeFileSync(text, `I\n000000 ${hex(record).replaceAll(/../g, '$& ')}\n`);
    execFileSync('text2pcap', ['-D', '-4', '10.0.0.2,10.0.0.1', '-T', '443,50000', text, file], {
      stdio: 'pipe',
    });
    const pdml = execFileSync('tshark', ['-r', file, '-T', 'pdml'], {
      stdio: 'pipe',
      maxBuffer: 1e8,
    }).toString();
    return new Set(
      [...pdml.matchAll(/<field name="([^"]+)"[^>]*? size="(\d+)" pos="(\d+)"/g)].map(
        ([, name = '', length, at]) => `${name} ${Number(at) - HEADERS}+${length}`,
      ),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function leaves(field: Field): readonly Field[] {
  return field.children ? field.children.flatMap(leaves) : [field];
}

function ours(certificate: Uint8Array): readonly string[] {
  return leaves(explainCertificate(certificate))
    .filter(({ name }) => !name.startsWith('plainsight.'))
    .map(({ name, range }) => `${name} ${range.start}+${range.end - range.start}`);
}

function expectAgreement(certificate: Uint8Array, atLeast: number): void {
  const theirs = witness(certificate);
  const fields = ours(certificate);
  expect(fields.length).toBeGreaterThan(atLeast);
  const ourOwn = fields.filter((field) => !theirs.has(field));
  // tshark passes over the byte before an RSA key, and shows the one before any other bit string.
  expect(ourOwn.filter((field) => !field.startsWith('ber.bitstring.padding'))).toEqual([]);
  expect(ourOwn.length).toBeLessThanOrEqual(1);
}

describe.skipIf(!hasTool('tshark') || !hasTool('openssl'))(
  'tshark agrees on every field and on where it lies',
  () => {
    test('of certificates of the lab', async () => {
      const authority = await createAuthority();
      expectAgreement(authority.certificateDer, 25);
      const { certificatePem } = await authority.issue({ names: ['piggypay.test', '127.0.0.1', '::1'] });
      expectAgreement(Buffer.from(certificatePem.replaceAll(/-----.*-----/g, ''), 'base64'), 30);
    });

    test('of a certificate with everything in it', () => {
      expectAgreement(opensslCertificate(RICH), 100);
    });

    test('of one signed with RSA-PSS', () => {
      const options = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'];
      expectAgreement(opensslCertificate({ subject: ['CN=pss'], key: 'rsa:2048', options }), 20);
    });

    test('of one with rarer parts of a name', () => {
      const subject = [
        'DC=test',
        'UID=me',
        'L=Town',
        'ST=State',
        'street=Road 1',
        'postalCode=123',
        'dnQualifier=q',
      ];
      expectAgreement(
        opensslCertificate({ subject: [...subject, 'title=Dr', 'GN=An', 'SN=On'], key: 'ed25519' }),
        40,
      );
    });
  },
);
