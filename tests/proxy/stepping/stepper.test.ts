import { afterEach, describe, expect, it } from 'vitest';
import { received, send } from '../relay/harness.ts';
import { Delivered, get, ok, otherRoundTrip, post, record, startStepped, type Stepped } from './stepped.ts';

let lab: Stepped;

afterEach(async () => {
  await lab.close();
});

describe('a lane that steps', () => {
  it('holds what is sent, and the other end receives nothing of it', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    site.resume();
    await lab.write(client, get, get.length);
    await otherRoundTrip();
    expect(site.bytesRead).toBe(0);
    expect(lab.units()).toEqual([`GET /, ${get.length} B, victim → site`]);
    expect(lab.events().at(-1)).toMatchObject({
      ...{ type: 'bytes-held', vantage: 'wire', hop: 'cafe', connection: 1 },
      ...{ direction: 'client-to-server', offset: 0, length: get.length },
    });
  });

  it('lets one HTTP message through at a time, head and body together', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    const atSite = new Delivered(site);
    await lab.write(client, get + post.slice(0, 30), get.length + 30);
    await lab.write(client, post.slice(30) + get, 2 * get.length + post.length);
    expect(lab.units()).toEqual([
      `GET /, ${get.length} B, victim → site`,
      `POST /api/v1/login, ${post.length} B, victim → site`,
      `GET /, ${get.length} B, victim → site`,
    ]);
    lab.stepper.next();
    await atSite.count(get.length);
    await otherRoundTrip();
    expect(atSite.text).toBe(get);
    lab.stepper.next();
    await atSite.count(get.length + post.length);
    await otherRoundTrip();
    expect(atSite.text).toBe(get + post);
    lab.stepper.next();
    await atSite.count(2 * get.length + post.length);
    expect(atSite.text).toBe(get + post + get);
    expect(lab.units()).toEqual([]);
  });

  it('lets one TLS record through at a time, whatever chunks they came in', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    const atSite = new Delivered(site);
    const records = [record(20, 1), record(23, 40), record(21, 26)];
    const bytes = Buffer.concat(records);
    let sent = 0;
    for (const byte of bytes) await lab.write(client, Buffer.from([byte]), (sent += 1));
    expect(lab.stepper.state().held.map((unit) => unit.bytes)).toEqual([6, 45, 31]);
    let passed = 0;
    for (const { length } of records) {
      lab.stepper.next();
      await atSite.count((passed += length));
      await otherRoundTrip();
      expect(atSite.bytes).toEqual(bytes.subarray(0, passed));
    }
  });

  it('lets chunks through as they came where it knows no protocol', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    const atClient = new Delivered(client);
    await lab.write(site, '\u0000\u0001 one', 6);
    await lab.write(site, 'and two', 13);
    expect(lab.units()).toEqual([
      'Chunk of no known protocol, 6 B, site → victim',
      'Chunk of no known protocol, 7 B, site → victim',
    ]);
    lab.stepper.next();
    await atClient.count(6);
    await otherRoundTrip();
    expect(atClient.length).toBe(6);
  });

  it('takes both directions in the order in which their units came', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    const [atSite, atClient] = [new Delivered(site), new Delivered(client)];
    await lab.write(client, get, get.length);
    await lab.write(site, ok, get.length + ok.length);
    await lab.write(client, get, 2 * get.length + ok.length);
    expect(lab.stepper.state().held.map(({ direction }) => direction)).toEqual([
      'client-to-server',
      'server-to-client',
      'client-to-server',
    ]);
    lab.stepper.next();
    lab.stepper.next();
    await Promise.all([atSite.count(get.length), atClient.count(ok.length)]);
    expect(lab.units()).toHaveLength(1);
    expect(atSite.length).toBe(get.length);
  });

  it('lets the rest of a message go on as it comes, once its beginning was let through, and not a byte more', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    const atSite = new Delivered(site);
    await lab.write(client, post.slice(0, 20), 20);
    expect(lab.units()).toEqual(['Request, 20 B, victim → site, still arriving, and the rest goes with it']);
    lab.stepper.next();
    await atSite.count(20);
    client.write(post.slice(20) + get);
    await atSite.count(post.length);
    await otherRoundTrip();
    expect(atSite.text).toBe(post);
    expect(lab.units()).toEqual([`GET /, ${get.length} B, victim → site`]);
    const told = lab.events().filter(({ type }) => type === 'bytes-held' || type === 'bytes-released');
    expect(told).toEqual([
      expect.objectContaining({ type: 'bytes-held', offset: 0, length: 20 }),
      expect.objectContaining({ type: 'bytes-released', offset: 0, length: 20 }),
      expect.objectContaining({ type: 'bytes-held', offset: post.length, length: get.length }),
    ]);
  });

  it('leaves the other lane alone', async () => {
    lab = await startStepped({ live: true });
    lab.stepper.setMode('step', 'https');
    const { client, site } = await lab.pair();
    const atSite = new Delivered(site);
    client.write(get);
    await atSite.count(get.length);
    expect(lab.stepper.state()).toEqual({
      ...{ mode: 'step', lanes: { http: 'live', https: 'step' }, held: [] },
    });
    expect(lab.events().some(({ type }) => type === 'bytes-held')).toBe(false);
  });
});

describe('a sender of 300 MB whose bytes are held', () => {
  it('is held up with bounded memory, and loses no byte when all goes on', async () => {
    const megabyte = 1024 * 1024;
    lab = await startStepped({ limitBytes: 8 * megabyte });
    const { client, site } = await lab.pair();
    const before = process.memoryUsage().arrayBuffers;
    const sent = send(client, 300 * megabyte);
    await lab.captured(64 * 1024);
    await otherRoundTrip();
    const captured = lab.reader.stream(1, 'client-to-server');
    expect(captured.length).toBeLessThan(megabyte);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * megabyte);
    expect(site.bytesRead).toBe(0);
    const delivered = received(site);
    lab.stepper.setMode('live');
    const digest: string = await sent;
    expect(await delivered).toBe(digest);
    expect(String(captured)).toBe(digest);
  });
});
