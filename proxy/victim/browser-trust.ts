import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';

/** How a temporary profile comes to trust the lab's site; nothing outside that profile is touched. */
export type BrowserTrust = 'authority in the profile' | 'this one certificate';

/**
 * Chromium keeps the certificates that its user added for one profile in `Default/ServerCertificate`, an SQLite
 * file. Written before the first start, it makes these CAs trusted in this profile alone, with every check,
 * name constraints included. Undocumented; seen working in Chromium 156 on Linux.
 */
export async function trustAuthoritiesInProfile(profile: string, ...authorityPems: string[]): Promise<void> {
  const SQL = await initSqlJs();
  const database = new SQL.Database();
  database.run('CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR)');
  for (const [key, value] of [
    ['version', '1'],
    ['last_compatible_version', '1'],
    ['mmap_status', '-1'],
  ] as const) {
    database.run('INSERT INTO meta VALUES (?, ?)', [key, value]);
  }
  database.run(
    'CREATE TABLE certificates(sha256hash_hex TEXT PRIMARY KEY NOT NULL, der_cert BLOB NOT NULL, trust_settings BLOB NOT NULL)',
  );
  for (const der of authorityPems.map((pem) => new X509Certificate(pem).raw)) {
    database.run('INSERT INTO certificates VALUES (?, ?, ?)', [
      createHash('sha256').update(der).digest('hex'),
      der,
      // A protocol buffer: trust { trust_type: TRUSTED }.
      new Uint8Array([0x0a, 0x02, 0x08, 0x03]),
    ]);
  }
  mkdirSync(join(profile, 'Default'), { recursive: true, mode: 0o700 });
  writeFileSync(join(profile, 'Default', 'ServerCertificate'), database.export(), { mode: 0o600 });
  database.close();
}

/**
 * The flag that makes Chromium accept one certificate by its public key. The fallback where the profile's own list
 * is not honoured. Only ever for a leaf that should load: for a CA it would switch name constraints off.
 */
export function trustLeafFlag(leafPem: string): string {
  const key = new X509Certificate(leafPem).publicKey.export({ type: 'spki', format: 'der' });
  return `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`;
}
