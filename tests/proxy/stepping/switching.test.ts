import { afterEach, describe, expect, it } from 'vitest';
import { received, send } from '../relay/harness.ts';
import { Delivered, get, otherRoundTrip, post, record, startStepped, type Stepped } from './stepped.ts';

let lab: Stepped;

afterEach(async () => {
  await lab.close();
});

describe('switching while connections are open', () => {
  it('holds from the middle of a record on, and knows where it ends', async () => {
    lab = await startStepped({ live: true });
    const { client, site } = await lab.pair();
    const atSite = new Delivered(site);
    const [first, second, third] = [record(22, 60), record(23, 90), record(23, 10)];
    await lab.write(client, Buffer.concat([first, second.subarray(0, 50)]), 65 + 50);
    await atSite.count(115);
    lab.stepper.setMode('step');
    await lab.write(client, Buffer.concat([second.subarray(50), third]), 65 + 95 + 15);
    expect(lab.stepper.state().held.map(({ bytes, offset }) => [offset, bytes])).toEqual([
      [115, 45],
      [160, 15],
    ]);
    lab.stepper.next();
    await atSite.count(160);
    await otherRoundTrip();
    expect(atSite.length).toBe(160);
  });

  it('lets all that is held go, in order, and holds nothing any more', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    const atSite = new Delivered(site);
    await lab.write(client, get + post, get.length + post.length);
    lab.stepper.next();
    lab.stepper.setMode('live');
    client.write(get);
    await atSite.count(2 * get.length + post.length);
    expect(atSite.text).toBe(get + post + get);
    const released = lab.events().filter(({ type }) => type === 'bytes-released');
    expect(released).toEqual([
      expect.objectContaining({ offset: 0, length: get.length }),
      expect.objectContaining({ offset: get.length, length: post.length }),
    ]);
    client.end();
    site.end();
    await lab.reader.closedConnections(1);
    expect(String(lab.reader.stream(1, 'client-to-server'))).toMatch(`${2 * get.length + post.length}:`);
  });

  it('delivers what was sent, byte for byte, through any number of switches under load', async () => {
    lab = await startStepped({ live: true });
    const { client, site } = await lab.pair();
    const total = 4 * 1024 * 1024;
    const all = Promise.all([
      send(client, total, 50_001),
      send(site, total, 33_333),
      received(site),
      received(client),
    ]);
    for (let part = 1; part <= 5; part += 1) {
      await lab.captured(part * 800_000);
      lab.stepper.setMode('step');
      for (let count = 0; count < 3; count += 1) {
        await otherRoundTrip();
        lab.stepper.next();
      }
      lab.stepper.setMode('live');
    }
    const [request, answer, atSite, atClient] = await all;
    await lab.reader.closedConnections(1);
    expect([atSite, atClient]).toEqual([request, answer]);
    expect(String(lab.reader.stream(1, 'client-to-server'))).toBe(request);
    expect(String(lab.reader.stream(1, 'server-to-client'))).toBe(answer);
  });
});
