import type { LogEvent } from '#contract';
import type { CaptureItem, RecordedPacket } from './capture-item.ts';
import { Conversations } from './conversations.ts';
import { EventList } from './event-list.ts';
import { Fragments } from './fragments.ts';
import { readIp } from './ip.ts';
import { KeyLines, keysLeftOut } from './key-lines.ts';
import { limits } from './limits.ts';
import { ipStart } from './link.ts';
import { Names } from './names.ts';
import { Notes } from './notes.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';
import { RecordingError } from './recording-error.ts';
import { restore } from './restore.ts';
import { saidNames } from './said-names.ts';

/** What a capture file holds, as a log would have it. */
export interface Recording {
  /**
   * One epoch of source `recorded`, its events in order. Numbered from 1 without gaps; in a file of ours as they
   * were numbered when it was written, where gaps stand for what the log had dropped or the file withholds.
   */
  readonly events: readonly LogEvent[];
  /** What could not be shown and why, a sentence each. */
  readonly notes: readonly string[];
}

export interface ReadingOptions {
  /** The text of a key log (SSLKEYLOGFILE) for what the capture holds. */
  readonly keylog?: string;
}

// Few enough pieces that whoever pauses in between keeps its other promises.
const piecesBetweenPauses = 512;

/**
 * Reads a capture file, pcap or pcapng, of any program: Ethernet, loopback, raw IP or Linux cooked packets, IPv4 and
 * IPv6, TCP put in order and UDP. A file of ours gives the events it was written from. Throws `RecordingError`, and
 * nothing else, when there is nothing to show. The bytes of the events are views of `bytes` where that is possible.
 */
export function readCapture(bytes: Uint8Array, options: ReadingOptions = {}): Recording {
  const steps = readCaptureInSteps(bytes, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same in steps of a few milliseconds, for whoever has other things to do in between. */
export function* readCaptureInSteps(
  bytes: Uint8Array,
  { keylog }: ReadingOptions = {},
): Generator<undefined, Recording> {
  const notes = new Notes();
  if (bytes.length > limits.fileBytes) {
    throw new RecordingError(
      'file-too-large',
      `The file is larger than ${limits.fileBytes / 1024 / 1024} MiB.`,
      'Save the part you want to look at as a file of its own, in Wireshark with “Export Specified Packets”.',
    );
  }
  // Whatever it is in detail: views of a Buffer would be Buffers.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { events, keys: inFile } = yield* readEvents(plain, notes);
  if (inFile.length === 0 && keylog === undefined) return { events, notes: notes.list() };
  const keys = new KeyLines(events, notes);
  yield* keys.addOwn(inFile.join('\n'));
  if (keylog !== undefined) yield* keys.addGiven(keylog);
  return { events: [...events, ...keys.found], notes: notes.list() };
}

function* readEvents(
  bytes: Uint8Array,
  notes: Notes,
): Generator<undefined, { events: readonly LogEvent[]; keys: readonly string[] }> {
  const ownNotes = new Notes();
  const restored = yield* restore(itemsOf(bytes, ownNotes), ownNotes);
  if (typeof restored === 'object') {
    for (const note of ownNotes.list()) notes.say(note);
    return { events: restored.events, keys: restored.addedKeys };
  }
  if (restored === 'changed') {
    notes.say('The file was written here and changed since; it was read like any other.');
  }
  const reading = new Reading(notes);
  yield* reading.readAll(itemsOf(bytes, notes));
  return { events: yield* reading.events(), keys: reading.keys };
}

/** What the file holds, piece by piece. */
function itemsOf(bytes: Uint8Array, notes: Notes): Generator<CaptureItem, void> {
  if (isPcapng(bytes)) return readPcapng(bytes, notes);
  if (isPcap(bytes)) return readPcap(bytes, notes);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new RecordingError(
      'compressed',
      'The file is compressed.',
      'Unpack it first, for example with gunzip.',
    );
  }
  throw new RecordingError(
    'unknown-format',
    'This is no capture file.',
    'Open a pcap or pcapng file, as Wireshark, tcpdump and plainsight save them.',
  );
}

class Reading {
  readonly keys: string[] = [];
  readonly #notes: Notes;
  readonly #list = new EventList();
  readonly #names = new Names();
  readonly #fragments: Fragments;
  readonly #conversations: Conversations;
  #packets = 0;
  #keyBytes = 0;
  #hasLeftKeysOut = false;

  constructor(notes: Notes) {
    this.#notes = notes;
    this.#fragments = new Fragments(notes);
    this.#conversations = new Conversations(this.#list, notes, this.#names);
  }

  *readAll(items: Iterable<CaptureItem>): Generator<undefined> {
    let pieces = 0;
    for (const item of items) {
      pieces += 1;
      if (pieces % piecesBetweenPauses === 0) yield;
      if (item.kind === 'names') this.#names.learn(item.names);
      else if (item.kind === 'secrets') this.#lend(item.text);
      else if (item.kind === 'packet') {
        if (this.#packets >= limits.packets) {
          this.#notes.say(`No more than ${limits.packets} packets were read.`);
          break;
        }
        this.#packets += 1;
        this.#take(item);
      }
    }
    this.#fragments.end();
    yield* this.#conversations.end();
  }

  /** Servers are called as the file says, else as their client did, else as the lookups were answered. */
  *events(): Generator<undefined, readonly LogEvent[]> {
    if (this.#list.connections === 0) {
      const [why] = this.#notes.list();
      throw new RecordingError(
        'nothing-to-show',
        this.#packets === 0
          ? 'There is no packet in this file.'
          : `There is no TCP or UDP in this file. ${why ?? ''}`,
        'Capture where TCP over IP passes: on Ethernet, Wi-Fi (not in monitor mode) or loopback.',
      );
    }
    const said = yield* saidNames(this.#list.events);
    return this.#list.named(
      (connection, address) =>
        this.#names.given(address) ?? said.get(connection) ?? this.#names.answered(address),
    );
  }

  #take({ linkType, frame, time }: RecordedPacket): void {
    this.#list.tick(time);
    const start = ipStart(linkType, frame);
    if (typeof start === 'string') {
      this.#notes.passOver(start);
      return;
    }
    const datagram = readIp(frame.subarray(start), this.#fragments);
    if (typeof datagram === 'string') this.#notes.passOver(datagram);
    else if (datagram !== undefined) this.#conversations.take(datagram);
  }

  #lend(text: string): void {
    this.#keyBytes += text.length;
    if (this.#keyBytes <= limits.keyLogBytes) this.keys.push(text);
    else if (!this.#hasLeftKeysOut) this.#notes.say(keysLeftOut);
    this.#hasLeftKeysOut ||= this.#keyBytes > limits.keyLogBytes;
  }
}
