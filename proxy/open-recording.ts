import type { Persona } from '#contract';
import { limits } from '#recording/limits.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureLog } from './capture/log.ts';
import { FindingsReader } from './feed/findings.ts';
import { readUpload } from './feed/import-api.ts';
import { startFeed, type Feed } from './feed/server.ts';
import { givenFile } from './given-file.ts';
import { givenKey, withGivenKey } from './given-key.ts';
import type { RunningLab } from './main.ts';

export interface RecordingOptions {
  /** Path of the capture file. */
  readonly file: string;
  /** Path of a key log for it. */
  readonly keylog?: string;
  /** Path of a site's RSA key, for the screen of the stolen private key. */
  readonly privateKey?: string;
  readonly port: number;
  readonly strictPort: boolean;
}

/** What only a running lab can do. */
class NoLabError extends Error {
  readonly code = 'no-lab';
  readonly hint = 'Start plainsight without "open" for a lab with a victim and a site.';

  constructor() {
    super('There is no lab behind this file.');
  }
}

const root = join(import.meta.dirname, '..');
const nobody: Persona = { name: '', mobile: '', password: '' };

/**
 * Shows a capture file in the dashboard, and starts nothing else: no site, no relay, no certificate. Throws
 * `RecordingError` when the file cannot be shown, `GivenFileError` when it cannot be read.
 */
export async function openRecording(options: RecordingOptions): Promise<RunningLab> {
  const capture = await givenFile(options.file, limits.fileBytes);
  const keylog =
    options.keylog === undefined
      ? {}
      : { keylog: (await givenFile(options.keylog, limits.keyLogBytes)).toString() };
  const key = options.privateKey === undefined ? undefined : await givenKey(options.privateKey);
  const recording = await readUpload({ capture, ...keylog });
  for (const note of recording.notes) process.stderr.write(`plainsight: ${note}\n`);
  const log = new CaptureLog();
  log.beginRecorded(key ? withGivenKey(recording.events, key) : recording.events);
  const findings = new FindingsReader(log);
  // The feed comes last, and says where it is.
  const parts: { feed?: Feed } = {};
  const lab = () => ({
    version: version(),
    epoch: log.epoch,
    dashboard: `http://127.0.0.1:${parts.feed?.port ?? 0}`,
    token: parts.feed?.token ?? '',
    ca: '',
    routes: [],
  });
  const refused = () => Promise.reject(new NoLabError());
  const refusedAtOnce = () => {
    throw new NoLabError();
  };
  const feed = await startFeed({
    log,
    dashboard: join(root, 'dashboard/dist'),
    port: options.port,
    strictPort: options.strictPort,
    commands: {
      lab,
      victim: () => ({
        persona: nobody,
        browser: { running: false, note: 'There is no lab behind this file.' },
      }),
      findings: () => findings.read(),
      login: refused,
      chat: refused,
      reset: refused,
      stepping: () => ({ mode: 'live', lanes: { http: 'live', https: 'live' }, held: [] }),
      // Nothing crosses that could be held, and the calls refuse to.
      setStepping: () => undefined,
      next: () => undefined,
      experiments: () => [],
      runExperiment: refused,
      attacks: () => [],
      runAttack: refused,
      armAttack: refusedAtOnce,
      disarmAttack: refusedAtOnce,
      openBrowser: refused,
      closeBrowser: refused,
    },
  });
  parts.feed = feed;
  return {
    lab: lab(),
    close: () => feed.close(),
    abandon: () => undefined,
  };
}

function version(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
