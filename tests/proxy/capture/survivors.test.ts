import { expect, test } from 'vitest';
import { CaptureLog } from '../../../proxy/capture/log.ts';

const LIMIT = 64 * 1024;
const KEY = new Uint8Array(1200).fill(0xd1);

function filled(log: CaptureLog): void {
  for (let count = 0; count < 200; count++) {
    const bytes = log.segments.store(new Uint8Array(1024).fill(count));
    const place = { connection: 1, hop: 'cafe', direction: 'client-to-server' } as const;
    log.append({ type: 'bytes-captured', vantage: 'wire', ...place, offset: count * 1024, bytes });
  }
}

test('a private key that got out outlives every sweep, the newest of each host', () => {
  const log = new CaptureLog({ limitBytes: LIMIT });
  log.begin({ routes: [] });
  const leak = (host: string, key: Uint8Array) =>
    log.append({ type: 'private-key-leaked', vantage: 'site', host, key });
  leak('static-rsa.test', new Uint8Array(1200));
  leak('static-rsa.test', KEY);
  leak('piggypay.test', KEY);
  filled(log);
  const leaks = log.after(0).filter((event) => event.type === 'private-key-leaked');
  expect(leaks.map(({ host, key }) => [host, key[0]])).toEqual([
    ['static-rsa.test', 0xd1],
    ['piggypay.test', 0xd1],
  ]);
  expect(log.bytes).toBeLessThanOrEqual(LIMIT);
});

test('that an attack is armed outlives every sweep, until it is disarmed', () => {
  const log = new CaptureLog({ limitBytes: LIMIT });
  log.begin({ routes: [] });
  const tell = (type: 'attack-armed' | 'attack-disarmed', attack: 'change' | 'downgrade') =>
    log.append({ type, vantage: 'wire', attack });
  tell('attack-armed', 'change');
  tell('attack-armed', 'downgrade');
  log.append({ type: 'attack-acted', vantage: 'wire', attack: 'change', before: KEY, after: KEY });
  tell('attack-disarmed', 'downgrade');
  filled(log);
  const attacks = log.after(0).filter(({ type }) => type.startsWith('attack-'));
  expect(attacks).toMatchObject([{ type: 'attack-armed', attack: 'change' }]);
  expect(log.bytes).toBeLessThanOrEqual(LIMIT);
});

test('a told key share stays as long as its connection, and goes with it', () => {
  const log = new CaptureLog({ limitBytes: LIMIT });
  log.begin({ routes: [] });
  const client = { address: '127.0.0.1', port: 50_000 };
  const server = { name: 'piggypay.test', address: '127.0.0.1', port: 443 };
  log.append({
    ...{ type: 'connection-opened', vantage: 'wire', hop: 'cafe', connection: 1, transport: 'tcp' },
    ...{ client, server, opener: 'scripted-victim' },
  });
  const told = { type: 'key-share-told', vantage: 'victim', group: 29, privateKey: KEY } as const;
  log.append({ ...told, connection: 1 });
  filled(log);
  const shares = () => log.after(0).filter(({ type }) => type === 'key-share-told');
  expect(shares()).toHaveLength(1);
  log.append({
    type: 'connection-closed',
    vantage: 'wire',
    hop: 'cafe',
    connection: 1,
    by: 'client',
    how: 'end',
  });
  filled(log);
  expect(shares()).toEqual([]);
});

test('a told certificate stays as long as its connection, and one of no connection goes with the others', () => {
  const log = new CaptureLog({ limitBytes: LIMIT });
  log.begin({ routes: [] });
  const wire = { vantage: 'wire', hop: 'cafe', connection: 1 } as const;
  log.append({
    ...{ ...wire, type: 'connection-opened', transport: 'tcp', opener: 'scripted-victim' },
    client: { address: '127.0.0.1', port: 50_000 },
    server: { name: 'piggypay.test', address: '127.0.0.1', port: 443 },
  });
  const told = { vantage: 'victim', type: 'certificate-received', chain: [KEY], trusted: [KEY] } as const;
  log.append({ ...told, connection: 1, host: 'piggypay.test' });
  log.append({ ...told, host: 'elsewhere.test' });
  filled(log);
  const hosts = () =>
    log.after(0).flatMap((event) => (event.type === 'certificate-received' ? [event.host] : []));
  expect(hosts()).toEqual(['piggypay.test']);
  log.append({ ...wire, type: 'connection-closed', by: 'client', how: 'end' });
  filled(log);
  expect(hosts()).toEqual([]);
  expect(log.bytes).toBeLessThanOrEqual(LIMIT);
});
