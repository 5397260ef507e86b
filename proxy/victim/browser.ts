import type { BrowserStatus } from '#contract';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { browserFlags, type Door } from './browser-flags.ts';
import { trustAuthoritiesInProfile, trustLeafFlag, type BrowserTrust } from './browser-trust.ts';
import { KeyLogFile } from './key-log-file.ts';
import { removeProfile } from './remove-profile.ts';

export interface DemoBrowserOptions {
  /** The browser's path; undefined when none is installed. */
  readonly path: string | undefined;
  /** A private folder to make the temporary profiles in. */
  readonly folder: string;
  readonly authorityPem: string;
  readonly leafPem: string;
  readonly doors: readonly Door[];
  readonly addresses: readonly string[];
  readonly changed: (status: BrowserStatus) => void;
  /** Told of each line of the browser's key log, without its end, soon after it was written. */
  readonly keyLogged: (line: string) => void;
}

interface RunningBrowser {
  readonly process: ChildProcess;
  readonly profile: string;
  readonly keyLog: KeyLogFile;
}

/** The browser cannot be started: `message` says what happened, `hint` what to do. */
export class BrowserError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

// How long a browser must stay alive before its start counts as one.
const settleMilliseconds = 700;

/** The user's own Chrome, Edge or Chromium as the victim, in a temporary profile that goes when it closes. */
export class DemoBrowser {
  readonly #options: DemoBrowserOptions;
  #running: RunningBrowser | undefined;
  #trust: BrowserTrust = 'authority in the profile';
  /** Of a CA that is trusted besides the lab's for as long as somebody wants it. */
  #trustedToo: readonly [pem: string] | undefined;
  /** Opening and closing wait for each other, whoever asks. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: DemoBrowserOptions) {
    this.#options = options;
  }

  get status(): BrowserStatus {
    const { path } = this.#options;
    return {
      ...(path === undefined ? {} : { path }),
      running: this.#running !== undefined,
      note: path === undefined ? noBrowser : this.#trustedToo ? trustedTooNote : trustNotes[this.#trust],
    };
  }

  /** Starts the browser on the lab's addresses; one that runs already stays. Throws `BrowserError`. */
  open(): Promise<BrowserStatus> {
    return this.#inTurn(() => this.#start());
  }

  /** Ends the browser and removes its profile; resolves when both are gone. */
  close(): Promise<BrowserStatus> {
    return this.#inTurn(() => this.#stop());
  }

