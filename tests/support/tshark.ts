import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hasTool } from './tools.ts';

const run = promisify(execFile);

/** Where it cannot be had the tests that need it are listed as not run; with CI set they fail instead. */
export const isTsharkMissing = !hasTool('tshark');

/**
 * What tshark prints of a file, with every checksum verified and addresses under the names the file gives them.
 * Throws when it finds the file damaged.
 */
export async function tshark(file: string, ...args: string[]): Promise<string> {
  const verified = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);
  const { stdout } = await run('tshark', ['-r', file, '-N', 'n', ...verified, ...args], {
    maxBuffer: 1 << 27,
  });
  return stdout;
}

/** The values of these fields in the packets that pass the filter, a row a packet. */
export async function tsharkFields(file: string, filter: string, ...fields: string[]): Promise<string[][]> {
  const wanted = fields.flatMap((field) => ['-e', field]);
  const table = await tshark(file, '-Y', filter, '-T', 'fields', ...wanted);
  return table
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

/** One TCP connection as tshark puts it together; `index` counts the connections of the file from 0. */
export async function tsharkStream(file: string, index: number): Promise<{ client: Buffer; server: Buffer }> {
  const lines = (await tshark(file, '-q', '-z', `follow,tcp,raw,${index}`)).split('\n');
  const side = (isServer: boolean) =>
    lines.filter((line) => /^\t?[0-9a-f]+$/.test(line) && line.startsWith('\t') === isServer);
  const bytes = (isServer: boolean) => Buffer.from(side(isServer).join('').replaceAll('\t', ''), 'hex');
  return { client: bytes(false), server: bytes(true) };
}
