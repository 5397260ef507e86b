import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, createAuthority } from '../../../../certs/authority.ts';
import { selfSignLeaf } from '../../../../certs/signing.ts';
import { ALERT, APPLICATION_DATA, HANDSHAKE } from '../../../../proxy/victim/open-cards/code-points.ts';
import { vector } from '../../../../proxy/victim/open-cards/wire-writer.ts';
import { uint } from '#keys/bytes.ts';
import { deafPort } from '../../../support/ports.ts';
import { extension, type OwnSite, ownSite, TLS_1_3_CHOSEN } from './own-site.ts';
import { ANSWER, HOST, nodeSite, pipe, REQUEST, theAuthority, visit } from './sites.ts';

const TLS_1_2 = 0x0303;
const closers: (() => Promise<unknown>)[] = [];
async function kept<Thing extends { close(): Promise<unknown> }>(thing: Promise<Thing>): Promise<Thing> {
  const made = await thing;
  closers.push(() => made.close());
  return made;
}
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

let stranger: Authority;
beforeAll(async () => void (stranger = await createAuthority()));

describe.each([
  ['TLS 1.3', undefined],
  ['TLS 1.2', TLS_1_2],
] as const)('%s: a certificate that is not good', (_, version) => {
  test.each([
    ['of another name', () => ['right-host.test'], {}, 'ERR_TLS_CERT_ALTNAME_INVALID', /BAD_CERTIFICATE/],
    ['that has expired', () => [HOST], { period: 'past' }, 'CERT_HAS_EXPIRED', /CERTIFICATE_EXPIRED/],
    ['of tomorrow', () => [HOST], { period: 'future' }, 'CERT_NOT_YET_VALID', /BAD_CERTIFICATE/],
    ['of a weak key', () => [HOST], { key: 'RSA 768' }, 'EE_KEY_TOO_SMALL', /BAD_CERTIFICATE/],
  ] as const)('%s is refused with its alert', async (_what, names, options, code, alert) => {
    const { keyPem: key, certificatePem: cert } = await (
      await theAuthority()
    ).issue({ names: names(), ...options });
    await refused({ key, cert, ciphers: 'DEFAULT@SECLEVEL=0' }, code, alert);
  });

  test('of somebody else’s authority is refused with unknown_ca', async () => {
    const { keyPem: key, certificatePem: cert } = await stranger.issue({ names: [HOST] });
    await refused({ key, cert }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /UNKNOWN_CA/);
  });

  test('that vouches for itself is refused with unknown_ca', async () => {
    const { keyPem: key, certificatePem: cert } = await selfSignLeaf([HOST]);
    await refused({ key, cert }, 'DEPTH_ZERO_SELF_SIGNED_CERT', /UNKNOWN_CA/);
  });

  async function refused(
    options: Parameters<typeof nodeSite>[0],
    code: string,
    alert: RegExp,
  ): Promise<void> {
    const site = await kept(nodeSite(options));
    const seen = await visit(site.port, version ? { version } : {});
    expect(seen.error).toMatchObject({ code });
    expect(seen.shown).toMatchObject([{ error: { code, message: seen.error?.message } }]);
    expect(seen.shown[0]?.chain.length).toBeGreaterThan(0);
    await expect.poll(site.errors).toHaveLength(1);
    expect(site.errors()[0]).toMatch(alert);
    expect(site.heard()).toBe('');
  }
});

const ALERTS = {
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  bad_certificate: 42,
  illegal_parameter: 47,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  missing_extension: 109,
  unsupported_extension: 110,
} as const;
type Case = readonly [name: string, alert: keyof typeof ALERTS, play: (site: OwnSite) => unknown];

const share = (group: number, key: Uint8Array) => extension(51, uint(group, 2), vector(2, key));
const alpn = (protocol: string) => extension(16, vector(2, vector(1, Buffer.from(protocol))));
const wanted = (group: number) => extension(51, uint(group, 2));
const sentinel = Buffer.concat([Buffer.alloc(24, 7), Buffer.from('444f574e47524401', 'hex')]);
const record = (type: number, length: number) =>
  Buffer.concat([Buffer.from([type, 3, 3]), uint(length, 2), Buffer.alloc(length)]);
function untilCertificate(site: OwnSite): void {
  site.hello();
  site.seal();
  site.encryptedExtensions();
}

