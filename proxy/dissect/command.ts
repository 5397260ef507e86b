import { Command, CommanderError } from 'commander';
import { readFile, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { KeyLog } from '#keys/key-log.ts';
import { limits } from '#recording/limits.ts';
import { readCapture } from '#recording/read-capture.ts';
import { RecordingError } from '#recording/recording-error.ts';
import { writePieces } from '../feed/log-stream.ts';
import { type Dissected, DissectedCapture } from './dissected.ts';
import { jsonLine } from './json-lines.ts';
import { coloured, plain, treeText } from './tree.ts';

interface Flags {
  readonly keylog?: string;
  readonly json?: boolean;
}

// Lines are short; a write for each would cost more than making them.
const PIECE_CHARACTERS = 64 * 1024;

/** A file that cannot be read, said in one sentence. */
class Unreadable extends Error {}

/** `plainsight dissect FILE`: prints every message of a capture file. Exit codes: 0 done, 1 failed, 2 usage. */
export async function dissect(args: readonly string[]): Promise<void> {
  const wanted = readArguments(args);
  if (!wanted) return;
  endQuietlyWithReader();
  try {
    await print(wanted.file, wanted.flags, process.stdout);
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof RecordingError)) throw error;
    const hint = error instanceof RecordingError ? ` ${error.hint}` : '';
    process.stderr.write(`plainsight: ${error.message}${hint}\n`);
    process.exitCode = 1;
  }
}

function readArguments(args: readonly string[]): { file: string; flags: Flags } | undefined {
  const command = new Command('plainsight dissect')
    .description('Prints every message of a capture file, field by field.')
    .argument('<file>', 'a pcap or pcapng file')
    .option('--keylog <file>', 'a key log (SSLKEYLOGFILE) that opens TLS connections of the capture')
    .option('--json', 'print lines of JSON, one a message')
    .allowExcessArguments(false)
    .exitOverride();
  try {
    command.parse([...args], { from: 'user' });
    return { file: command.args[0] ?? '', flags: command.opts<Flags & Record<string, unknown>>() };
  } catch (error) {
    // Commander has printed help or the mistake already.
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
    return undefined;
  }
}

async function print(file: string, flags: Flags, to: Writable): Promise<void> {
  const bytes = await contentOf(file, limits.fileBytes);
  const keylog =
    flags.keylog === undefined
      ? undefined
      : (await contentOf(flags.keylog, limits.keyLogBytes)).toString('utf8');
  const recording = readCapture(bytes, keylog === undefined ? {} : { keylog });
  for (const sentence of recording.notes) note(sentence);
  const capture = new DissectedCapture(recording.events);
  if (keylog !== undefined) noteKeyUse(keylog, capture);
  const colours = wantsColour() ? coloured : plain;
  const toText = flags.json ? jsonLine : (dissected: Dissected) => treeText(dissected, colours);
  await writePieces(gathered(capture.messages(), toText), to);
}

async function contentOf(file: string, most: number): Promise<Buffer> {
  try {
    const about = await stat(file);
    if (about.isDirectory()) throw new Unreadable(`${file} is a folder.`);
    if (about.size > most)
      throw new Unreadable(`${file} is larger than the ${most / 1024 / 1024} MiB that are read.`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new Unreadable(
      code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${code}).`,
    );
  }
}

function noteKeyUse(keylog: string, capture: DissectedCapture): void {
  for (const { line, reason } of new KeyLog().add(keylog)) note(`Line ${line} of the key log: ${reason}`);
  const { connections, withKeys } = capture.keyUse();
  if (connections === 0) note('There is no TLS handshake in this capture for the key log to open.');
  else if (withKeys === 0)
    note(
      `The key log has no line for ${connections === 1 ? 'the TLS connection' : `any of the ${connections} TLS connections`} in this capture.`,
    );
}

function note(sentence: string): void {
  process.stderr.write(`plainsight: ${sentence}\n`);
}

function* gathered(
  messages: Iterable<Dissected>,
  toText: (dissected: Dissected) => string,
): Generator<string> {
  let waiting = '';
  for (const dissected of messages) {
    waiting += toText(dissected);
    if (waiting.length < PIECE_CHARACTERS) continue;
    yield waiting;
    waiting = '';
  }
  if (waiting !== '') yield waiting;
}

// Whoever reads may have seen enough (`| head`): that is no failure.
function endQuietlyWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

function wantsColour(): boolean {
  const { NO_COLOR } = process.env;
  return process.stdout.isTTY && (NO_COLOR === undefined || NO_COLOR === '');
}
