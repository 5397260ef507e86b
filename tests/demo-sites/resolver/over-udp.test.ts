import { createSocket } from 'node:dgram';
import { Resolver as Client } from 'node:dns/promises';
import { once } from 'node:events';
import { RECURSION_DESIRED, decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Resolver, startResolver } from '../../../demo-sites/resolver/over-udp.ts';

let resolver: Resolver;
const client = new Client({ timeout: 20_000, tries: 1 });

beforeAll(async () => {
  resolver = await startResolver({ names: new Map([['piggypay.test', '127.0.0.1']]) });
  client.setServers([`127.0.0.1:${resolver.port}`]);
});
afterAll(() => resolver.close());

/**
 * Sends all datagrams, then a good question, and answers what came back up to and including that one's answer.
 * Datagrams of one socket on loopback stay in order, so what was going to be answered has been.
 */
async function answersTo(datagrams: readonly Uint8Array[]): Promise<readonly Buffer[]> {
  const socket = createSocket('udp4');
  const last = 0xabcd;
  const answers: Buffer[] = [];
  const done = new Promise<void>((resolve) => {
    socket.on('message', (message) => {
      answers.push(message);
      if (message.readUInt16BE(0) === last) resolve();
    });
  });
  const good = encode({ type: 'query', id: last, questions: [{ type: 'A', name: 'piggypay.test' }] });
  for (const datagram of [...datagrams, good]) {
    socket.send(datagram, resolver.port, '127.0.0.1');
  }
  await done;
  socket.close();
  await once(socket, 'close');
  return answers;
}

function question(name: string, type = 1, flags = 0x0100): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')]));
  const head = Buffer.from([0x12, 0x34, flags >> 8, flags & 0xff, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.of(0, type >> 8, type & 0xff, 0, 1)]);
}

describe('the resolver', () => {
  it('gives the address of a name it knows, in whatever case it is asked', async () => {
    expect(await client.resolve4('piggypay.test', { ttl: true })).toEqual([{ address: '127.0.0.1', ttl: 0 }]);
    expect(await client.resolve4('PiggyPay.TEST')).toEqual(['127.0.0.1']);
  });

  it('says of a known name that it has no other records', async () => {
    await expect(client.resolve6('piggypay.test')).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(client.resolveMx('piggypay.test')).rejects.toMatchObject({ code: 'ENODATA' });
  });

  it('says of every other name that there is none', async () => {
    for (const name of ['www.google.com', 'www.piggypay.test', 'test', 'constructor', 'toString.test']) {
      await expect(client.resolve4(name)).rejects.toMatchObject({ code: 'ENOTFOUND' });
      await expect(client.resolve6(name)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    }
  });

  it('answers with authority, under the question’s number, repeating the question as it was asked', async () => {
    const [answer] = await answersTo([question('PIGGYpay.test')]);
    const { id, flags, questions, rcode } = decode(answer as Buffer) as ReturnType<typeof decode> & {
      rcode: string;
    };
    expect([id, rcode]).toEqual([0x1234, 'NOERROR']);
    expect(flags).toBe(0x0580);
    expect(questions).toEqual([{ name: 'PIGGYpay.test', type: 'A', class: 'IN' }]);
    const [unasked] = await answersTo([question('piggypay.test', 1, 0)]);
    expect((decode(unasked as Buffer).flags ?? 0) & RECURSION_DESIRED).toBe(0);
  });

  it('answers types it has no word for (HTTPS, 65) and classes that are not the internet', async () => {
    const chaos = question('piggypay.test');
    chaos[chaos.length - 1] = 3;
    const [https, other] = await answersTo([question('piggypay.test', 65), chaos]);
    expect(https?.readUInt16BE(2)).toBe(0x8580);
    expect(https?.readUInt16BE(6)).toBe(0);
    expect(other?.readUInt16BE(2)).toBe(0x8585);
  });

  it('keeps to 512 bytes with the longest name there is', async () => {
    const longest = [63, 63, 63, 61].map((length) => 'a'.repeat(length)).join('.');
    const [answer] = await answersTo([question(longest)]);
    expect(answer?.readUInt16BE(2)).toBe(0x8583);
    expect(answer?.length).toBeLessThanOrEqual(512);
  });

  it('says nothing to what is not one question', async () => {
    const two = encode({
      type: 'query',
      id: 1,
      questions: [
        { type: 'A', name: 'a.test' },
        { type: 'A', name: 'b.test' },
      ],
    });
    const loop = Buffer.concat([question('x').subarray(0, 12), Buffer.of(0xc0, 0x0c, 0, 1, 0, 1)]);
    const pointers = Buffer.concat([question('x').subarray(0, 12), Buffer.from('c00ec00c00010001', 'hex')]);
    const claims = Buffer.from('1234010000ff00ff00ff00ff', 'hex');
    const silent = [
      Buffer.alloc(0),
      Buffer.of(0),
      Buffer.alloc(12),
      Buffer.alloc(512, 0xff),
      question('piggypay.test').subarray(0, -3),
      question('piggypay.test', 1, 0x8180),
      question('piggypay.test', 1, 0x2800),
      question('piggy\xffpay.test'),
      question('a b.test'),
      two,
      loop,
      pointers,
      claims,
    ];
    expect(await answersTo(silent)).toHaveLength(1);
  });

  it('goes on after noise and after mutations of a question', async () => {
    const mutated = fc.tuple(fc.nat(), fc.nat(255), fc.nat(40)).map(([at, value, cut]) => {
      const bytes = question('piggypay.test');
      bytes[at % bytes.length] = value;
      return bytes.subarray(0, bytes.length - (cut > 30 ? cut - 30 : 0));
    });
    const datagrams = fc.sample(fc.oneof(fc.uint8Array({ maxLength: 600 }), mutated), 1_000);
    for (let start = 0; start < datagrams.length; start += 50) {
      for (const answer of await answersTo(datagrams.slice(start, start + 50))) {
        expect(answer.length).toBeLessThanOrEqual(512);
        expect(answer.readUInt16BE(2) & 0x8000).toBe(0x8000);
      }
    }
    expect(await client.resolve4('piggypay.test')).toEqual(['127.0.0.1']);
  });

  it('is on 127.0.0.1 alone and gone after close', async () => {
    const other = await startResolver({ names: new Map() });
    await other.close();
    const socket = createSocket('udp4');
    socket.bind(other.port, '127.0.0.1');
    await once(socket, 'listening');
    socket.close();
    // The port is free on another loopback address while the resolver runs.
    const beside = createSocket('udp4');
    beside.bind(resolver.port, '127.0.0.2');
    await once(beside, 'listening');
    beside.close();
  });
});
