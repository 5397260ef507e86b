import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Delivered, get, ok, otherRoundTrip, post, startStepped, type Stepped } from './stepped.ts';

let lab: Stepped;

afterEach(async () => {
  await lab.close();
});

/** Resolves when the socket is closed, in whatever manner. */
function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Resolves when what is held is told to be like this. */
async function told(holds: () => boolean): Promise<void> {
  while (!holds()) await otherRoundTrip();
}

describe('the last word of an end', () => {
  it('waits behind the held bytes: a half-close', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    const atSite = new Delivered(site);
    client.end(get + post);
    const last = `POST /api/v1/login, ${post.length} B, victim → site; then the victim ends the connection`;
    await told(() => lab.units()[1] === last);
    lab.stepper.next();
    await atSite.count(get.length);
    await otherRoundTrip();
    expect(atSite.hasEnded).toBe(false);
    lab.stepper.next();
    await atSite.end();
    expect(atSite.text).toBe(get + post);
    // The other direction is still open.
    const atClient = new Delivered(client);
    site.end(ok);
    await lab.captured(get.length + post.length + ok.length);
    lab.stepper.next();
    await atClient.end();
    expect(atClient.text).toBe(ok);
    expect(await lab.reader.closedConnections(1)).toMatchObject([{ by: 'client', how: 'end' }]);
  });

  it('waits behind the held bytes: a reset', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    const atSite = new Delivered(site);
    await lab.write(client, get + post, get.length + post.length);
    client.resetAndDestroy();
    await once(client, 'close');
    await told(() => lab.units()[1]?.endsWith('; then the victim resets the connection') === true);
    expect(site.errored).toBeNull();
    lab.stepper.next();
    await atSite.count(get.length);
    await otherRoundTrip();
    expect(site.errored).toBeNull();
    expect(lab.reader.closed).toEqual([]);
    // Node may take a reset right behind data for an end, and a reset overtakes what was not read yet.
    const over = new Promise((resolve) => site.once('end', resolve).once('close', resolve));
    lab.stepper.next();
    expect(await lab.reader.closedConnections(1)).toMatchObject([{ by: 'client', how: 'reset' }]);
    await over;
    expect((get + post).startsWith(atSite.text)).toBe(true);
  });

  it('makes what is held for an end that is gone undeliverable, and no unit of it is left', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    await lab.write(site, ok, ok.length);
    expect(lab.units()).toHaveLength(1);
    const failed = once(site, 'error');
    client.resetAndDestroy();
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(lab.units()).toEqual([]);
    expect(await lab.reader.closedConnections(1)).toMatchObject([{ by: 'client', how: 'reset' }]);
    expect(lab.events().some(({ type }) => type === 'bytes-released')).toBe(false);
  });

  it('is a reset of both ends when the lab is reset, and nothing of what was held goes on', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    site.resume();
    await lab.write(client, get, get.length);
    const closed = gone(client);
    await lab.relay.dropConnections();
    await closed;
    lab.log.begin({ routes: [] });
    expect(site.bytesRead).toBe(0);
    expect(lab.stepper.state()).toMatchObject({ mode: 'step', held: [] });
    expect(lab.log.lastSeq).toBe(1);
  });

  it('drops connections of a capture that another has followed', async () => {
    lab = await startStepped();
    const { client, site } = await lab.pair();
    site.resume();
    await lab.write(client, get, get.length);
    lab.log.begin({ routes: [] });
    const closed = gone(client);
    expect(lab.units()).toEqual([]);
    lab.stepper.next();
    await closed;
    expect(site.bytesRead).toBe(0);
    expect(lab.log.lastSeq).toBe(1);
  });
});
