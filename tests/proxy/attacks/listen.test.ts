import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { AttackVerdict, LogEvent, RequestHandled } from '#contract';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PUBLIC_PAGES } from '../../../demo-sites/piggypay/pages/public-pages.ts';
import { type AttackedLab, openAttackedLab } from './attacked-lab.ts';

let lab: AttackedLab;
beforeEach(async () => (lab = await openAttackedLab()));
afterEach(() => lab.close());

/** What the site told of a connection of the verdict's, in order. */
function handled(connection: number | undefined): readonly RequestHandled[] {
  return lab.log
    .after(0)
    .filter((event): event is RequestHandled => event.type === 'request-handled')
    .filter((event) => event.connection === connection);
}

/** The passwords that the site has received, in order; its own word. */
function received(): readonly string[] {
  return lab.log
    .after(0)
    .flatMap((event) =>
      event.type === 'secret-entered' && event.vantage === 'site' && event.kind === 'password'
        ? [event.value]
        : [],
    );
}

function titleOf(path: string | undefined): string | undefined {
  return PUBLIC_PAGES.find((page) => page.path === path)?.title;
}

test('over HTTPS the sizes alone tell which page was opened and how long the password is', async () => {
  for (let time = 0; time < 4; time += 1) {
    const { http, https } = await lab.attacks.run('listen');
    const riddle = https?.riddle;
    const [victims, strangers] = https?.connections ?? [];
    const page = titleOf(handled(victims)[1]?.path);
    const password = received().at(-1) ?? '';
    expect(https?.outcome).toBe('succeeded');
    expect(riddle?.guessed).toEqual({ page, passwordLength: password.length });
    expect(riddle?.answer).toEqual({ page, passwordLength: password.length });
    expect(riddle?.candidates).toEqual([page]);
    expect(https?.happened).toContain(`“${page ?? ''}”`);
    expect(riddle?.table.map((row) => row.page)).toEqual(PUBLIC_PAGES.map(({ title }) => title));
    expect(riddle?.seen.milliseconds).toBeGreaterThan(0);
    expect(https?.siteHandled).toBe(handled(strangers).length);
    // The password itself stands nowhere in what is told.
    expect(JSON.stringify(https)).not.toContain(password);
    expect(http).toMatchObject({ outcome: 'succeeded', siteHandled: 0 });
    expect(http?.happened).toContain(`“GET ${handled(http?.connections[0])[1]?.path ?? ''}”`);
    expect(http).not.toHaveProperty('riddle');
  }
});

test('the stranger’s own visit is refused nowhere, enters no password and begins no session', async () => {
  const { https } = await lab.attacks.run('listen');
  const [, strangers] = https?.connections ?? [];
  const statuses = handled(strangers).map(({ status }) => status);
  expect(statuses).toEqual([...Array<number>(PUBLIC_PAGES.length + 1).fill(200), 400, 400]);
  // One over HTTP, one over HTTPS: the victim's.
  expect(received()).toHaveLength(2);
  expect(lab.site.counters.sessions()).toEqual([]);
  expect(openerOf(strangers)).toBe('stranger');
});

test('when both pad, every page fits and no length can be told; over HTTP it is read all the same', async () => {
  const { http, https, under } = await lab.attacks.run('listen', 'padding');
  expect(under).toBe('padding');
  expect(https).toMatchObject({ outcome: 'no effect', riddle: { guessed: {} } });
  expect(https?.riddle?.candidates).toHaveLength(PUBLIC_PAGES.length);
  expect(new Set(https?.riddle?.ownLogins.map(({ bytes }) => bytes)).size).toBe(1);
  expect(https?.riddle?.seen.requestBytes).toBe(https?.riddle?.ownLogins[0]?.bytes);
  // The requests for pages, whose paths are of different lengths, tell nothing either.
  expect(new Set(requestSizes(https?.connections[1], PUBLIC_PAGES.length + 1)).size).toBe(1);
  expect(https?.riddle?.answer).toEqual({
    page: titleOf(handled(https?.connections[0])[1]?.path),
    passwordLength: received().at(-1)?.length,
  });
  expect(http?.outcome).toBe('succeeded');
  expect(lab.site.padding.isOn).toBe(false);
  expect((await lab.attacks.run('listen')).https?.outcome).toBe('succeeded');
});

test('padding is never left on, whatever becomes of the run', async () => {
  const running = lab.attacks.run('listen', 'padding');
  await new Promise<void>((resolve) => {
    const stop = lab.log.subscribe(() => {
      if (!lab.site.padding.isOn) return;
      stop();
      resolve();
    });
  });
  const ended = expect(running).rejects.toMatchObject({ code: 'reset' });
  await Promise.all([lab.attacks.abandon(), lab.victim.abandon()]);
  await ended;
  expect(lab.site.padding.isOn).toBe(false);
});

