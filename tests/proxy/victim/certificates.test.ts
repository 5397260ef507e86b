import type { CertificateReceived, LogEvent, LoginAnswer } from '#contract';
import { CaptureFold } from '#folds/capture.ts';
import { checkCertificate } from '#folds/certificate-check/check.ts';
import { readCapture } from '#recording/read-capture.ts';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifySignature } from '../../../dashboard/src/lib/format/verify-signature.ts';
import { CERTIFICATE_HOSTS } from '../../../demo-sites/certificate-hosts/hosts.ts';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { type LabProcess, startLabProcess } from '../../support/lab-process.ts';

const HOSTS = ['piggypay.test', ...CERTIFICATE_HOSTS.map(({ name }) => name)];
let lab: LabProcess;
let answers: ReadonlyMap<string, LoginAnswer>;
let events: readonly LogEvent[];

beforeAll(async () => {
  lab = await startLabProcess();
  const gathered = new Map<string, LoginAnswer>();
  for (const host of HOSTS) {
    const login = { mobile: PERSONA.mobile, password: PERSONA.password, site: 'https', host };
    gathered.set(host, (await lab.call('POST', '/api/victim/login', login)).body as LoginAnswer);
  }
  answers = gathered;
  events = (await lab.events()).map(withBytes);
});
afterAll(() => lab.stop());

/** JSON lines carry certificates in base64. */
function withBytes(event: LogEvent): LogEvent {
  if (event.type !== 'certificate-received') return event;
  const bytes = (texts: readonly unknown[]) =>
    texts.map((text) => new Uint8Array(Buffer.from(String(text), 'base64')));
  return { ...event, chain: bytes(event.chain), trusted: bytes(event.trusted) };
}

function received(host: string): CertificateReceived | undefined {
  return events.find(
    (event): event is CertificateReceived => event.type === 'certificate-received' && event.host === host,
  );
}

function caseOf(host: string) {
  const fold = new CaptureFold();
  for (const event of events) fold.apply(event);
  return fold.certificates.of(answers.get(host)?.https?.connection ?? 0);
}

describe('the scripted victim', () => {
  test.each(HOSTS.filter((host) => host !== 'old-tls.test'))(
    'tells the certificates of %s, and why it left if it did',
    (host) => {
      const told = received(host);
      const answer = answers.get(host)?.https;
      expect(told?.connection).toBe(answer?.connection);
      expect(told?.error).toEqual(answer?.error);
      const [leaf, issuer] = (told?.chain ?? []).map((der) => new X509Certificate(der));
      expect(leaf?.subjectAltName).toBe(`DNS:${host === 'wrong-host.test' ? 'right-host.test' : host}`);
      if (host !== 'self-signed.test') expect(leaf?.verify(issuer?.publicKey ?? leaf.publicKey)).toBe(true);
      const ca = new X509Certificate(readFileSync(lab.lab.ca));
      expect(told?.trusted.map((der) => new X509Certificate(der).fingerprint256)).toEqual([
        ca.fingerprint256,
      ]);
    },
  );

  test('tells a handshake that failed before any certificate came, in OpenSSL’s words and no more', () => {
    expect(received('old-tls.test')).toBeUndefined();
    const connection = answers.get('old-tls.test')?.https?.connection;
    const failures = events.filter(
      (event) => event.type === 'handshake-failed' && event.connection === connection,
    );
    expect(failures).toMatchObject([
      { vantage: 'site', code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' },
      {
        vantage: 'victim',
        code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
        message: 'tlsv1 alert protocol version',
      },
    ]);
  });
});

describe('the check of what the victim was shown', () => {
  test.each(HOSTS)('comes to the same as the victim at %s, for one reason at most', async (host) => {
    const found = caseOf(host);
    if (!found) throw new Error('no case');
    const { lines, agrees } = await checkCertificate(found, verifySignature);
    expect(agrees).toBe(true);
    const isGood = answers.get(host)?.https?.ok === true;
    expect(lines.filter(({ status }) => status === 'bad')).toHaveLength(isGood ? 0 : 1);
    expect(found).toMatchObject(isGood ? { requests: 3, logins: 1 } : { requests: 0, logins: 0 });
  });

  test('finds the very same bytes on the wire in TLS 1.2, and none of them in TLS 1.3', () => {
    for (const host of ['tls12.test', 'static-rsa.test']) expect(caseOf(host)?.isOnWire, host).toBe(true);
    for (const host of ['piggypay.test', 'expired.test']) expect(caseOf(host)?.isOnWire, host).toBe(false);
  });

  test('needs no victim to tell where the certificate crossed in clear', async () => {
    const fold = new CaptureFold();
    for (const event of events) if (event.vantage === 'wire') fold.apply(event);
    const found = fold.certificates.of(answers.get('tls12.test')?.https?.connection ?? 0);
    expect(found).toMatchObject({ chainFrom: 'wire', isOnWire: true, version: 0x0303 });
    const [leaf] = found?.chain ?? [];
    expect(leaf).toEqual(received('tls12.test')?.chain[0]);
    const sealed = fold.certificates.of(answers.get('expired.test')?.https?.connection ?? 0);
    expect(sealed?.chain).toEqual([]);
  });
});

test('certificates come back from an exported capture as they were told', async () => {
  const response = await fetch(`${lab.lab.dashboard}/api/capture.pcapng`, {
    headers: { Authorization: `Bearer ${lab.lab.token}` },
  });
  const back = readCapture(new Uint8Array(await response.arrayBuffer())).events;
  const told = (all: readonly LogEvent[]) => all.filter(({ type }) => type === 'certificate-received');
  expect(told(events)).toHaveLength(HOSTS.length - 1);
  expect(told(back)).toEqual(told(events));
});