const HELLOS: readonly Case[] = [
  ['a suite that was not offered', 'illegal_parameter', (site) => site.hello({ suite: 0xc02f })],
  ['another session ID', 'illegal_parameter', (site) => site.hello({ sessionId: new Uint8Array(32) })],
  ['compression', 'illegal_parameter', (site) => site.hello({ compression: 1 })],
  ['TLS 1.2', 'protocol_version', (site) => site.hello({ extensions: [] })],
  [
    'TLS 1.2 and the sentinel of a downgrade',
    'illegal_parameter',
    (site) => site.hello({ extensions: [], random: sentinel }),
  ],
  [
    'TLS 1.1 as the chosen version',
    'illegal_parameter',
    (site) => site.hello({ extensions: [extension(43, uint(0x0302, 2)), site.keyShare] }),
  ],
  ['no key share', 'missing_extension', (site) => site.hello({ extensions: [TLS_1_3_CHOSEN] })],
  [
    'an extension out of place',
    'unsupported_extension',
    (site) => site.hello({ extensions: [TLS_1_3_CHOSEN, site.keyShare, alpn('http/1.1')] }),
  ],
  [
    'an extension twice',
    'illegal_parameter',
    (site) => site.hello({ extensions: [TLS_1_3_CHOSEN, site.keyShare, TLS_1_3_CHOSEN] }),
  ],
  [
    'a key share of a group that none was sent of',
    'illegal_parameter',
    (site) => site.hello({ extensions: [TLS_1_3_CHOSEN, share(23, new Uint8Array(65).fill(4))] }),
  ],
  [
    'a key share that gives zeros only',
    'illegal_parameter',
    (site) => site.hello({ extensions: [TLS_1_3_CHOSEN, share(29, new Uint8Array(32))] }),
  ],
  [
    'a key share that is too short',
    'illegal_parameter',
    (site) => site.hello({ extensions: [TLS_1_3_CHOSEN, share(29, new Uint8Array(31).fill(9))] }),
  ],
  ['a byte too many', 'decode_error', (site) => site.hello({ behind: Uint8Array.of(0) })],
  [
    'a retry with a group that was not offered',
    'illegal_parameter',
    (site) => site.retry({ extensions: [TLS_1_3_CHOSEN, wanted(24)] }),
  ],
  [
    'a retry with the group that was sent',
    'illegal_parameter',
    (site) => site.retry({ extensions: [TLS_1_3_CHOSEN, wanted(29)] }),
  ],
  [
    'a retry that asks for nothing',
    'illegal_parameter',
    (site) => site.retry({ extensions: [TLS_1_3_CHOSEN] }),
  ],
  [
    'two retries',
    'unexpected_message',
    async (site) => {
      site.retry({ extensions: [TLS_1_3_CHOSEN, wanted(23)] });
      await site.hearHello();
      site.retry({ extensions: [TLS_1_3_CHOSEN, wanted(29)] });
    },
  ],
  [
    'another suite after a retry',
    'illegal_parameter',
    async (site) => {
      site.retry({ extensions: [TLS_1_3_CHOSEN, wanted(23)] });
      await site.hearHello();
      site.hello({ suite: 0x1302 });
    },
  ],
  [
    'something that is no TLS',
    'unexpected_message',
    (site) => site.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
  ],
  [
    'a record that is too long',
    'record_overflow',
    (site) => site.socket.write(record(HANDSHAKE, (1 << 14) + 1)),
  ],
  [
    'a handshake message that is too long',
    'illegal_parameter',
    (site) => site.link.send(HANDSHAKE, Uint8Array.of(2, 1, 0, 0)),
  ],
  ['an empty handshake record', 'unexpected_message', (site) => site.socket.write(record(HANDSHAKE, 0))],
  ['application data', 'unexpected_message', (site) => site.link.send(APPLICATION_DATA, Buffer.from('page'))],
  ['an alert of three bytes', 'decode_error', (site) => site.link.send(ALERT, Uint8Array.of(1, 0, 0))],
  [
    'a ChangeCipherSpec of two bytes',
    'unexpected_message',
    (site) => site.socket.write(Buffer.from('1403030002' + '0101', 'hex')),
  ],
  [
    'half a message behind the ServerHello, under no keys yet',
    'unexpected_message',
    (site) => {
      site.hello({ after: Uint8Array.of(8, 0) });
      site.seal();
    },
  ],
];

