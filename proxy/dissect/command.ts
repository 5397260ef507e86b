import { Command, CommanderError } from 'commander';
import type { Writable } from 'node:stream';
import { KeyLog } from '#keys/key-log.ts';
import { limits } from '#recording/limits.ts';
import { readCapture } from '#recording/read-capture.ts';
import { RecordingError } from '#recording/recording-error.ts';
import { writePieces } from '../feed/log-stream.ts';
import { givenFile, GivenFileError } from '../given-file.ts';
import { givenKey, withGivenKey } from '../given-key.ts';
import { type Dissected, DissectedCapture } from './dissected.ts';
import { jsonLine } from './json-lines.ts';
import { coloured, plain, treePrinter } from './tree.ts';

interface Flags {
  readonly keylog?: string;
  readonly privateKey?: string;
  readonly json?: boolean;
}

// Lines are short; a write for each would cost more than making them.
const PIECE_CHARACTERS = 64 * 1024;

// What is no key log at all has thousands of them.
const MOST_FAULTS = 5;

const HELP = `
With --json, each line is an object:
  connection, client, server, direction, protocol, name
  time      nanoseconds since the capture began, of the first byte
  source    where the bytes are: wire, reassembled, decoded, decrypted
  bytes     how many
  sealed    why a record stays sealed though keys were lent
  fields    name, label, start, end (half-open, into the bytes of the line), value, meaning, malformed, children`;

/** `plainsight dissect FILE`: prints every message of a capture file. Exit codes: 0 done, 1 failed, 2 usage. */
export async function dissect(args: readonly string[]): Promise<void> {
  const wanted = readArguments(args);
  if (!wanted) return;
  endQuietlyWithReader();
  try {
    await print(wanted.file, wanted.flags, process.stdout);
  } catch (error) {
    if (!(error instanceof GivenFileError || error instanceof RecordingError)) throw error;
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
    .option(
      '--private-key <file>',
      'the RSA key of a site (PEM or DER), which opens its TLS connections with static RSA',
    )
    .option('--json', 'print lines of JSON, one a message')
    .addHelpText('after', HELP)
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
  const bytes = await givenFile(file, limits.fileBytes);
  const keylog =
    flags.keylog === undefined
      ? undefined
      : (await givenFile(flags.keylog, limits.keyLogBytes)).toString('utf8');
  const key = flags.privateKey === undefined ? undefined : await givenKey(flags.privateKey);
  const recording = readCapture(bytes, keylog === undefined ? {} : { keylog });
  for (const sentence of recording.notes) note(sentence);
  if (keylog !== undefined) noteFaults(keylog);
  const events = key ? withGivenKey(recording.events, key) : recording.events;
  const capture = new DissectedCapture(events);
  const toText = flags.json ? jsonLine : treePrinter(wantsColour() ? coloured : plain);
  await writePieces(gathered(capture.messages(), toText), to);
}

function noteFaults(keylog: string): void {
  const faults = new KeyLog().add(keylog);
  for (const { line, reason } of faults.slice(0, MOST_FAULTS)) note(`Line ${line} of the key log: ${reason}`);
  const left = faults.length - MOST_FAULTS;
  if (left > 0) note(left === 1 ? 'And 1 more line like that.' : `And ${left} more lines like these.`);
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
