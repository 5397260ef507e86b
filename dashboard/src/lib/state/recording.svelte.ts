import type { ApiError, ImportAnswer, Lab } from '#contract';
import type { Notices } from './notices.svelte.ts';

/** An import takes this long before the page says that it is at work. */
const PATIENCE_MS = 1000;
const FAILURE = 'The capture was not opened';
const MAGICS = ['0a0d0d0a', 'd4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '1f8b'];

/** A capture, with its key logs, and what they are called. */
interface Wanted {
  readonly name: string;
  readonly capture: File;
  readonly keyLogs: readonly File[];
}

type Report = ImportAnswer & { readonly notes?: readonly string[] };

/** What was opened from a file, and the opening of it. */
export class RecordingState {
  isOpening = $state(false);
  /** Name of the file whose opening takes more than a moment. */
  slow = $state<string>();
  /** There is a live lab to go back to; without one, the program shows a file and nothing else. */
  hasLab = $state(true);
  /** What waits to be opened until somebody agrees to lose what was captured live. */
  asked = $state.raw<Wanted>();
  readonly #notices: Notices;
  readonly #liveMessages: () => number;
  #capture: File | undefined;
  #report = $state.raw<Report>();

  /** `liveMessages` says how many messages of a live capture opening a file would forget. */
  constructor(notices: Notices, liveMessages: () => number = () => 0) {
    this.#notices = notices;
    this.#liveMessages = liveMessages;
  }

  async load(): Promise<void> {
    const lab = await fetch('/api/lab').then(
      async (response) => (response.ok ? ((await response.json()) as Lab) : undefined),
      () => undefined,
    );
    if (lab) this.hasLab = lab.routes.length > 0;
  }

  /** What could not be shown of the file that this epoch was read from, a sentence each, where it was opened here. */
  notesOf(epoch: number): readonly string[] {
    return this.#report?.epoch === epoch ? (this.#report.notes ?? []) : [];
  }

  /**
   * Opens a capture file, with a key log or without; a key log alone belongs to the capture opened last. Where that
   * forgets something captured live, it waits for `agree`.
   */
  async open(files: readonly File[]): Promise<void> {
    if (this.isOpening || files.length === 0) return;
    this.#notices.forget(FAILURE);
    const wanted = this.#wanted(files.map(({ name }) => name).join(', '), await sorted(files));
    if (wanted === undefined) return;
    if (this.#liveMessages() > 0) this.asked = wanted;
    else await this.#open(wanted);
  }

  /** Opens what was asked about. */
  async agree(): Promise<void> {
    const { asked } = this;
    this.asked = undefined;
    if (asked !== undefined) await this.#open(asked);
  }

  /** Leaves everything as it is. */
  decline(): void {
    this.asked = undefined;
  }

  async #open(wanted: Wanted): Promise<void> {
    if (this.isOpening) return;
    this.isOpening = true;
    const alarm = setTimeout(() => (this.slow = wanted.name), PATIENCE_MS);
    try {
      await this.#send(wanted);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#notices.add(FAILURE, `No answer came: ${why}.`, 'Is plainsight still running in its terminal?');
    } finally {
      clearTimeout(alarm);
      this.slow = undefined;
      this.isOpening = false;
    }
  }

  #wanted(name: string, { captures, keyLogs }: Sorted): Wanted | undefined {
    const [given, another] = captures;
    const capture = given ?? this.#capture;
    if (capture === undefined || another !== undefined) {
      const [why, todo] =
        another === undefined
          ? [
              'This is a key log, or no capture file at all.',
              'Open a pcap or pcapng file, alone or together with its key log.',
            ]
          : [
              'These are several captures.',
              'Open one of them, or merge them first, for example with mergecap.',
            ];
      this.#notices.add(FAILURE, why, todo);
      return undefined;
    }
    return { name, capture, keyLogs };
  }

  async #send({ capture, keyLogs }: Wanted): Promise<void> {
    const form = new FormData();
    form.set('capture', capture);
    if (keyLogs.length > 0) form.set('keylog', new Blob(keyLogs.flatMap((keyLog) => [keyLog, '\n'])));
    const response = await fetch('/api/import', { method: 'POST', body: form });
    // The server answers with the types of contract.ts, which is compiled into both ends.
    const answer = (await response.json()) as Report | ApiError;
    if ('error' in answer) {
      this.#notices.add(FAILURE, answer.error.message, answer.error.hint);
      return;
    }
    this.#capture = capture;
    this.#report = answer;
  }
}

interface Sorted {
  readonly captures: readonly File[];
  readonly keyLogs: readonly File[];
}

/** Told apart by how they begin, whatever they are called. A lone file that is neither is for the lab to refuse. */
async function sorted(files: readonly File[]): Promise<Sorted> {
  const [captures, keyLogs]: [File[], File[]] = [[], []];
  for (const file of files) {
    const start = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
    const hex = Array.from(start.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const isCapture = MAGICS.some((magic) => hex.startsWith(magic));
    const isKeyLog = !isCapture && /^(#|[A-Z_0-9]+ [0-9a-f]{16,} )/im.test(new TextDecoder().decode(start));
    if (isKeyLog) keyLogs.push(file);
    else captures.push(file);
  }
  return { captures, keyLogs };
}