const FLIGHTS: readonly Case[] = [
  [
    'an extension that nobody asked for',
    'unsupported_extension',
    (site) => {
      site.hello();
      site.seal();
      site.encryptedExtensions(extension(35));
    },
  ],
  [
    'a protocol that was not offered',
    'illegal_parameter',
    (site) => {
      site.hello();
      site.seal();
      site.encryptedExtensions(alpn('h2'));
    },
  ],
  [
    'no EncryptedExtensions',
    'unexpected_message',
    (site) => {
      site.hello();
      site.seal();
      site.certificate();
    },
  ],
  [
    'no certificate',
    'decode_error',
    (site) => {
      untilCertificate(site);
      site.noCertificate();
    },
  ],
  [
    'a certificate that is none',
    'bad_certificate',
    (site) => {
      untilCertificate(site);
      site.certificate(Buffer.from('none'));
    },
  ],
  [
    'a signature of another key',
    'decrypt_error',
    async (site) => {
      untilCertificate(site);
      site.certificate();
      site.certificateVerify({ key: (await stranger.issue({ names: [HOST] })).keyPem });
    },
  ],
  [
    'a signature over another handshake',
    'decrypt_error',
    (site) => {
      untilCertificate(site);
      site.certificate();
      site.certificateVerify({ over: Buffer.alloc(32) });
    },
  ],
  [
    'a kind of signature that the key cannot give',
    'illegal_parameter',
    (site) => {
      untilCertificate(site);
      site.certificate();
      site.certificateVerify({ scheme: 0x0804 });
    },
  ],
  [
    'no signature',
    'unexpected_message',
    (site) => {
      untilCertificate(site);
      site.certificate();
      site.finished();
    },
  ],
  [
    'a Finished that is wrong in one bit',
    'decrypt_error',
    (site) => {
      untilCertificate(site);
      site.certificate();
      site.certificateVerify();
      site.finished((data) => data.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
    },
  ],
  [
    'a Finished that is too short',
    'decrypt_error',
    (site) => {
      untilCertificate(site);
      site.certificate();
      site.certificateVerify();
      site.finished((data) => data.subarray(1));
    },
  ],
  [
    'application data before the Finished',
    'unexpected_message',
    (site) => {
      untilCertificate(site);
      site.link.send(APPLICATION_DATA, Buffer.from('page'));
    },
  ],
  [
    'a record that does not verify',
    'bad_record_mac',
    (site) => {
      site.hello();
      site.seal();
      site.socket.write(record(APPLICATION_DATA, 40));
    },
  ],
  [
    'a record that is not sealed',
    'unexpected_message',
    (site) => {
      site.hello();
      site.seal();
      site.socket.write(record(HANDSHAKE, 40));
    },
  ],
  [
    'a sealed record that is too long',
    'record_overflow',
    (site) => {
      site.hello();
      site.seal();
      site.socket.write(record(APPLICATION_DATA, (1 << 14) + 257));
    },
  ],
];

const AFTERWARDS: readonly Case[] = [
  [
    'a KeyUpdate that asks for what there is not',
    'illegal_parameter',
    (site) => site.say(Uint8Array.of(24, 0, 0, 1, 2)),
  ],
  [
    'a KeyUpdate and more under the old keys',
    'unexpected_message',
    (site) => site.say(Uint8Array.of(24, 0, 0, 1, 0, 4, 0, 0)),
  ],
  [
    'a request for a certificate',
    'unexpected_message',
    (site) => site.say(Uint8Array.of(13, 0, 0, 3, 0, 0, 0)),
  ],
  [
    'a ChangeCipherSpec',
    'unexpected_message',
    (site) => site.socket.write(Buffer.from('140303000101', 'hex')),
  ],
  [
    'half a message, then data',
    'unexpected_message',
    (site) => {
      site.say(Uint8Array.of(4, 0, 0, 9));
      site.link.send(APPLICATION_DATA, Buffer.from('page'));
    },
  ],
];

describe('what the site may not say', () => {
  test.each([...HELLOS, ...FLIGHTS])(
    '%s: refused with %s, and nothing was sent',
    async (_name, alert, play) => {
      const site = await kept(
        ownSite(async (own) => {
          await play(own);
        }),
      );
      const seen = await visit(site.port);
      expect(seen.error).toMatchObject({ name: 'Refusal', code: alert });
      expect(await site.heard).toEqual({ alert: ALERTS[alert], data: '' });
      expect(seen.answer).toBeUndefined();
    },
  );

  test.each(AFTERWARDS)('after the handshake, %s: refused with %s', async (_name, alert, play) => {
    const site = await kept(
      ownSite(async (own) => {
        await own.shakeHands();
        await play(own);
      }),
    );
    const seen = await visit(site.port);
    expect(seen.error).toMatchObject({ name: 'Refusal', code: alert });
    expect((await site.heard).alert).toBe(ALERTS[alert]);
    expect(seen.shown).toHaveLength(1);
    expect(seen.shown[0]).not.toHaveProperty('error');
  });

  test('a handshake as it should be is not refused by the same means', async () => {
    const site = await kept(
      ownSite(async (own) => {
        await own.shakeHands();
        own.link.send(APPLICATION_DATA, Buffer.from(ANSWER));
        own.link.sendAlert('close_notify');
      }),
    );
    const seen = await visit(site.port);
    expect(seen.answer).toBe(ANSWER);
    expect(await site.heard).toEqual({ alert: 0, data: REQUEST });
  });
});

describe('an end that is none', () => {
  test.each([
    ['after the ClientHello', async () => undefined],
    ['in the middle of the flight', async (site: OwnSite) => untilCertificate(site)],
    [
      'in the middle of the answer',
      async (site: OwnSite) => {
        await site.shakeHands();
        site.link.send(APPLICATION_DATA, Buffer.from('HTTP/1.1 200 OK\r\n\r\nha'));
      },
    ],
  ])('%s is told from a close', async (_, play) => {
    const site = await kept(
      ownSite(async (own) => {
        await play(own);
        own.socket.end();
      }),
    );
    const { error, answer } = await visit(site.port);
    expect(error).toMatchObject({ code: 'truncated' });
    expect(answer).toBeUndefined();
  });

  test('the site’s alert is told by its name', async () => {
    const site = await kept(ownSite(async (own) => own.link.send(ALERT, Uint8Array.of(2, 40))));
    const { error } = await visit(site.port);
    expect(error).toMatchObject({ code: 'alert-received', description: 40 });
    expect(error?.message).toContain('handshake_failure');
  });
});

describe('a site that says nothing', () => {
  async function silent(): Promise<{ port: number; sockets: Socket[]; close(): Promise<void> }> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      sockets.push(socket.resume());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      port: (server.address() as AddressInfo).port,
      sockets,
      async close() {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      },
    };
  }

  test('is waited for as long as the patience lasts', async () => {
    const { port } = await kept(silent());
    expect((await visit(port, { patience: () => 50 })).error).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('is left when the signal says so, before or while', async () => {
    const { port, sockets } = await kept(silent());
    const reason = Object.assign(new Error('The lab was reset.'), { code: 'reset' });
    const controller = new AbortController();
    const waiting = visit(port, { signal: controller.signal });
    await expect.poll(() => sockets.length).toBe(1);
    controller.abort(reason);
    expect((await waiting).error).toBe(reason);
    expect((await visit(port, { signal: AbortSignal.abort(reason) })).error).toBe(reason);
    expect(sockets).toHaveLength(1);
  });

  test('and a port that nobody listens on is an error', async () => {
    const { port } = await kept(deafPort());
    expect((await visit(port)).error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test.each([undefined, TLS_1_2] as const)(
  'a flipped bit anywhere never changes an answer (%s)',
  async (version) => {
    const options = { patience: () => 300, ...(version && { version }) };
    const site = await kept(nodeSite());
    let [total, flipAt] = [0, -1];
    let at = 0;
    const between = await kept(
      pipe(site.port, function* (chunk, from) {
        if (from === 'site') {
          const place = flipAt - at;
          if (place >= 0 && place < chunk.length) chunk[place] = (chunk[place] ?? 0) ^ 4;
          at += chunk.length;
          total = Math.max(total, at);
        }
        yield chunk;
      }),
    );
    expect((await visit(between.port, version ? { version } : {})).answer).toBe(ANSWER);
    const end = total;
    let refused = 0;
    for (flipAt = 0; flipAt < end; flipAt += 23) {
      at = 0;
      const seen = await visit(between.port, options);
      if (seen.answer !== undefined) expect(seen.answer).toBe(ANSWER);
      else refused += 1;
    }
    expect(refused).toBeGreaterThan(end / 23 - 6);
  },
);
