import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dissection } from '#dissectors/field.ts';
import { InspectorIndex } from '#folds/inspector/message-index.ts';
import type { ConnectionRow } from '#folds/inspector/shapes.ts';
import { curlOf, type LabReach } from '../../../dashboard/src/lib/format/inspector/copied-request.ts';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { startLabProcess, type LabProcess } from '../../support/lab-process.ts';
import { hasTool } from '../../support/tools.ts';

const run = promisify(execFile);

let lab: LabProcess;
beforeAll(async () => {
  lab = await startLabProcess();
  const { mobile, password } = PERSONA;
  await lab.call('POST', '/api/victim/login', { mobile, password, site: 'both' });
});
afterAll(() => lab.stop());

/** The login as the inspector has it: over HTTP as it crossed, over HTTPS with the victim's key. */
async function captured(port: 80 | 443): Promise<{ dissection: Dissection; connection: ConnectionRow }> {
  const index = new InspectorIndex();
  for (const event of await lab.events()) index.apply(event);
  index.lend('victim');
  index.advance(() => false);
  const { changed } = index.takeConnectionChanges();
  const connections = changed.filter(({ server }) => server.port === port);
  for (const connection of connections) {
    for (const row of index.rows(0, index.matching)) {
      if (row.connection !== connection.connection) continue;
      const dissection = index
        .dissect(row.key)
        .find(
          ({ bytes, field }) => field.name === 'http' && Buffer.from(bytes).includes('POST /api/v1/login'),
        );
      if (dissection) return { dissection, connection };
    }
  }
  throw new Error('the login was not captured');
}

describe.skipIf(!hasTool('curl'))('the command that is copied for the login', () => {
  test.each([80, 443] as const)('runs as it is, and the site on port %i answers it', async (port) => {
    const { dissection, connection } = await captured(port);
    const copied = curlOf(dissection, connection, lab.lab);
    if (!('command' in copied)) throw new Error(copied.refusal);
    const handled = async () =>
      (await lab.events()).filter(
        (event) => event.type === 'request-handled' && event.path === '/api/v1/login',
      ).length;
    const before = await handled();
    // A proxy of this machine would take the name elsewhere.
    const env = { ...process.env, http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' };
    const { stdout } = await run('sh', ['-c', `${copied.command} --silent --show-error`], { env });
    expect(JSON.parse(stdout) as unknown).toMatchObject({ name: PERSONA.name });
    expect(await handled()).toBe(before + 1);
  });
});

test('no command is given where it could lead out of this machine', async () => {
  const { dissection, connection } = await captured(80);
  const refusal = (to: ConnectionRow | undefined, reach: LabReach | undefined) => {
    const copied = curlOf(dissection, to, reach);
    return 'refusal' in copied ? copied.refusal : `a command: ${copied.command}`;
  };
  expect(refusal(connection, undefined)).toMatch(/^There is no lab/);
  const elsewhere = { ...connection, server: { ...connection.server, name: 'example.com' } };
  expect(refusal(elsewhere, lab.lab)).toMatch(/no route/);
  expect(refusal(undefined, lab.lab)).toMatch(/whole request/);
});
