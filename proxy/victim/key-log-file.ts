import { closeSync, openSync, readSync, watch, type FSWatcher } from 'node:fs';

// The longest line of the format, an EXPORTER_SECRET of 48 bytes, has 178 characters.
const longestLine = 1024;
// Where the system tells of no changes (some network folders), or has no watch left to give.
const pollMilliseconds = 200;
const newline = 0x0a;

/**
 * A key log (SSLKEYLOGFILE form) that another process appends to, followed while it grows. Each line is told once,
 * without its end, when its end has been written; an overlong one is passed over. Nobody else can read the file.
 */
export class KeyLogFile {
  readonly #tell: (line: string) => void;
  readonly #file: number;
  readonly #watcher: FSWatcher | undefined;
  readonly #poll: NodeJS.Timeout;
  readonly #buffer = Buffer.alloc(16 * 1024);
  #position = 0;
  #partial = '';
  #isOverlong = false;
  #isOver = false;

  /** Makes the file, empty; throws when anything of that name is there, a symbolic link included. */
  constructor(path: string, tell: (line: string) => void) {
    this.#tell = tell;
    this.#file = openSync(path, 'wx+', 0o600);
    this.#watcher = watchIfPossible(path, () => this.#read());
    this.#poll = setInterval(() => this.#read(), pollMilliseconds).unref();
  }

  /** Tells what was written until now, and no more after that. May be called again. */
  close(): void {
    if (this.#isOver) return;
    this.#read();
    this.#isOver = true;
    clearInterval(this.#poll);
    this.#watcher?.close();
    closeSync(this.#file);
  }

  #read(): void {
    if (this.#isOver) return;
    for (;;) {
      const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, this.#position);
      if (length === 0) return;
      this.#position += length;
      this.#take(this.#buffer.subarray(0, length));
    }
  }

  #take(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.#extend(bytes.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    this.#extend(bytes.subarray(start));
  }

  #extend(bytes: Buffer): void {
    this.#isOverlong ||= this.#partial.length + bytes.length > longestLine;
    this.#partial = this.#isOverlong ? '' : this.#partial + bytes.toString('latin1');
  }

  #endLine(): void {
    const line = this.#partial.trimEnd();
    this.#partial = '';
    if (!this.#isOverlong && line !== '') this.#tell(line);
    this.#isOverlong = false;
  }
}

function watchIfPossible(path: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