  /** A fresh profile: what the browser had stored (cookies, cache) is gone. One that does not run is not started. */
  restart(): Promise<BrowserStatus> {
    return this.#inTurn(async () => {
      if (!this.#running) return;
      await this.#stop();
      await this.#start();
    });
  }

  /**
   * Trusts this CA too, from the next start on and in no profile but those; without one, as before. One that runs is
   * started anew, in a fresh profile. Rejects with `BrowserError` when it can't be; it then trusts nobody more.
   */
  async trustToo(pem?: string): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#trustedToo?.[0] === pem) return;
      // By its key a CA can't be trusted: that would switch its name constraints off.
      if (pem !== undefined && this.#trust === 'this one certificate') {
        throw new BrowserError('no-profile-trust', noProfileTrust, noProfileTrustHint);
      }
      const wasRunning = this.#running !== undefined;
      await this.#stop();
      this.#trustedToo = pem === undefined ? undefined : [pem];
      try {
        if (wasRunning) await this.#start();
        else this.#options.changed(this.status);
      } catch (error) {
        this.#trustedToo = undefined;
        throw error;
      }
    });
  }

  /**
   * The site said that this browser refused its certificate: this browser does not honour the list in its profile.
   * Starts it again with the narrower trust, once.
   */
  async certificateRefused(): Promise<void> {
    if (!this.#running || this.#trust === 'this one certificate') return;
    this.#trust = 'this one certificate';
    await this.restart();
  }

  /** Synchronous, for the end of the process. */
  killNow(): void {
    const running = this.#running;
    if (!running) return;
    running.process.kill('SIGKILL');
    running.keyLog.close();
    removeIfPossible(running.profile);
  }

  async #inTurn(act: () => Promise<void>): Promise<BrowserStatus> {
    const turn = this.#turn.catch(() => undefined).then(act);
    this.#turn = turn;
    await turn;
    return this.status;
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    const ended = once(running.process, 'exit');
    const pipe = running.process.stdio[3] as Writable;
    pipe.write('{"id":1,"method":"Browser.close"}\0');
    const impatience = setTimeout(() => running.process.kill('SIGKILL'), 1500);
    await ended;
    clearTimeout(impatience);
  }

  async #start(): Promise<void> {
    const { path, folder, authorityPem, leafPem, doors, addresses, changed, keyLogged } = this.#options;
    if (this.#running) return;
    if (path === undefined) throw new BrowserError('no-browser', noBrowser, noBrowserHint);
    const profile = mkdtempSync(join(folder, 'browser-'));
    await trustAuthoritiesInProfile(profile, authorityPem, ...(this.#trustedToo ?? []));
    // In the profile, so that it goes with it.
    const keyLogPath = join(profile, 'key-log.txt');
    const keyLog = new KeyLogFile(keyLogPath, keyLogged);
    const flags = browserFlags({ profile, keyLog: keyLogPath, doors }, process.getuid?.() === 0);
    if (this.#trust === 'this one certificate') flags.push(trustLeafFlag(leafPem));

    const browser = spawn(path, [...flags, ...addresses], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    // What the browser answers over its pipe is read and dropped; unread, it would block.
    (browser.stdio[4] as NodeJS.ReadableStream).resume();
    browser.stdio[3]?.on('error', () => undefined);
    let lastWords = '';
    browser.stderr?.on('data', (chunk: Buffer) => (lastWords = (lastWords + chunk.toString()).slice(-2000)));

    const running = { process: browser, profile, keyLog };
    this.#running = running;
    const ended = new Promise<string>((resolve) => {
      browser.once('error', (error) => resolve(error.message));
      browser.once('exit', (code, signal) => resolve(`it ended at once (${signal ?? `exit code ${code}`})`));
    });
    void ended.then(() => {
      if (this.#running === running) this.#running = undefined;
      keyLog.close();
      removeIfPossible(profile);
      changed(this.status);
    });

    const fault = await Promise.race([ended, settled()]);
    if (fault === undefined) {
      changed(this.status);
      return;
    }
    throw new BrowserError(
      'browser-ended',
      `The browser at ${path} did not start: ${fault}. ${reasonIn(lastWords)}`.trim(),
      'Is there a screen to show it on? The scripted victim works without one. Choose another with --browser PATH.',
    );
  }
}

const noBrowser = 'No Chrome, Edge or Chromium was found.';
const noBrowserHint =
  'Install one, or name it with --browser PATH or CHROME_PATH. The scripted victim works without a browser.';

const noProfileTrust = 'This browser ignores certificates that are listed in its profile.';
const noProfileTrustHint = 'Arm it without the trust, or use another browser: --browser PATH.';

const trustedTooNote =
  'The stranger’s CA is trusted too, in this temporary profile only, until the attack is disarmed.';

const trustNotes: Record<BrowserTrust, string> = {
  'authority in the profile': "The lab's CA is trusted in the browser's temporary profile only.",
  'this one certificate':
    "This browser ignores certificates listed in its profile, so it accepts the site's certificate by its key instead, in its temporary profile only.",
};

// Chromium complains of a missing D-Bus on every start; that is never the reason. What it says begins with numbers
// and the place in its source, in brackets.
function reasonIn(lastWords: string): string {
  const line = lastWords.split('\n').findLast((words) => words.trim() !== '' && !words.includes('dbus'));
  return (line ?? '').replace(/^\[[^\]]*\] ?/, '');
}

function settled(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, settleMilliseconds, undefined));
}

// What could not be removed goes with the private folder, at the latest when the next lab starts.
function removeIfPossible(profile: string): void {
  try {
    removeProfile(profile);
  } catch (error) {
    process.emitWarning(`the demo browser's profile could not be removed yet: ${String(error)}`);
  }
}