/** A browser of a kind: pages over one kept connection. */
async function openAll(paths: readonly string[], isTold: (path: string) => Promise<unknown>): Promise<void> {
  const to = { ca: lab.authorityPem, servername: 'piggypay.test' };
  const agent = new Agent({ ...to, keepAlive: true, maxSockets: 1 });
  try {
    for (const path of paths) {
      const headers = { Host: 'piggypay.test', 'User-Agent': 'Browser/1.0', 'Accept-Language': 'en' };
      const sent = request({ host: '127.0.0.1', port: lab.door('https'), agent, path, headers }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
      await isTold(path);
    }
  } finally {
    agent.destroy();
  }
}

/** As long as it takes: the verdict follows the bytes, not a clock. */
function eventually(holds: () => void): Promise<void> {
  return vi.waitFor(holds, { timeout: 20_000 });
}

function newest(): AttackVerdict | undefined {
  return lab.attacks.list().find(({ id }) => id === 'listen')?.whileArmed.https;
}

test('armed, it tells each page that whoever comes opens, as it is opened', async () => {
  await lab.attacks.arm('listen');
  const paths = ['/cannot-pay', '/', '/fees', '/lost-phone', '/fees'];
  let opened = 0;
  await openAll(paths, (path) => {
    opened += 1;
    return eventually(() => {
      expect(newest()?.siteCounted).toEqual({ pagesOpened: opened });
      expect(newest()?.happened).toContain(`${opened} of ${opened} pages were told.`);
      expect(newest()?.outcome).toBe('succeeded');
      expect(newest()?.riddle?.guessed).toEqual({ page: titleOf(path) ?? 'Start page' });
      expect(newest()?.riddle?.answer).toEqual({ page: titleOf(path) ?? 'Start page' });
    });
  });
  await lab.attacks.disarm('listen');
  await openAll(['/help'], () => Promise.resolve());
  expect(newest()?.siteCounted).toEqual({ pagesOpened: 5 });
});

test('armed, it tells the next page of a connection that was open before, and none of those before', async () => {
  await openAll(['/help', '/fees', '/complaint'], async (path) => {
    if (path === '/fees') await lab.attacks.arm('listen');
    if (path !== '/complaint') return;
    await eventually(() => {
      expect(newest()?.riddle).toMatchObject({
        guessed: { page: 'Make a complaint' },
        answer: { page: 'Make a complaint' },
      });
    });
  });
  expect(newest()?.siteCounted).toEqual({ pagesOpened: 1 });
});

test('armed, a fault of its own disarms it with a warning, and harms nobody else', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  await lab.attacks.arm('listen');
  vi.spyOn(lab.log, 'after').mockImplementationOnce(() => {
    throw new Error('broken');
  });
  lab.log.append({ type: 'secret-entered', vantage: 'victim', kind: 'mobile', value: '1' });
  await eventually(() => expect(lab.attacks.list().find(({ id }) => id === 'listen')?.isArmed).toBe(false));
  expect(warned.mock.calls.map(([warning]) => String(warning))).toContainEqual(
    expect.stringContaining('broken'),
  );
  vi.restoreAllMocks();
});

test('armed while the site pads, it can tell none, and the padding ends with it', async () => {
  await lab.attacks.arm('listen', 'padding');
  expect(lab.site.padding.isOn).toBe(true);
  await openAll(['/fees'], () =>
    eventually(() => {
      expect(newest()).toMatchObject({
        outcome: 'no effect',
        riddle: { answer: { page: 'Fees and limits' } },
      });
      expect(newest()?.riddle?.candidates).toHaveLength(PUBLIC_PAGES.length);
    }),
  );
  await lab.attacks.disarm('listen');
  expect(lab.site.padding.isOn).toBe(false);
});

test('armed, it says nothing of answers that are no pages of its table', async () => {
  await lab.attacks.arm('listen');
  await openAll(['/api/v1/balance', '/nothing', '/account', '/help'], (path) =>
    path === '/help'
      ? eventually(() => {
          expect(newest()?.siteCounted).toEqual({ pagesOpened: 1 });
        })
      : Promise.resolve(),
  );
  expect(newest()?.happened).toContain('The site says that it sent /help.');
});

function openerOf(connection: number | undefined): string | undefined {
  const opened = lab.log
    .after(0)
    .find((event) => event.type === 'connection-opened' && event.connection === connection);
  return opened?.type === 'connection-opened' ? opened.opener : undefined;
}

/**
 * The sizes of the first records that a client sent after its Finished, read here by their headers alone: type 23, two
 * bytes of version, two of length (RFC 8446, 5.2).
 */
function requestSizes(connection: number | undefined, count: number): readonly number[] {
  const isSent = (event: LogEvent) =>
    event.type === 'bytes-captured' &&
    event.connection === connection &&
    event.direction === 'client-to-server';
  const sent = Buffer.concat(
    lab.log
      .after(0)
      .filter(isSent)
      .map((event) => (event.type === 'bytes-captured' ? event.bytes : Buffer.alloc(0))),
  );
  const sizes: number[] = [];
  for (let at = 0; at < sent.length; at += 5 + sent.readUInt16BE(at + 3))
    if (sent[at] === 23) sizes.push(5 + sent.readUInt16BE(at + 3));
  return sizes.slice(1, count + 1);
}
